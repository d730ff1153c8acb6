import { parseArgs } from "node:util";
import { numberOption, type Parsed } from "../support/command.js";

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

export type ParsedOptions = Parsed<OutageOptions>;

export const USAGE = `usage: npm run outage -- [--minutes N] [--rate N] [--devices N] [--catch-up merge|separate] [--real-time] [--json FILE] [--write]

Real Kafka, the product as a process with its default limits, no mail server: alerts of an hour. Then the mail server comes, and every
alert has to be in exactly one mail, in order. Exit code 1 when one is not, or when more was in memory than the limits allow.

  --minutes N      length of the outage, as the alerts' timestamps tell it      (60)
  --rate N         alerts per second, over all devices                          (1000)
  --devices N      (200)
  --partitions N   (12)
  --catch-up MODE  merge or separate; without it, one after the other
  --hold N         seconds for which the full buffer is watched                 (20)
  --real-time      alerts are written as time goes by, so an hour takes an hour
  --max-alerts N   BUFFER_MAX_ALERTS                                            (the product's default)
  --seed S         (1)
  --json FILE      the results as JSON
  --write          put the results into docs/failure-matrix.md
`;

const NUMBERS = {
  minutes: { lowest: 0.1, highest: 1_440, fallback: 60 },
  rate: { lowest: 1, highest: 20_000, fallback: 1_000 },
  devices: { lowest: 1, highest: 60_000, fallback: 200 },
  partitions: { lowest: 1, highest: 200, fallback: 12 },
  hold: { lowest: 0, highest: 3_600, fallback: 20 },
  seed: { lowest: 0, highest: 2 ** 31 - 1, fallback: 1 },
  "max-alerts": { lowest: 1, highest: 1_000_000_000, fallback: undefined },
} as const;

/** Serial numbers have eight digits. */
const MAX_ALERTS = 99_999_999;

export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        minutes: { type: "string" },
        rate: { type: "string" },
        devices: { type: "string" },
        partitions: { type: "string" },
        hold: { type: "string" },
        seed: { type: "string" },
        "max-alerts": { type: "string" },
        "catch-up": { type: "string" },
        "real-time": { type: "boolean" },
        json: { type: "string" },
        write: { type: "boolean" },
      },
    });
    if (values.help) return { kind: "help" };
    const optional = (name: keyof typeof NUMBERS): number | undefined => {
      return numberOption(name, values[name], { ...NUMBERS[name], whole: name !== "minutes" });
    };
    const number = (name: Exclude<keyof typeof NUMBERS, "max-alerts">): number => optional(name) as number;
    const catchUp = CATCH_UPS.find((mode) => mode === values["catch-up"]);
    if (values["catch-up"] !== undefined && catchUp === undefined) throw new Error("--catch-up is merge or separate");
    if (number("minutes") * 60 * number("rate") > MAX_ALERTS) throw new Error(`more than ${MAX_ALERTS} alerts`);
    return {
      kind: "run",
      options: {
        minutes: number("minutes"),
        rate: number("rate"),
        devices: number("devices"),
        partitions: number("partitions"),
        seed: number("seed"),
        catchUps: catchUp === undefined ? CATCH_UPS : [catchUp],
        holdSeconds: number("hold"),
        realTime: values["real-time"] ?? false,
        bufferMaxAlerts: optional("max-alerts"),
        json: values.json,
        write: values.write ?? false,
      },
    };
  } catch (error) {
    return { kind: "wrong", message: (error as Error).message };
  }
}
