/** The command line of `npm run demo`. */

import { flag, optionLines, usageOf, withDefault } from "#src/commands/options.js";
import { number, type Parsed, parseTool, whole } from "../support/tool-options.js";

export interface DemoOptions {
  readonly seconds: number;
  readonly devices: number;
  /** Alerts per second over the whole fleet; a storm comes on top. */
  readonly rate: number;
  readonly windowSeconds: number;
  readonly seed: number;
  /** Ends after its books, also where somebody watches. */
  readonly exit: boolean;
}

const OPTIONS = {
  seconds: withDefault("N", whole(1, 3_600), "90", "how long devices send, rounded up to the end of a window"),
  devices: withDefault("N", whole(1, 5_000), "30", "size of the fleet"),
  rate: withDefault("N", number(0.1, 2_000), "20", "alerts per second over the whole fleet"),
  window: withDefault("N", whole(1, 600), "30", "window size in seconds"),
  seed: withDefault("N", whole(0, 2 ** 31 - 1), "1", "another number, another fleet"),
  exit: flag("end after the books; elsewhere than on a terminal the demo always does"),
};

export const USAGE = `${usageOf("usage: npm run demo --", OPTIONS)}

Kafka, a fleet of simulated devices, two instances of the product and an inbox, all on this machine; then the books are
checked. On a terminal everything stays up until Ctrl-C.

${optionLines(OPTIONS)}

Environment:
  KAFKA_BROKERS   host:port,host:port of a plaintext broker to use instead of an own one; the demo makes topics and a
                  group of its own there and deletes them at the end
  LANG            language of the demo and its mails: Korean, else English
  MAIL_LOCALE, MAIL_TIMEZONE, LOG_LEVEL   handed to the product
`;

export const parseOptions = (argv: readonly string[]): Parsed<DemoOptions> =>
  parseTool("demo", OPTIONS, argv, ({ window, ...rest }) => ({ ...rest, windowSeconds: window }));
