import { type BrokerMood, QUIET_BROKER, QUIET_SMTP, type SmtpMood } from "./scenario.js";

/** What the SMTP server and the broker are like now: the worst of all that is going on. */
export class Moods {
  readonly #smtp = new Set<SmtpMood>();
  readonly #broker = new Set<BrokerMood>();
  readonly #elapsed: () => number;
  #brokerFailedAt = Number.NEGATIVE_INFINITY;
  #brokerNow = QUIET_BROKER;
  #mannersAt = Number.NEGATIVE_INFINITY;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** Both return how it ends. */
  addSmtp(mood: SmtpMood): () => void {
    this.#smtp.add(mood);
    return () => this.#smtp.delete(mood);
  }

  addBroker(mood: BrokerMood): () => void {
    this.#broker.add(mood);
    this.#brokerNow = worst(QUIET_BROKER, this.#broker);
    return () => {
      this.#broker.delete(mood);
      this.#brokerFailedAt = this.#elapsed();
      this.#brokerNow = worst(QUIET_BROKER, this.#broker);
    };
  }

  /** Or did a moment ago: what failed then is tried again now. */
  get brokerFails(): boolean {
    return this.#broker.size > 0 || this.#elapsed() - this.#brokerFailedAt < RETRIED_MS;
  }

  /** The server refuses connections for now, or did a moment ago: fewer mails are under way than there are connections. */
  get hasManners(): boolean {
    if ([...this.#smtp].some(({ connectionsMax, refusesUs }) => connectionsMax > 0 || refusesUs))
      this.#mannersAt = this.#elapsed();
    return this.#elapsed() - this.#mannersAt < SLOWED_MS;
  }

  get broker(): BrokerMood {
    return this.#brokerNow;
  }

  smtp(device: string): SmtpMood {
    const felt = [...this.#smtp].filter((mood) => mood.device === undefined || mood.device === device);
    return felt.length === 0 ? QUIET_SMTP : worst({ ...QUIET_SMTP, slowestMs: 0 }, felt);
  }
}

const RETRIED_MS = 1_500;
/** Until a mail was tried at the distance that the circuit had come to, and some were accepted. */
const SLOWED_MS = 5_000;

const worst = <T extends object>(quiet: T, moods: Iterable<T>): T => {
  const result = { ...quiet } as Record<string, unknown>;
  for (const mood of moods)
    for (const [name, value] of Object.entries(mood)) {
      const now = result[name];
      if (typeof value === "number" && value > (now as number)) result[name] = value;
      else if (value === true) result[name] = true;
    }
  return result as T;
};
