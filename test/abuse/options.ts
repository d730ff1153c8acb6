/** The command line of `npm run abuse`. */

import { anyText, fail, flag, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { number, type Parsed, parseTool, someOf, whole } from "../support/tool-options.js";
import { ABUSES, type Abuse, PHASE_SECONDS_MIN, planOf } from "./plan.js";

/** What may not be passed. */
export interface Bounds {
  /** Milliseconds from the end of its window in which an alert of an ordinary device has to be in a mail: of 99 in 100, and of all. */
  readonly delayP99Ms: number;
  readonly delayMostMs: number;
  /** Milliseconds that `/livez` may take on the port for probes, where an instance has the processor whenever it wants it. */
  readonly livezMs: number;
  /** Bytes that an instance may have resident. */
  readonly rssBytes: number;
}

export interface AbuseOptions {
  readonly seconds: number;
  readonly windowMs: number;
  readonly devices: number;
  /** Alerts per second over all ordinary devices. */
  readonly rate: number;
  readonly seed: number;
  readonly abuses: readonly Abuse[];
  readonly bounds: Bounds;
  readonly out: string | undefined;
  readonly write: boolean;
}

const NAMES = Object.keys(ABUSES) as readonly Abuse[];

const OPTIONS = {
  seconds: withDefault("N", whole(1, 86_400), "3600", "altogether, shared out among the phases"),
  only: option("ABUSE,...", { ...someOf(NAMES), expected: "names of abuses, comma separated" }, "these abuses"),
  window: withDefault("SECONDS", number(1, 600), "30", "WINDOW_SIZE"),
  devices: withDefault("N", whole(1, 90), "20", "ordinary devices"),
  rate: withDefault("N", whole(1, 2_000), "20", "alerts per second over all ordinary devices"),
  seed: withDefault("S", whole(0, 2 ** 31 - 1), "1", "another number, other alerts of ordinary devices"),
  p99: withDefault(
    "SECONDS",
    number(0, 3_600),
    "10",
    "bound: 99 of 100 ordinary alerts are mailed so long after their window",
  ),
  delay: withDefault("SECONDS", number(0, 3_600), "30", "bound: all of them are"),
  livez: withDefault(
    "SECONDS",
    number(0, 3_600),
    "1",
    "bound: /livez takes no longer on the port for probes, in proportion where others take the processor",
  ),
  rss: withDefault("MB", whole(1, 1_000_000), "1024", "bound: most that an instance has resident"),
  out: option("FILE", anyText, "the result as JSON"),
  write: flag("put the table into docs/abuse.md"),
};

export const USAGE = `${usageOf("usage: npm run abuse --", OPTIONS)}

Kafka, two instances of the product, a mail server, ordinary devices; beside them each abuse alone, and all at once in between. Everything is on
this machine, and listens on loopback only. Prints a table; exit code 1 when an alert is lost or a bound is passed.

${optionLines(OPTIONS)}

Abuses:
${NAMES.map((name) => `  ${name.padEnd(10)}${ABUSES[name]}`).join("\n")}
`;

export const parseOptions = (argv: readonly string[]): Parsed<AbuseOptions> =>
  parseTool("abuse", OPTIONS, argv, ({ only = NAMES, window, p99, delay, livez, rss, ...rest }) => {
    const phases = planOf(rest.seconds, only).length;
    if (rest.seconds < phases * PHASE_SECONDS_MIN)
      fail(`--seconds ${rest.seconds}: ${phases} phases need ${phases * PHASE_SECONDS_MIN}`);
    const bounds: Bounds = {
      delayP99Ms: p99 * 1_000,
      delayMostMs: delay * 1_000,
      livezMs: livez * 1_000,
      rssBytes: rss * 2 ** 20,
    };
    return { ...rest, windowMs: window * 1_000, abuses: only, bounds };
  });
