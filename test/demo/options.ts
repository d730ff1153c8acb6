/** The command line of `npm run demo`. */

import { optionLines, usageOf, withDefault } from "#src/commands/options.js";
import type { ValueParser } from "#src/config/values.js";
import { number, type Parsed, parseTool, whole } from "../support/tool-options.js";

export interface DemoOptions {
  readonly seconds: number;
  readonly devices: number;
  /** Alerts per second over the whole fleet; a storm comes on top. */
  readonly rate: number;
  readonly windowSeconds: number;
  readonly seed: number;
}

/** `5` or `5s`. */
const seconds = (lowest: number, highest: number): ValueParser<number> => {
  const parser = whole(lowest, highest);
  return { ...parser, parse: (text) => parser.parse(text.replace(/s$/, "")) };
};

const OPTIONS = {
  seconds: withDefault("N", seconds(1, 3_600), "90", "how long devices send, rounded up to the end of a window"),
  devices: withDefault("N", whole(1, 5_000), "30", "size of the fleet"),
  rate: withDefault("N", number(0.1, 2_000), "20", "alerts per second over the whole fleet"),
  window: withDefault("N", seconds(1, 600), "30", "window size in seconds"),
  seed: withDefault("N", whole(0, 2 ** 31 - 1), "1", "another number, another fleet"),
};

export const USAGE = `${usageOf("usage: npm run demo --", OPTIONS)}

Kafka, a fleet of simulated devices, the product and an inbox, all on this machine; then the books are checked.

${optionLines(OPTIONS)}

Environment:
  KAFKA_BROKERS   host:port,host:port of a plaintext broker to use instead of an own one; the demo makes topics and a
                  group of its own there and deletes them at the end
  MAIL_LOCALE, MAIL_TIMEZONE, LOG_LEVEL   handed to the product
`;

export const parseOptions = (argv: readonly string[]): Parsed<DemoOptions> =>
  parseTool("demo", OPTIONS, argv, ({ window, ...rest }) => ({ ...rest, windowSeconds: window }));
