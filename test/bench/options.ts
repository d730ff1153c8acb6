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
}

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: BenchOptions }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

const NUMBERS = {
  "--alerts": { field: "alerts", fallback: 1_000_000 },
  "--mails": { field: "mails", fallback: 10_000 },
  "--devices": { field: "devices", fallback: 1_000 },
  "--windows": { field: "windows", fallback: 5 },
  "--rounds": { field: "rounds", fallback: 5 },
} as const;

export const USAGE = `usage: npm run bench -- [--only a,b,c,d,e,f,g] [--rounds N] [--alerts N] [--mails N] [--devices N] [--windows N] [--out FILE]

  a   records/s through the consumer, against bare KafkaJS            --alerts   (${NUMBERS["--alerts"].fallback})
  b   memory of a buffered alert, against parsed objects              --alerts   (${NUMBERS["--alerts"].fallback})
  c   mails/s to a local server, against a plain nodemailer pool      --mails    (${NUMBERS["--mails"].fallback})
  d   from a window's end to the accepted mail, all devices at once   --devices  (${NUMBERS["--devices"].fallback}), --windows (${NUMBERS["--windows"].fallback})
  e   size of the checkpoint, with one device stuck, ten, a thousand
  f   a scrape of /metrics, with 48 partitions and ten thousand open windows
  g   mails/s with 10 mails a connection, against 100, in clear and with TLS  --mails;
      as d, beside a recipient who is always deferred                  --devices, --windows

  --rounds N   how often each contestant of a, b and c runs, in turn (${NUMBERS["--rounds"].fallback}); medians are shown
  --out FILE   where the figures go as JSON (bench-results.json)

Environment:
  KAFKA_BROKERS   a broker to use instead of an own one; topics of the bench's own are made there and deleted at the end
`;

/** Both `--flag 5` and `--flag=5`. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help" };
  const rest = args.flatMap((arg) =>
    /^--[^=]+=/.test(arg) ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)] : [arg],
  );
  const numbers: Record<string, number> = Object.fromEntries(
    Object.values(NUMBERS).map(({ field, fallback }) => [field, fallback]),
  );
  let only: Set<Part> = new Set(PARTS);
  let out = "bench-results.json";
  for (let at = 0; at < rest.length; at += 2) {
    const name = rest[at] ?? "";
    const text = rest[at + 1];
    if (text === undefined) return { kind: "wrong", message: `${name} needs a value` };
    if (name === "--out") out = text;
    else if (name === "--only") {
      const asked = text.split(",");
      const unknown = asked.find((part) => !PARTS.includes(part as Part));
      if (unknown !== undefined) return { kind: "wrong", message: `there is no part ${JSON.stringify(unknown)}` };
      only = new Set(asked as Part[]);
    } else if (Object.hasOwn(NUMBERS, name)) {
      const value = Number(text);
      if (!Number.isSafeInteger(value) || value < 1)
        return { kind: "wrong", message: `${name} must be a whole number above 0` };
      numbers[NUMBERS[name as keyof typeof NUMBERS].field] = value;
    } else return { kind: "wrong", message: `unknown argument ${JSON.stringify(name)}` };
  }
  return { kind: "run", options: { ...(numbers as unknown as BenchOptions), only, out } };
}
