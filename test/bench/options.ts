/** The command line of `npm run bench`. */

import { anyText, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { type Parsed, parseTool, someOf, whole } from "../support/tool-options.js";

export const PARTS = ["a", "b", "c", "d", "e", "f", "g"] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly only: ReadonlySet<Part>;
  /** Alerts of (a) and (b). */
  readonly alerts: number;
  /** Mails of one run of (c). */
  readonly mails: number;
  /** Devices that close at once in (d) and (g). */
  readonly devices: number;
  /** Windows of (d), and of each product in (g). */
  readonly windows: number;
  /** How often (a), (b) and (c) are run, each time all contestants in turn. */
  readonly rounds: number;
  readonly out: string;
  /** A checkout of another build, built: it takes part in (a). */
  readonly against: string | undefined;
}

const count = whole(1, Number.MAX_SAFE_INTEGER);
const OPTIONS = {
  only: withDefault("PARTS", someOf(PARTS), PARTS.join(","), "these parts"),
  rounds: withDefault("N", count, "5", "how often each contestant of a, b and c runs, in turn; medians are shown"),
  alerts: withDefault("N", count, "1000000", "alerts of a and b"),
  mails: withDefault("N", count, "10000", "mails of one run of c and g"),
  devices: withDefault("N", count, "1000", "devices that close at once in d and g"),
  windows: withDefault("N", count, "5", "windows of d, and of each product in g"),
  against: option("DIR", anyText, "a built checkout of another state, which takes part in a as well"),
  out: withDefault("FILE", anyText, "bench-results.json", "where the figures go as JSON"),
};

export const USAGE = `${usageOf("usage: npm run bench --", OPTIONS)}

  a   records/s through the consumer, against bare KafkaJS
  b   memory of a buffered alert, against parsed objects
  c   mails/s to a local server, against a plain nodemailer pool
  d   from a window's end to the accepted mail, all devices at once
  e   size of the checkpoint, with one device stuck, ten, a thousand
  f   a scrape of /metrics, with 48 partitions and ten thousand open windows
  g   mails/s with 10 mails a connection, against 100, in clear and with TLS;
      as d, beside a recipient who is always deferred

${optionLines(OPTIONS)}

Environment:
  KAFKA_BROKERS   a broker to use instead of an own one; topics of the bench's own are made there and deleted at the end
`;

export const parseOptions = (argv: readonly string[]): Parsed<BenchOptions> =>
  parseTool("bench", OPTIONS, argv, ({ only, ...rest }) => ({ ...rest, only: new Set(only) }));
