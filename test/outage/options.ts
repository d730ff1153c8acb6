/** The command line of `npm run outage`. */

import { anyText, fail, flag, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { oneOf } from "#src/config/values.js";
import { number, type Parsed, parseTool, whole } from "../support/tool-options.js";

export const CATCH_UPS = ["merge", "separate"] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

export interface OutageOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly devices: number;
  readonly partitions: number;
  readonly seed: number;
  readonly catchUps: readonly CatchUp[];
  /** How long the full buffer is watched before the mail server comes; not in real time. */
  readonly holdSeconds: number;
  readonly realTime: boolean;
  /** Undefined: the product's default. */
  readonly bufferMaxAlerts: number | undefined;
  readonly json: string | undefined;
  readonly write: boolean;
}

const OPTIONS = {
  minutes: withDefault("N", number(0.1, 1_440), "60", "length of the outage, as the alerts' timestamps tell it"),
  rate: withDefault("N", whole(1, 20_000), "1000", "alerts per second, over all devices"),
  devices: withDefault("N", whole(1, 60_000), "200", "devices that send"),
  partitions: withDefault("N", whole(1, 200), "12", "partitions of the topic"),
  "catch-up": option("MODE", oneOf(CATCH_UPS), "merge or separate; without it, one after the other"),
  hold: withDefault("N", whole(0, 3_600), "20", "seconds for which the full buffer is watched"),
  "real-time": flag("alerts are written as time goes by, so an hour takes an hour"),
  "max-alerts": option("N", whole(1, 1_000_000_000), "BUFFER_MAX_ALERTS, instead of the product's default"),
  seed: withDefault("S", whole(0, 2 ** 31 - 1), "1", "another number, other alerts"),
  json: option("FILE", anyText, "the results as JSON"),
  write: flag("put the results into docs/failure-matrix.md"),
};

export const USAGE = `${usageOf("usage: npm run outage --", OPTIONS)}

Real Kafka, the product as a process with its default limits, no mail server: alerts of an hour. Then the mail server comes, and every
alert has to be in exactly one mail, in order. Exit code 1 when one is not, or when more was in memory than the limits allow.

${optionLines(OPTIONS)}
`;

/** Serial numbers have eight digits. */
const MAX_ALERTS = 99_999_999;

export const parseOptions = (argv: readonly string[]): Parsed<OutageOptions> =>
  parseTool("outage", OPTIONS, argv, (values) => {
    const { "catch-up": catchUp, "real-time": realTime, "max-alerts": bufferMaxAlerts, hold, ...rest } = values;
    if (rest.minutes * 60 * rest.rate > MAX_ALERTS) fail(`more than ${MAX_ALERTS} alerts`);
    const catchUps = catchUp === undefined ? CATCH_UPS : [catchUp];
    return { ...rest, catchUps, holdSeconds: hold, realTime, bufferMaxAlerts };
  });
