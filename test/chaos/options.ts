import { parseArgs } from "node:util";
import { numberOption, type Parsed } from "../support/command.js";
import { FAULTS } from "./faults.js";

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Names of faults, in the order they are done. */
  readonly faults: readonly string[];
  /** Seeds per fault. */
  readonly seeds: number;
  readonly devices: number;
  readonly rate: number;
  readonly json: string | undefined;
  readonly logs: string | undefined;
  readonly write: boolean;
}

export type ParsedOptions = Parsed<ChaosOptions>;

export const USAGE = `usage: npm run chaos -- [--minutes N] [--seed S] [--seeds N] [--only fault,...] [--json FILE] [--logs DIR] [--write]

Kafka, three instances of the product, a mail server, a proxy between every two of them, devices that never stop talking; one
fault after the other, books kept per alert. Prints the failure matrix; exit code 1 when a goal is missed.

  --minutes N     altogether, shared out among the faults; each is done once at least   (20)
  --seed S        of the first run of each fault                                        (1)
  --seeds N       runs of each fault, with seeds S, S + 1, ...                          (1)
  --only A,B      these faults
  --devices N     (20)
  --rate N        alerts per second over all devices                                    (250)
  --json FILE     the results as JSON
  --logs DIR      logs of all instances of each run
  --write         put the matrix into docs/failure-matrix.md

Faults:
${FAULTS.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join("\n")}
`;

const NUMBERS = {
  minutes: { lowest: 0, highest: 10_000, fallback: 20 },
  seed: { lowest: 0, highest: 2 ** 31 - 1, fallback: 1 },
  seeds: { lowest: 1, highest: 1_000, fallback: 1 },
  devices: { lowest: 1, highest: 10_000, fallback: 20 },
  rate: { lowest: 1, highest: 20_000, fallback: 250 },
} as const;

export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        minutes: { type: "string" },
        seed: { type: "string" },
        seeds: { type: "string" },
        devices: { type: "string" },
        rate: { type: "string" },
        only: { type: "string" },
        json: { type: "string" },
        logs: { type: "string" },
        write: { type: "boolean" },
      },
    });
    if (values.help) return { kind: "help" };
    const number = (name: keyof typeof NUMBERS): number => {
      return numberOption(name, values[name], { ...NUMBERS[name], whole: name !== "minutes" });
    };
    const known = FAULTS.map(({ name }) => name);
    const faults = values.only?.split(",") ?? known;
    const unknown = faults.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Error(`no fault is called ${JSON.stringify(unknown)}`);
    return {
      kind: "run",
      options: {
        minutes: number("minutes"),
        seed: number("seed"),
        seeds: number("seeds"),
        devices: number("devices"),
        rate: number("rate"),
        faults,
        json: values.json,
        logs: values.logs,
        write: values.write ?? false,
      },
    };
  } catch (error) {
    return { kind: "wrong", message: (error as Error).message };
  }
}
