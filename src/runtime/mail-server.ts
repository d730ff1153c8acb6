/** What is known of the mail server: whether it is there, whether it takes mails, how many at once, for how many recipients. */

import { backoffMs, type Clock } from "./clock.js";
import type { Mailer, MailServerState, ProbeOutcome, SendOutcome, SmtpFailure } from "./ports.js";

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

/**
 * How many mails may be in flight: all connections, until the server says that it is overloaded (421, RFC 5321 section 3.8). Then half as many, and
 * one more for each round of mails that it takes.
 */
export class Pace {
  readonly #connections: number;
  #allowed: number;

  constructor(connections: number) {
    this.#connections = connections;
    this.#allowed = connections;
  }

  get limit(): number {
    return Math.floor(this.#allowed);
  }

  note(outcome: SendOutcome): void {
    if (outcome.kind === "accepted") this.#allowed = Math.min(this.#connections, this.#allowed + 1 / this.#allowed);
    else if (outcome.kind === "deferred" && outcome.failure.reason === "service-unavailable") {
      this.slowDown();
    }
  }

  slowDown(): void {
    this.#allowed = Math.max(1, this.#allowed / 2);
  }
}

/**
 * What a server has shown of itself, for as long as it can be expected to be true: how many recipients it takes in one transaction, and which
 * recipient made it refuse a whole message.
 */
export class ServerMemory {
  readonly #now: () => number;
  #limit: { readonly most: number; readonly at: number } | undefined;
  /** Address → when it was found out; the oldest first. */
  readonly #culprits = new Map<string, number>();

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Most recipients of one transaction, as far as is known. */
  get mostRecipients(): number {
    if (this.#limit !== undefined && this.#isOld(this.#limit.at)) this.#limit = undefined;
    return this.#limit?.most ?? Number.POSITIVE_INFINITY;
  }

  /** It took so many, and no more. */
  limited(most: number): void {
    this.#limit = { most: Math.max(1, most), at: this.#now() };
  }

  /** One that took more has no such limit, or another one. */
  took(recipients: number): void {
    if (recipients > this.mostRecipients) this.#limit = undefined;
  }

  /** A message for others as well was refused because of this one. */
  blame(address: string): void {
    this.#culprits.delete(address);
    this.#culprits.set(address, this.#now());
    for (const oldest of this.#culprits.keys()) {
      if (this.#culprits.size <= CULPRITS_MAX) break;
      this.#culprits.delete(oldest);
    }
  }

  /** It goes in a transaction of its own. */
  isCulprit(address: string): boolean {
    const at = this.#culprits.get(address);
    if (at === undefined) return false;
    if (!this.#isOld(at)) return true;
    this.#culprits.delete(address);
    return false;
  }

  #isOld(at: number): boolean {
    return this.#now() - at >= REMEMBERED_MS;
  }
}

const REMEMBERED_MS = 3_600_000;
const CULPRITS_MAX = 1_000;
