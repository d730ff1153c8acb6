/** What an attempt at a notice (a report, a mail about dead letters) means for each of its recipients. */

import type { Ambiguities } from "./conclusion.js";
import type { RecipientFailure, SendOutcome, SmtpFailure } from "./ports.js";

export interface Judgement {
  /** They never get it. */
  readonly refused: readonly RecipientFailure[];
  /** They are still to get it. */
  readonly still: readonly string[];
  /** They have it, or are presumed to. */
  readonly reached: readonly string[];
  /** Of `reached`: it was sent to them often enough, and the server never answered. */
  readonly presumed: readonly string[];
}

export const judged = (outcome: SendOutcome, to: readonly string[], ambiguities: Ambiguities): Judgement => {
  const { refused, still: unheard } = saidOf(outcome, to);
  const presumed = outcome.kind === "ambiguous" ? ambiguities.note(unanswered(outcome, unheard)) : [];
  const still = unheard.filter((address) => !presumed.includes(address));
  const gone = new Set([...refused.map(({ address }) => address), ...still]);
  return { refused, still, reached: to.filter((address) => !gone.has(address)), presumed };
};

/** Those whom nothing was said of; the others were deferred before the message. */
const unanswered = ({ rcpt }: SendOutcome & { kind: "ambiguous" }, still: readonly string[]): readonly string[] => {
  const deferred = new Set(rcpt?.deferred.map(({ address }) => address));
  return still.filter((address) => !deferred.has(address));
};

const saidOf = (outcome: SendOutcome, to: readonly string[]): Pick<Judgement, "refused" | "still"> => {
  switch (outcome.kind) {
    case "accepted":
      return { refused: outcome.refused, still: outcome.deferred.map(({ address }) => address) };
    case "refused": {
      // Of us, not of the mail.
      if (outcome.failure.reason === "policy") return { refused: [], still: to };
      const said = (address: string) => outcome.recipients.find((recipient) => recipient.address === address);
      return { refused: to.map((address) => said(address) ?? { ...outcome.failure, address }), still: [] };
    }
    case "deferred":
    case "ambiguous": {
      const refused = new Set(outcome.refused.map(({ address }) => address));
      return { refused: outcome.refused, still: to.filter((address) => !refused.has(address)) };
    }
    case "unreachable":
      return { refused: [], still: to };
  }
};

export const replyOf = (outcome: SendOutcome): string =>
  outcome.kind === "accepted" ? outcome.reply : wordsOf(outcome.failure);

/** The server's, where it said something, or else what was seen. */
export const wordsOf = ({ reply, detail = "" }: SmtpFailure): string => reply || detail;

export const failureOf = (outcome: SendOutcome): Partial<Pick<SmtpFailure, "phase" | "reason" | "code">> => {
  const failure = outcome.kind === "accepted" ? outcome.deferred[0] : outcome.failure;
  return failure === undefined ? {} : { phase: failure.phase, reason: failure.reason, code: failure.code };
};
