/** What a failed attempt means. Rules: docs/sending.md; RFC 5321 section 4.2 and 4.5.3.1, RFC 3463, RFC 4954. */

import type { SendOutcomeKind, SmtpPhase, SmtpReason } from "../runtime/ports.js";
import { limitsRecipients, speaksOf } from "../runtime/refusals.js";

/** What was seen of one failure, of the whole attempt or of one recipient. */
export interface SmtpEvidence {
  /** The step whose answer was awaited; `sent` only when the final dot had gone out. */
  readonly phase: SmtpPhase;
  /** The reply code; undefined when no reply came or it did not begin with three digits. */
  readonly code: number | undefined;
  /** The reply, or "". */
  readonly reply: string;
  /** Error code of the network or of the SMTP library (`ECONNREFUSED`, `EDNS`), or "". */
  readonly error: string;
  /** The attempt ran into its own deadline. */
  readonly timedOut: boolean;
}

export interface Verdict {
  readonly kind: Exclude<SendOutcomeKind, "accepted">;
  readonly reason: SmtpReason;
}

export function classify(evidence: SmtpEvidence): Verdict {
  switch (evidence.phase) {
    case "connect":
    case "tls":
    case "greeting":
    case "login":
      return { kind: "unreachable", reason: unreachableReason(evidence) };
    case "mail":
    case "rcpt":
    case "data":
    case "sent":
      return evidence.reply === "" ? withoutReply(evidence) : withReply(evidence.phase, evidence.code, evidence.reply);
  }
}

const DNS_ERRORS = new Set(["EDNS", "ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "ENODATA", "ESERVFAIL"]);
/** The server said more than a reply may be. */
const ENDLESS = "EPROTOCOL";
const LOST_ERRORS = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

function unreachableReason({ phase, code, reply, error, timedOut }: SmtpEvidence): SmtpReason {
  if (timedOut || error === "ETIMEDOUT") return "timeout";
  if (error === ENDLESS && reply === "") return "protocol";
  if (phase === "tls") return "tls";
  if (phase === "connect") {
    if (DNS_ERRORS.has(error)) return "dns";
    // No route, no permission, nobody listening: the same to an operator.
    return LOST_ERRORS.has(error) ? "connection-lost" : "connection-refused";
  }
  if (reply === "") return phase === "login" && error === "EAUTH" ? "auth" : "connection-lost";
  if (!isFailure(code)) return "protocol";
  if (code === 421) return "service-unavailable";
  // A server that cannot check a login just now (454) says nothing about the login (RFC 4954 section 6); 432 wants another password.
  if (phase === "login" && (code >= 500 || code === 432)) return "auth";
  return code < 500 ? "service-unavailable" : "greeting";
}

function withoutReply({ phase, error, timedOut }: SmtpEvidence): Verdict {
  const lost = error === ENDLESS ? "protocol" : "connection-lost";
  if (phase === "sent") return { kind: "ambiguous", reason: timedOut ? "timeout" : lost };
  if (timedOut) return { kind: "deferred", reason: "timeout" };
  // The library compares with the server's SIZE before it sends anything (RFC 1870).
  if (error === "EMESSAGE") return { kind: "refused", reason: "too-large" };
  // It also refuses an address that cannot stand in a command.
  if (error === "EENVELOPE") return { kind: "refused", reason: "recipient-refused" };
  return { kind: "deferred", reason: lost };
}

function withReply(phase: "mail" | "rcpt" | "data" | "sent", code: number | undefined, reply: string): Verdict {
  if (!isFailure(code)) {
    // A nonsense reply to the final dot does not say whether the message was taken.
    return { kind: phase === "sent" ? "ambiguous" : "deferred", reason: "protocol" };
  }
  if (code === 421) return { kind: "deferred", reason: "service-unavailable" };
  // "Authentication required" may answer any command (RFC 4954 section 6); the others never name a mail either.
  if (phase !== "sent" && (code === 530 || code === 534 || code === 535 || code === 538)) {
    return { kind: "unreachable", reason: "auth" };
  }
  if (phase === "rcpt" && limitsRecipients(reply)) return { kind: "deferred", reason: "too-many-recipients" };
  if (isTooLarge(phase, code, reply)) return { kind: "refused", reason: "too-large" };
  const refused = code >= 500 && !(phase === "rcpt" && code === 552); // RFC 5321 section 4.5.3.1.10: means 452
  if (speaksOf(reply) === "us") return { kind: refused ? "refused" : "deferred", reason: "policy" };
  if (phase === "rcpt") {
    return refused
      ? { kind: "refused", reason: "recipient-refused" }
      : { kind: "deferred", reason: "recipient-deferred" };
  }
  if (!refused) return { kind: "deferred", reason: "message-deferred" };
  // Unknown command, bad sequence: about the conversation, not the mail; still permanent by its code.
  if (code === 500 || code === 502 || code === 503) return { kind: "refused", reason: "protocol" };
  return { kind: "refused", reason: phase === "mail" ? "sender-refused" : "message-refused" };
}

/** X.3.4 message too big for system, X.2.3 exceeds the limit of the mailbox (RFC 3463); a full mailbox is X.2.2. */
function isTooLarge(phase: SmtpPhase, code: number, reply: string): boolean {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1];
  if (enhanced === "5.3.4" || enhanced === "5.2.3") return code >= 500;
  return code === 552 && phase !== "rcpt" && enhanced !== "5.2.2";
}

const isFailure = (code: number | undefined): code is number => code !== undefined && code >= 400 && code < 600;
