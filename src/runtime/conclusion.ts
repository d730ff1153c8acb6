/** What follows from an attempt, as data: `Delivery` does it. */

import { backoffMs } from "./clock.js";
import type { RecipientFailure, SendOutcome, SendOutcomeKind, SmtpFailure } from "./ports.js";
import { speaksOf } from "./refusals.js";

/** How far a mail (`Sending`) has come once the attempt was noted; of an unreachable server nothing is. */
export interface Standing {
  /** Messages follow before the next pause. */
  readonly hasMore: boolean;
  /** What deferred a message since the last pause. */
  readonly deferral: { readonly failure: SmtpFailure; readonly kind: SendOutcomeKind } | undefined;
  readonly failed: readonly RecipientFailure[];
  readonly reached: readonly string[];
  /** How often it was held for that before. */
  readonly holds?: number;
  /** Here, or from a previous owner of its partition. */
  readonly someHaveIt: boolean;
  /** It is some recipients' share of a mail that others have, or may get before. */
  readonly isShare: boolean;
  /** Others may get the same alerts by another mail: only the whole knows, and whether the devices' next mails wait for this one. */
  readonly isPart?: boolean;
  /** The server spoke of all who are still to get it, not of the message. */
  readonly onlyRecipientsDeferred: boolean;
  /** Of `reached`. */
  readonly presumed?: readonly string[];
  /** How often those who are tried again may have got it already. */
  readonly ambiguities?: number;
  /** Earlier temporary refusals: what the pauses grow with. */
  readonly deferrals: number;
}

/** What is known beside the mail. */
export interface Situation {
  /** Attempts under way, with this one. */
  readonly inFlight: number;
  /** Since the mail's first temporary refusal, without the time in which the server was unreachable. */
  readonly spentMs: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly retryBudgetMs: number;
  readonly random: () => number;
  /** Nobody got it, and that may be about us. */
  readonly blame?: Blame | undefined;
}

/** `told`: what the page is told of the attempt. */
export type Conclusion =
  /** It talks to the others: it does not want so many connections at once (RFC 5321 section 4.2.3). That is no outage. */
  | { readonly kind: "too-many-connections"; readonly told: Told; readonly failure: SmtpFailure }
  | { readonly kind: "server-away"; readonly told: Told; readonly failure: SmtpFailure }
  /** No mail's fault: the circuit. */
  | { readonly kind: "refuses-us"; readonly told: Told; readonly failure: SmtpFailure }
  /** Whose fault it is will show: again, and no budget runs. */
  | { readonly kind: "hold"; readonly told: Told; readonly failure: SmtpFailure; readonly delayMs: number }
  | { readonly kind: "next-message"; readonly told: Told }
  /** Whoever is still to get it is waited for alone. */
  | { readonly kind: "leave-behind"; readonly told: Told; readonly failure: SmtpFailure }
  | { readonly kind: "retry"; readonly told: Told; readonly failure: SmtpFailure; readonly delayMs: number }
  /** Nothing is tried any more. `spent`: the budget is, and who was still to get it never will, for this reason. */
  | { readonly kind: "give-up"; readonly told: Told; readonly spent: SmtpFailure | undefined }
  /** Everybody has it, or is presumed to. */
  | { readonly kind: "presumed"; readonly told: Told; readonly failure: SmtpFailure }
  | { readonly kind: "through"; readonly told: Told; readonly reply: string };

interface Told {
  readonly outcome: SendOutcomeKind | "presumed";
  readonly failure: SmtpFailure | undefined;
}

export const conclude = (outcome: SendOutcome, mail: Standing, situation: Situation): Conclusion => {
  if (outcome.kind === "unreachable") {
    const { failure } = outcome;
    return failure.code === 421 && situation.inFlight > 1
      ? { kind: "too-many-connections", told: { outcome: "deferred", failure }, failure }
      : { kind: "server-away", told: { outcome: "unreachable", failure }, failure };
  }
  const { deferral, failed } = mail;
  if (mail.hasMore) {
    const failure = outcome.kind === "accepted" ? deferral?.failure : outcome.failure;
    return { kind: "next-message", told: { outcome: outcome.kind, failure } };
  }
  const { blame } = situation;
  const words = failed.at(-1) ?? deferral?.failure;
  if (blame === "us" && words !== undefined) {
    const failure = { ...words, reason: "policy" as const };
    return { kind: "refuses-us", told: { outcome: "unreachable", failure }, failure };
  }
  if (blame === "hold" && words !== undefined) {
    const { retryInitialMs, retryMaxMs, random } = situation;
    const delayMs = backoffMs((mail.holds ?? 0) + 1, retryInitialMs, retryMaxMs, random);
    return { kind: "hold", told: { outcome: outcome.kind, failure: words }, failure: words, delayMs };
  }
  if (deferral !== undefined) {
    const { failure } = deferral;
    const told = { outcome: deferral.kind === "accepted" ? ("deferred" as const) : deferral.kind, failure };
    if (mail.isShare || mail.isPart || mail.someHaveIt || mail.onlyRecipientsDeferred)
      return { kind: "leave-behind", told, failure };
    const { ambiguities = 0 } = mail;
    if (ambiguities > 0)
      return { kind: "retry", told, failure, delayMs: ambiguousPauseMs(ambiguities, situation.retryMaxMs) };
    if (situation.spentMs < situation.retryBudgetMs)
      return { kind: "retry", told, failure, delayMs: pauseMs(mail.deferrals + 1, situation) };
  }
  const first = failed[0] ?? deferral?.failure;
  if (first !== undefined) {
    const told = { outcome: mail.reached.length > 0 ? ("accepted" as const) : outcome.kind, failure: first };
    return { kind: "give-up", told, spent: deferral?.failure };
  }
  if (outcome.kind === "ambiguous" && (mail.presumed ?? []).length > 0) {
    const { failure } = outcome;
    return { kind: "presumed", told: { outcome: "presumed", failure }, failure };
  }
  return {
    kind: "through",
    told: { outcome: "accepted", failure: undefined },
    reply: outcome.kind === "accepted" ? outcome.reply : "",
  };
};

/** The last attempt comes when the budget ends, not a whole backoff later. */
export const pauseMs = (deferrals: number, situation: Omit<Situation, "inFlight">): number => {
  const { spentMs, retryInitialMs, retryMaxMs, retryBudgetMs, random } = situation;
  const backoff = backoffMs(deferrals, retryInitialMs, retryMaxMs, random);
  return Math.min(backoff, Math.max(retryInitialMs, retryBudgetMs - spentMs));
};

/** The end of the message had gone out, and no reply said what became of it: the recipient may have the mail. */
export const isAmbiguous = ({ phase, reply, reason }: SmtpFailure): boolean =>
  phase === "sent" && (reply === "" || reason === "protocol");

/**
 * How often each recipient of a mail was left without an answer after the end of the message. A server that takes so long is not asked again within
 * seconds: each time may be a copy more. After the third time the mail is presumed to have come.
 */
export class Ambiguities {
  readonly #times = new Map<string, number>();

  /** Once more. Gives those who are presumed to have it. */
  note(addresses: readonly string[]): readonly string[] {
    for (const address of addresses) this.#times.set(address, this.timesOf(address) + 1);
    return addresses.filter((address) => this.timesOf(address) >= TIMES_MAX);
  }

  timesOf(address: string): number {
    return this.#times.get(address) ?? 0;
  }
}

/** Until the next attempt after so many ambiguous ones: minutes, with the default of `SMTP_RETRY_MAX`. */
export const ambiguousPauseMs = (times: number, retryMaxMs: number): number => times * retryMaxMs * PAUSES;

const TIMES_MAX = 3;
const PAUSES = 3;

// Whether a refusal is a mail's fault or about us: what others got since the last mail that was accepted tells it.

/** A mail that nobody has got since its last pause. */
interface RefusedMail {
  /** Its identity. */
  readonly mail: object;
  /** Each of its recipients with what the server said. */
  readonly failures: readonly RecipientFailure[];
}

/**
 * `own`: the mail's, or its recipients': a dead letter. `hold`: it cannot be told yet; the mail is tried again after a pause. `us`: no mail's fault, so
 * none is given up for it.
 */
export type Blame = "own" | "hold" | "us";

interface Suspicion {
  /** When it was refused first. */
  readonly since: number;
  tries: number;
}

interface Refusal extends RefusedMail {
  readonly at: number;
}

/**
 * A refusal that speaks of a recipient is that recipient's. Any other is held against nobody at once: where another mail is accepted meanwhile, it was the
 * mail; where others are refused likewise and none is accepted, it is us; where nothing else is sent, the mail is tried twice more. A refusal that speaks
 * of us needs no other mail, unless one was accepted within the last minute.
 */
export class Policy {
  readonly #now: () => number;
  readonly #suspicions = new WeakMap<object, Suspicion>();
  /** Refused since the last mail that was accepted, the oldest first. */
  #refused: Refusal[] = [];
  #acceptedAt = Number.NEGATIVE_INFINITY;
  /** When the last mail that was accepted had begun: what was refused after that, it says nothing of. */
  #acceptedFrom = Number.NEGATIVE_INFINITY;

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Somebody was accepted as a recipient of a mail whose attempt began at `from`. Answers overtake each other. */
  accepted(from: number): void {
    this.#acceptedAt = this.#now();
    this.#acceptedFrom = Math.max(this.#acceptedFrom, from);
    this.#refused = this.#refused.filter(({ at }) => at > from);
  }

  /** Refused for all its recipients. */
  refused(one: RefusedMail): Blame {
    if (!one.failures.every(isSuspicious)) return "own";
    const { suspicion, likewise } = this.#note(one);
    suspicion.tries++;
    if (suspicion.tries > 1 && this.#acceptedFrom >= suspicion.since) return "own";
    if (likewise) return "us";
    const saysSo = one.failures.every(({ reason }) => reason === "policy");
    if (saysSo && (suspicion.tries >= TRIES || !this.#acceptedLately)) return "us";
    return suspicion.tries >= TRIES ? "own" : "hold";
  }

  /**
   * Deferred by words about us (4xx), or with 421 to whatever is sent. `spent`: its retry budget is. A deferral holds itself: undefined, it is tried again
   * as any other.
   */
  deferred(one: RefusedMail, spent: boolean): "us" | undefined {
    // "Service not available" (RFC 5321 section 4.2.3). It may pass with fewer mails at once, so other mails that get it prove nothing yet.
    if (one.failures.every(isClosing)) return this.#isOurs(this.#suspicionOf(one.mail), spent);
    if (!one.failures.every(({ reason }) => reason === "policy")) return undefined;
    const { suspicion, likewise } = this.#note(one);
    return likewise ? "us" : this.#isOurs(suspicion, spent);
  }

  /** It got nothing else for all its time, and no other mail was accepted in it. */
  #isOurs({ since }: Suspicion, spent: boolean): "us" | undefined {
    return spent && this.#acceptedFrom < since ? "us" : undefined;
  }

  #suspicionOf(mail: object): Suspicion {
    const known = this.#suspicions.get(mail);
    if (known !== undefined) return known;
    const suspicion = { since: this.#now(), tries: 0 };
    this.#suspicions.set(mail, suspicion);
    return suspicion;
  }

  get #acceptedLately(): boolean {
    return this.#now() - this.#acceptedAt < LATELY_MS;
  }

  /** Whether others were refused as well, with nothing accepted between, that no recipient of theirs explains. */
  #note(one: RefusedMail): { readonly suspicion: Suspicion; readonly likewise: boolean } {
    const suspicion = this.#suspicionOf(one.mail);
    const others = this.#refused.filter(({ mail }) => mail !== one.mail);
    this.#refused = [...others, { ...one, at: this.#now() }].slice(-EVIDENCE_MAX);
    const likewise =
      others.some((other) => isOfSender(one, other) || haveDifferentRecipients(one, other)) ||
      (!atRcpt(one) && others.filter((other) => !atRcpt(other)).length + 1 >= MAILS_TO_ANYBODY);
    return { suspicion, likewise };
  }
}

/** It may be about us. An address or a message that cannot be sent at all is not, nor a recipient that was deferred until its budget ended. */
const isSuspicious = ({ reason, reply }: RecipientFailure): boolean =>
  reason !== "too-large" && reason !== "recipient-deferred" && reply !== "" && speaksOf(reply) !== "recipient";

/** Before or after the recipients: at RCPT, servers also say 421 because of too many recipients that they do not take. */
const isClosing = ({ phase, reason }: RecipientFailure): boolean =>
  phase !== "rcpt" && reason === "service-unavailable";

const atRcpt = ({ failures }: RefusedMail): boolean => failures.every(({ phase }) => phase === "rcpt");
const atMail = ({ failures }: RefusedMail): boolean => failures.every(({ phase }) => phase === "mail");

/** Refused before anybody was named. */
const isOfSender = (one: RefusedMail, other: RefusedMail): boolean => atMail(one) && atMail(other);

/** Each has somebody whom the other has not. */
const haveDifferentRecipients = (one: RefusedMail, other: RefusedMail): boolean =>
  hasOthers(one, other) && hasOthers(other, one);

const hasOthers = (one: RefusedMail, than: RefusedMail): boolean => {
  const known = new Set(than.failures.map(({ address }) => address));
  return one.failures.some(({ address }) => !known.has(address));
};

/** In all, of a mail that nothing else tells of. */
const TRIES = 3;
const LATELY_MS = 60_000;
const EVIDENCE_MAX = 16;
/** Of the same recipients, refused after they were taken at RCPT. */
const MAILS_TO_ANYBODY = 3;
