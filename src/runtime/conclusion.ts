/** What follows from an attempt, as data: `Delivery` does it. */

import { backoffMs } from "./clock.js";
import type { Blame } from "./policy.js";
import type { RecipientFailure, SendOutcome, SendOutcomeKind, SmtpFailure } from "./ports.js";

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
