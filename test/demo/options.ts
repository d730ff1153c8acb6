export interface DemoOptions {
  readonly seconds: number;
  readonly devices: number;
  /** Alerts per second over the whole fleet; a storm comes on top. */
  readonly rate: number;
  readonly windowSeconds: number;
  readonly seed: number;
}

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: DemoOptions }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

interface Flag {
  readonly field: keyof DemoOptions;
  readonly lowest: number;
  readonly highest: number;
  readonly whole: boolean;
  readonly fallback: number;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  "--seconds": { field: "seconds", lowest: 1, highest: 3_600, whole: true, fallback: 90 },
  "--devices": { field: "devices", lowest: 1, highest: 5_000, whole: true, fallback: 30 },
  "--rate": { field: "rate", lowest: 0.1, highest: 2_000, whole: false, fallback: 20 },
  "--window": { field: "windowSeconds", lowest: 1, highest: 600, whole: true, fallback: 30 },
  "--seed": { field: "seed", lowest: 0, highest: 2 ** 31 - 1, whole: true, fallback: 1 },
};

export const USAGE = `usage: npm run demo -- [--seconds N] [--devices N] [--rate N] [--window N]

Kafka, a fleet of simulated devices, the product and an inbox, all on this machine; then the books are checked.

  --seconds N   how long devices send, rounded up to the end of a window   (${FLAGS["--seconds"]?.fallback})
  --devices N   size of the fleet                                          (${FLAGS["--devices"]?.fallback})
  --rate N      alerts per second over the whole fleet                     (${FLAGS["--rate"]?.fallback})
  --window N    window size in seconds                                     (${FLAGS["--window"]?.fallback})
  --seed N      another number, another fleet                              (${FLAGS["--seed"]?.fallback})

Environment:
  KAFKA_BROKERS   host:port,host:port of a plaintext broker to use instead of an own one; the demo makes topics and a
                  group of its own there and deletes them at the end
  MAIL_LOCALE, MAIL_TIMEZONE, LOG_LEVEL   handed to the product
`;

/** Both `--flag 5` and `--flag=5`; durations may end in `s`. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help" };
  const options = Object.fromEntries(Object.values(FLAGS).map((flag) => [flag.field, flag.fallback]));
  const rest = args.flatMap((arg) =>
    /^--[^=]+=/.test(arg) ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)] : [arg],
  );
  for (let at = 0; at < rest.length; at += 2) {
    const name = rest[at] ?? "";
    const text = rest[at + 1];
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) return { kind: "wrong", message: `unknown argument ${JSON.stringify(name)}` };
    if (text === undefined) return { kind: "wrong", message: `${name} needs a number` };
    const value = readNumber(text, flag);
    if (value === undefined) {
      const what = flag.whole ? "a whole number" : "a number";
      return {
        kind: "wrong",
        message: `${name} must be ${what} from ${flag.lowest} to ${flag.highest}, not ${JSON.stringify(text)}`,
      };
    }
    options[flag.field] = value;
  }
  return { kind: "run", options: options as unknown as DemoOptions };
}

function readNumber(text: string, flag: Flag): number | undefined {
  if (!/^\d+(\.\d+)?s?$/.test(text)) return undefined;
  const value = Number.parseFloat(text);
  const allowed = value >= flag.lowest && value <= flag.highest && (!flag.whole || Number.isInteger(value));
  return allowed ? value : undefined;
}
