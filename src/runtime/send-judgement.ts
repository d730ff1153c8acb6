/** What an attempt at a mail to several recipients means for each of them. */

import type { RecipientFailure, SendOutcome, SmtpFailure } from "./ports.js";

/** Who never gets it, and who is still to get it. */
export const judged = (
  outcome: SendOutcome,
  to: readonly string[],
): { readonly refused: readonly RecipientFailure[]; readonly still: readonly string[] } => {
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
  outcome.kind === "accepted" ? outcome.reply : outcome.failure.reply || (outcome.failure.detail ?? "");

export const failureOf = (outcome: SendOutcome): Partial<Pick<SmtpFailure, "phase" | "reason" | "code">> => {
  const failure = outcome.kind === "accepted" ? outcome.deferred[0] : outcome.failure;
  return failure === undefined ? {} : { phase: failure.phase, reason: failure.reason, code: failure.code };
};
