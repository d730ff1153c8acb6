/** The command line of `npm run bench`. */

import { anyText, flag, option, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { type Parsed, parseTool, someOf, whole } from "../support/tool-options.js";

export const PARTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "scale", "formats", "translate"] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly only: ReadonlySet<Part>;
  /** Alerts of (a), (b) and (i). */
  readonly alerts: number;
  /** Mails of one run of (c). */
  readonly mails: number;
  /** Devices that close at once in (d) and (g); ten times as many in (h). */
  readonly devices: number;
  /** Windows of each product in (d), (g) and (h). */
  readonly windows: number;
  /** How often (a), (b), (c) and (i) are run, each time all contestants in turn. */
  readonly rounds: number;
  readonly out: string;
  /** An hour of backlog in (j). */
  readonly full: boolean;
  /** What others do takes part in (a), where it can be had. */
  readonly peers: boolean;
  /** A checkout of another build, built: it takes part in (a), (c), (d), (h), (j) and (k). */
  readonly against: string | undefined;
}

const count = whole(1, Number.MAX_SAFE_INTEGER);
const OPTIONS = {
  only: withDefault("PARTS", someOf(PARTS), PARTS.join(","), "these parts"),
  rounds: withDefault(
    "N",
    count,
    "5",
    "how often each contestant of a, b, c, i, j, k, formats and translate runs, in turn; medians are shown",
  ),
  alerts: withDefault("N", count, "1000000", "alerts of a, b and i, records of formats and translate"),
  mails: withDefault("N", count, "10000", "mails of one run of c and g"),
  devices: withDefault(
    "N",
    count,
    "1000",
    "devices that close at once in d and g, ten times as many in h; that send in j",
  ),
  windows: withDefault("N", count, "5", "windows of each product in d, g and h"),
  full: flag("an hour of backlog in j, instead of ten minutes"),
  peers: flag("a plain map of windows behind KafkaJS, and Kafka Streams, take part in a, where they can be had"),
  against: option("DIR", anyText, "a built checkout of another state, which takes part in a, c, d, h, j and k as well"),
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
  h   the event loop and /livez while ten times as many windows close at once
  i   CPU an alert with 1,000 devices, 100,000 and 1,000,000
  j   a backlog: until every alert is in an accepted mail
  k   a start: until the first batch; CPU time of --version
  scale  one, two and four instances share 1,000 alerts/s over 48 partitions, a 25th of --alerts
  formats  records/s of other formats through the consumer, against plain alerts
  translate  records/s from topic to topic, against a copy by KafkaJS alone

${optionLines(OPTIONS)}

Environment:
  KAFKA_BROKERS   a broker to use instead of an own one; topics of the bench's own are made there and deleted at the end
`;

export const parseOptions = (argv: readonly string[]): Parsed<BenchOptions> =>
  parseTool("bench", OPTIONS, argv, ({ only, ...rest }) => ({ ...rest, only: new Set(only) }));
