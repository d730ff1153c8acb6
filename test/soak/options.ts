/** The command line of `npm run soak`. */

import { anyText, fail, flag, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { number, type Parsed, parseTool, whole } from "../support/tool-options.js";

export interface SoakOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly devices: number;
  readonly partitions: number;
  readonly seed: number;
  readonly json: string | undefined;
  /** Results of an earlier run, instead of a run. */
  readonly from: string | undefined;
  readonly write: boolean;
}

const OPTIONS = {
  minutes: withDefault("N", number(2, 1_440), "120", "for which alerts are written"),
  rate: withDefault("N", whole(1, 20_000), "1000", "alerts per second, over all devices"),
  devices: withDefault("N", whole(1, 60_000), "2000", "devices that send"),
  partitions: withDefault("N", whole(4, 200), "48", "partitions of the topic"),
  seed: withDefault("S", whole(0, 2 ** 31 - 1), "1", "another number, other alerts"),
  json: option("FILE", anyText, "the result as JSON, with every sample; it is written anew each minute"),
  from: option("FILE", anyText, "no run: the report of one that --json has kept"),
  write: flag("put the report into docs/soak.md"),
};

export const USAGE = `${usageOf("usage: npm run soak --", OPTIONS)}

Real Kafka, two instances of the product as processes, more that join and leave, a mail server that goes away in between; for hours. Every
alert has to be in exactly one mail. Prints how memory went; exit code 1 when a goal is missed.

${optionLines(OPTIONS)}
`;

/** Serial numbers have eight digits. */
const MAX_ALERTS = 99_999_999;

export const parseOptions = (argv: readonly string[]): Parsed<SoakOptions> =>
  parseTool("soak", OPTIONS, argv, (values) => {
    if (values.minutes * 60 * values.rate > MAX_ALERTS) fail(`more than ${MAX_ALERTS} alerts`);
    return values;
  });
