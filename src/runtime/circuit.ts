import { backoffMs, type Clock } from "./clock.js";
import type { SmtpFailure } from "./ports.js";

/**
 * One circuit for the SMTP server. Unreachable opens it: nothing is sent, no mail's retry budget runs. After a backoff one mail is the
 * probe (half-open); any answer but "unreachable" closes it again. So does a server that refuses us (reason `policy`): then only a mail that it accepts
 * closes it.
 */
export class Circuit {
  readonly #clock: Clock;
  readonly #retryInitialMs: number;
  readonly #retryMaxMs: number;
  readonly #random: () => number;
  readonly #onHalfOpen: () => void;
  #state: "closed" | "open" | "half-open" | "probing" = "closed";
  #openings = 0;
  #failure: SmtpFailure | undefined;
  #openedAt: number | undefined;
  #unreachableMs = 0;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: {
    clock: Clock;
    retryInitialMs: number;
    retryMaxMs: number;
    random: () => number;
    onHalfOpen: () => void;
  }) {
    this.#clock = deps.clock;
    this.#retryInitialMs = deps.retryInitialMs;
    this.#retryMaxMs = deps.retryMaxMs;
    this.#random = deps.random;
    this.#onHalfOpen = deps.onHalfOpen;
  }

  get isOpen(): boolean {
    return this.#state !== "closed";
  }

  /** The server answers, and refuses us. */
  get refusesUs(): boolean {
    return this.isOpen && this.#failure?.reason === "policy";
  }

  /** Milliseconds in which the server was unreachable, all openings together. */
  unreachableMs(): number {
    return this.#unreachableMs + (this.#openedAt === undefined ? 0 : this.#clock.elapsed() - this.#openedAt);
  }

  get mayStart(): boolean {
    return this.#state === "closed" || this.#state === "half-open";
  }

  /** Asks to start an attempt. When half-open, one is allowed, as the probe. */
  tryStart(): boolean {
    if (this.#state === "half-open") {
      this.#state = "probing";
      return true;
    }
    return this.#state === "closed";
  }

  /** The probe did not take place after all. */
  probeWithdrawn(): void {
    if (this.#state === "probing") this.#state = "half-open";
  }

  /** The server said something of a mail, or of nothing. One that refuses us is there again only once it accepts a mail. Returns whether it was away. */
  answered(accepted: boolean): boolean {
    if (!accepted && this.refusesUs) return false;
    const wasOpen = this.isOpen;
    this.#cancelTimer?.();
    if (this.#openedAt !== undefined) this.#unreachableMs += this.#clock.elapsed() - this.#openedAt;
    this.#openedAt = undefined;
    this.#openings = 0;
    this.#failure = undefined;
    this.#state = "closed";
    return wasOpen;
  }

  /** Returns the milliseconds until the next probe, or undefined when one is waited for already. */
  open(failure: SmtpFailure): number | undefined {
    if (this.#state === "open" || this.#state === "half-open") return undefined;
    this.#openedAt ??= this.#clock.elapsed();
    // What it says has changed: the pauses begin anew.
    if ((failure.reason === "policy") !== (this.#failure?.reason === "policy")) this.#openings = 0;
    this.#failure = failure;
    this.#openings++;
    return this.#waitForProbe(failure);
  }

  /** A probe of a server that refuses us said nothing about that: the next one comes as late as this one. */
  inconclusive(): void {
    if (this.#state === "probing" && this.#failure?.reason === "policy") this.#waitForProbe(this.#failure);
  }

  #waitForProbe(failure: SmtpFailure): number | undefined {
    this.#state = "open";
    if (this.#stopped) return undefined;
    const delay = backoffMs(this.#openings, this.#retryInitialMs, this.#probeMaxMs(failure), this.#random);
    this.#cancelTimer = this.#clock.after(delay, () => {
      this.#state = "half-open";
      this.#onHalfOpen();
    });
    return delay;
  }

  /** A probe costs one connection: the mails need not wait long for a server that is back. Wrong logins can lock an account: they may. */
  #probeMaxMs({ reason, phase, code }: SmtpFailure): number {
    // It counts connections, also those that it refuses (Sendmail: ten in ten minutes): a probe too often and nobody ever gets in. And a sender that
    // goes on after refusals may be refused for longer.
    if (reason === "policy" || (phase === "greeting" && code === 421)) return this.#retryMaxMs * LATER;
    return reason === "auth" ? this.#retryMaxMs : Math.min(this.#retryMaxMs, PROBE_MAX_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }
}

const PROBE_MAX_MS = 5_000;
/** Times `SMTP_RETRY_MAX`. */
const LATER = 5;
