/** One attempt to send a mail, and what it can end in. */

import type { RenderedMail } from "./mail.js";

export const SMTP_PHASES = [
  "connect",
  "tls",
  "greeting",
  "login",
  "mail",
  "rcpt",
  "data",
  /** After the final dot, before its reply. */
  "sent",
] as const;
export type SmtpPhase = (typeof SMTP_PHASES)[number];

/** Closed set: metric label `reason` of retries, refusals and dead letters of stage `smtp`. */
export const SMTP_REASONS = [
  "connection-refused",
  "connection-lost",
  "dns",
  "timeout",
  "tls",
  "greeting",
  "auth",
  "sender-refused",
  "recipient-refused",
  "recipient-deferred",
  /** More than the server takes in one transaction: nobody's fault. */
  "too-many-recipients",
  /** Others have the mail, and too much waits for those who do not. */
  "recipient-queue-full",
  "message-refused",
  "message-deferred",
  "too-large",
  "service-unavailable",
  "protocol",
  /** It refuses us, not a mail: this host, this account, this sender; or it has no room for anybody's. */
  "policy",
] as const;
export type SmtpReason = (typeof SMTP_REASONS)[number];

/** What went wrong, for people and for the dead letter; `reason` is the only part that may become a label. */
export interface SmtpFailure {
  readonly phase: SmtpPhase;
  readonly reason: SmtpReason;
  /** The server's reply, one line, at most 500 characters; empty when there was none. */
  readonly reply: string;
  /** The reply code, when there was a reply. */
  readonly code: number | undefined;
  /** What was seen instead of a reply (`connect ECONNREFUSED …`, `self-signed certificate`), one line; never a secret. */
  readonly detail?: string | undefined;
}

export interface RecipientFailure extends SmtpFailure {
  readonly address: string;
}

/**
 * What was said at RCPT in a transaction that ended without a message taken. A recipient in neither list, and not among the refused, was not
 * answered for.
 */
export interface RcptAnswers {
  /** 250. */
  readonly taken: readonly string[];
  /** 4xx about this recipient. */
  readonly deferred: readonly RecipientFailure[];
}

/** What one attempt ended in. See docs/sending.md. */
export type SendOutcome =
  | {
      /** The server took the message for at least one recipient; the others are listed. */
      readonly kind: "accepted";
      readonly reply: string;
      readonly refused: readonly RecipientFailure[];
      readonly deferred: readonly RecipientFailure[];
    }
  /** For good, for every recipient. `recipients` says which for which reason where the server said so per recipient. */
  | {
      readonly kind: "refused";
      readonly failure: SmtpFailure;
      readonly recipients: readonly RecipientFailure[];
      readonly rcpt?: RcptAnswers;
    }
  /** Nobody has the mail; worth another attempt for the recipients in `deferred` (all but `refused`). */
  | {
      readonly kind: "deferred";
      readonly failure: SmtpFailure;
      readonly refused: readonly RecipientFailure[];
      readonly rcpt?: RcptAnswers;
    }
  /** The server could not be talked to: no mail's fault. */
  | { readonly kind: "unreachable"; readonly failure: SmtpFailure }
  /** The body had gone out, the final reply never came: the server may have it. `refused` at RCPT before that. */
  | {
      readonly kind: "ambiguous";
      readonly failure: SmtpFailure;
      readonly refused: readonly RecipientFailure[];
      readonly rcpt?: RcptAnswers;
    };

export type SendOutcomeKind = SendOutcome["kind"];

/** What it ended in to connect, secure and log in, without a mail. */
export type ProbeOutcome =
  /** `loginOffered`: the server takes logins, whether one is configured or not. `maxBytes`: of a mail, where the server says so (`SIZE`, RFC 1870). */
  | { readonly kind: "reachable"; readonly loginOffered: boolean; readonly maxBytes?: number }
  | { readonly kind: "unreachable"; readonly failure: SmtpFailure };

export interface SmtpConnections {
  readonly busy: number;
  readonly idle: number;
}

export interface Mailer {
  /** One attempt under its own deadline (`SMTP_TIMEOUT`). Never throws, never retries. At most `SMTP_CONNECTIONS` at once. */
  send(mail: RenderedMail, recipients: readonly string[]): Promise<SendOutcome>;
  /** Connects, secures and logs in, under the same deadlines; what comes of it is kept for the next mail. Never throws. */
  probe(): Promise<ProbeOutcome>;
  connections(): SmtpConnections;
  /** Closes idle connections at once and the others when their attempt ends. */
  close(): Promise<void>;
}
