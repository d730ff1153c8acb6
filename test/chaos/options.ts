/** The command line of `npm run chaos`. */

import { anyText, flag, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { number, type Parsed, parseTool, someOf, whole } from "../support/tool-options.js";
import { FAULTS, KAFKA_FAULTS } from "./faults.js";

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

/** In front of the name of a fault that is done to `alert-digest translate`. */
export const TRANSLATE = "translate-";

const ALL = [
  ...FAULTS,
  ...KAFKA_FAULTS.map(({ name, title }) => ({ name: `${TRANSLATE}${name}`, title: `translate: ${title}` })),
];
const NAMES: readonly string[] = ALL.map(({ name }) => name);

const OPTIONS = {
  minutes: withDefault(
    "N",
    number(0, 10_000),
    "20",
    "altogether, shared out among the faults; each is done once at least",
  ),
  seed: withDefault("S", whole(0, 2 ** 31 - 1), "1", "of the first run of each fault"),
  seeds: withDefault("N", whole(1, 1_000), "1", "runs of each fault, with seeds S, S + 1, ..."),
  only: option("FAULT,...", { ...someOf(NAMES), expected: "names of faults, comma separated" }, "these faults"),
  devices: withDefault("N", whole(1, 10_000), "20", "devices that send"),
  rate: withDefault("N", whole(1, 20_000), "250", "alerts per second over all devices"),
  json: option("FILE", anyText, "the results as JSON"),
  logs: option("DIR", anyText, "logs of all instances of each run"),
  write: flag("put the matrix into docs/failure-matrix.md"),
};

export const USAGE = `${usageOf("usage: npm run chaos --", OPTIONS)}

Kafka, three instances of the product, a mail server, a proxy between every two of them, devices that never stop talking; one
fault after the other, books kept per alert; then the same for instances of translate. Prints the failure matrix; exit code 1 when a goal is missed.

${optionLines(OPTIONS)}

Faults:
${ALL.map(({ name, title }) => `  ${name.padEnd(28)}${title}`).join("\n")}
`;

export const parseOptions = (argv: readonly string[]): Parsed<ChaosOptions> =>
  parseTool("chaos", OPTIONS, argv, ({ only = NAMES, ...rest }) => ({ ...rest, faults: only }));
