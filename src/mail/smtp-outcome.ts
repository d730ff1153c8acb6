/** From what a transaction ended in to the outcome of the attempt. */

import type { RcptAnswers, RecipientFailure, SendOutcome, SmtpFailure, SmtpPhase } from "../runtime/ports.js";
import { classify, type Verdict } from "./classify.js";
import { cleanLine } from "./clean.js";
import type { SmtpBreak, TransactionResult } from "./smtp-session.js";

const REPLY_MAX = 500;

export interface OutcomeContext {
  /** A step ran into its deadline, after so long. */
  readonly timedOutAfterMs: number | undefined;
  /** Whatever must not be seen in a text, in every spelling it travels in. */
  readonly secrets: readonly string[];
  /** Recipients the server was not asked about. */
  readonly unsendable: readonly RecipientFailure[];
}

export function outcomeOf(result: TransactionResult, context: OutcomeContext): SendOutcome {
  // With PIPELINING the recipients have gone out before the sender is refused: their 503 is about the sequence of commands, not about them.
  const rejected = "broken" in result && result.broken.phase === "mail" ? [] : result.rejected;
  const perRecipient = rejected.map((error): Said => {
    const { verdict, failure } = judge({ phase: "rcpt", error }, { ...context, timedOutAfterMs: undefined });
    return { verdict, failure: { ...failure, address: error.recipient ?? "" } };
  });
  if ("reply" in result) {
    const { refused, deferred } = apart(perRecipient, context);
    return { kind: "accepted", reply: oneLine(result.reply, context.secrets), refused, deferred };
  }
  const { verdict, failure } = judge(result.broken, context);
  const wasAnswered = result.broken.error.response !== undefined && failure.code !== 421;
  if (result.broken.phase === "rcpt" && wasAnswered && perRecipient.length > 0)
    return allRejected(perRecipient, context);
  // A 421 is about the connection: nothing was said of the recipient whose turn it was.
  const answered = perRecipient.filter((said) => said.failure.code !== 421);
  const { refused, deferred } = apart(answered, context);
  return outcome(verdict, failure, refused, { taken: result.taken, deferred });
}

interface Said {
  readonly verdict: Verdict;
  readonly failure: RecipientFailure;
}

/** Refused for good, by the server or before it was asked; and worth another attempt. */
function apart(said: readonly Said[], { unsendable }: OutcomeContext) {
  const refused = [...unsendable];
  const deferred: RecipientFailure[] = [];
  for (const { verdict, failure } of said) (verdict.kind === "refused" ? refused : deferred).push(failure);
  return { refused, deferred };
}

/** No recipient was taken: only when all of them are refused for good is the mail. */
function allRejected(all: readonly Said[], context: OutcomeContext): SendOutcome {
  const decisive =
    all.find(({ verdict }) => verdict.kind === "unreachable") ??
    all.find(({ verdict }) => verdict.kind !== "refused") ??
    all[0];
  if (decisive === undefined) throw new Error("no recipient was rejected");
  const { address: _, ...failure } = decisive.failure;
  const { refused, deferred } = apart(all, context);
  return outcome(decisive.verdict, failure, refused, { taken: [], deferred });
}

function outcome(
  verdict: Verdict,
  failure: SmtpFailure,
  refused: readonly RecipientFailure[],
  rcpt: RcptAnswers,
): SendOutcome {
  switch (verdict.kind) {
    case "refused":
      return { kind: "refused", failure, recipients: refused, rcpt };
    case "deferred":
      return { kind: "deferred", failure, refused, rcpt };
    case "ambiguous":
      return { kind: "ambiguous", failure, refused, rcpt };
    case "unreachable":
      return { kind: "unreachable", failure };
  }
}

/** The connection could not be made usable. */
export function unreachable(broken: SmtpBreak, context: OutcomeContext): SendOutcome & { kind: "unreachable" } {
  return { kind: "unreachable", failure: judge(broken, context).failure };
}

/** An address that cannot stand in an SMTP command is refused without asking (RFC 5321 section 4.1.2). */
export const unsendable = (address: string): RecipientFailure => ({
  address,
  phase: "rcpt",
  reason: "recipient-refused",
  reply: "",
  code: undefined,
  detail: "not an address that can be sent",
});

function judge({ phase, error }: SmtpBreak, context: OutcomeContext): { verdict: Verdict; failure: SmtpFailure } {
  const code = typeof error.responseCode === "number" ? error.responseCode : undefined;
  const reply = oneLine(error.response ?? "", context.secrets);
  const verdict = classify({
    phase,
    code,
    reply,
    error: error.originalCode ?? error.code ?? "",
    timedOut: context.timedOutAfterMs !== undefined && reply === "",
  });
  const detail =
    context.timedOutAfterMs !== undefined
      ? noReply(phase, context.timedOutAfterMs)
      : oneLine(withoutOpenSsl(error.message) || (error.originalCode ?? ""), context.secrets);
  return {
    verdict,
    failure: { phase, reason: verdict.reason, reply, code, detail: reply === "" ? detail : undefined },
  };
}

/** Says which variable has the deadline. */
const noReply = (phase: SmtpPhase, afterMs: number): string =>
  `no reply within ${Math.round(afterMs / 100) / 10} s (${phase === "sent" ? "SMTP_REPLY_TIMEOUT" : "SMTP_TIMEOUT"})`;

/** Node passes on OpenSSL's line: thread, number, library, function, reason, file and line. Only the reason is for people. */
const withoutOpenSsl = (message: string): string =>
  /^[0-9A-F]+:error:[0-9A-F]*:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1] ?? message;

/** Servers may echo anything, also a login. */
function oneLine(text: string, secrets: readonly string[]): string {
  let line = text;
  for (const secret of secrets) line = line.replaceAll(secret, "***");
  return cleanLine(line, REPLY_MAX - 1);
}
