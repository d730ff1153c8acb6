import type { Clock } from "./clock.js";
import type { Mailer, MailServerState, ProbeOutcome, SendOutcome } from "./ports.js";

/** Whether the mail server was there when it was last tried, by a mail or without one. */
export class MailServer {
  readonly #clock: Clock;
  #state: MailServerState | undefined;
  /** `clock.elapsed()`. */
  #triedAt: number | undefined;
  #failures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: not tried yet. */
  get state(): MailServerState | undefined {
    return this.#state;
  }

  /** `clock.elapsed()` when it was last tried. */
  get triedAt(): number | undefined {
    return this.#triedAt;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** `busyElsewhere`: other connections to it are in use. */
  note(outcome: SendOutcome | ProbeOutcome, busyElsewhere = false): void {
    const failure = outcome.kind === "unreachable" ? outcome.failure : undefined;
    const reachable = failure === undefined;
    // It does not want so many connections at once: to the others it talks.
    if (reachable ? !hasAnswered(outcome) : failure.code === 421 && busyElsewhere) return;
    const now = this.#clock.now();
    const since = this.#state?.reachable === reachable ? this.#state.since : now;
    this.#state = { reachable, since, lastSuccessAt: reachable ? now : this.#state?.lastSuccessAt, failure };
    this.#failures = reachable ? 0 : this.#failures + 1;
    this.#triedAt = this.#clock.elapsed();
  }

  /** The same mailer; what its attempts end in is noted here. */
  watching(mailer: Mailer): Mailer {
    const noted = <T extends SendOutcome | ProbeOutcome>(outcome: T): T => {
      this.note(outcome, mailer.connections().busy > 0);
      return outcome;
    };
    return {
      send: async (mail, recipients) => noted(await mailer.send(mail, recipients)),
      probe: async () => noted(await mailer.probe()),
      connections: () => mailer.connections(),
      close: () => mailer.close(),
    };
  }
}

/** Whoever answers a mail with a reply has taken the login before. A connection that was lost, or an address refused here, says nothing. */
const hasAnswered = (outcome: SendOutcome | ProbeOutcome): boolean =>
  outcome.kind === "reachable" ||
  outcome.kind === "accepted" ||
  outcome.kind === "ambiguous" ||
  outcome.failure.code !== undefined;
