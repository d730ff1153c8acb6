/** Why a mail becomes a dead letter, as its partition is told. */

import type { Undeliverable } from "./mail-job.js";
import type { RecipientFailure } from "./ports.js";
import type { Sending } from "./sending.js";

const NOT_SENT = { attempts: 0, messageId: undefined, recipients: [], failure: undefined };

export const renderFailed = (error: Error, { attempts }: Sending): Undeliverable => ({
  ...NOT_SENT,
  attempts,
  stage: "render",
  reason: "render-failed",
  detail: error.message,
});

export const whyGivenUp = ({ failed, attempts }: Sending, messageId: string | undefined): Undeliverable => {
  const first = failed[0] as RecipientFailure;
  return {
    stage: "smtp",
    reason: first.reason,
    detail: first.reply || first.detail || `${first.reason} at ${first.phase}`,
    attempts,
    messageId,
    recipients: failed,
    failure: first,
  };
};

export const noRecipient = ({ job }: Sending): Undeliverable => ({
  ...NOT_SENT,
  stage: "route",
  reason: "no-recipient",
  detail:
    job.onlyTo === undefined
      ? "no recipient: no route matches and MAIL_TO is empty"
      : "no recipient: it was redriven only to those who missed it, and none of them is told of this device any more",
});
