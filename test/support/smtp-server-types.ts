/** What a test asks of the SMTP server and gets from it; the server itself is `smtp-server.ts`. */

import type { Email } from "postal-mime";

/** What the server does at a step. Undefined: what a well-behaved server would do. */
export type SmtpAction =
  | undefined
  /** Answers this and stays in the state it was in. Replies 421 close the connection. */
  | { readonly code: number; readonly text?: string }
  /** Writes these bytes as they are, line end included, for replies no server should give. */
  | { readonly bytes: string }
  /** Cuts the connection without an answer. After the final dot: without having taken the message. */
  | "drop"
  /** Only after the final dot: takes the message, then cuts the connection without an answer. */
  | "record-and-drop"
  /** No answer until `resume()`; then as a well-behaved server. */
  | "stall";

export type Decision = SmtpAction | Promise<SmtpAction>;

export interface SmtpContext {
  /** Ordinal of the connection since the start, from 1. */
  readonly connection: number;
  readonly secure: boolean;
  /** Its TLS session went on from one of an earlier connection. */
  readonly resumed: boolean;
  /** What the client called itself last. */
  readonly helo: string;
  /** User name once logged in. */
  readonly user: string | undefined;
  readonly from: string;
  /** Recipients accepted so far in this transaction. */
  readonly to: readonly string[];
}

/** A hook per step; a promise delays the step until it resolves. */
export interface SmtpBehaviour {
  /** Before the greeting. */
  onConnect?(context: SmtpContext): Decision;
  onEhlo?(context: SmtpContext): Decision;
  onStartTls?(context: SmtpContext): Decision;
  onAuth?(context: SmtpContext): Decision;
  onMail?(address: string, context: SmtpContext): Decision;
  onRcpt?(address: string, context: SmtpContext): Decision;
  /** The DATA command, before any of the body. */
  onData?(context: SmtpContext): Decision;
  /** The first bytes of the body have come; only "drop" and "stall" make sense. */
  onBody?(context: SmtpContext): Decision;
  /** After the final dot, before the reply. Without an action the message is recorded and accepted. */
  onMessage?(message: ReceivedMessage, context: SmtpContext): Decision;
  onRset?(context: SmtpContext): Decision;
}

/** Hooks that can be taken back. */
export type SmtpHooks = { [K in keyof SmtpBehaviour]?: SmtpBehaviour[K] | undefined };

export interface ReceivedMessage {
  /** Envelope, not headers. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  /** Milliseconds since the epoch, just before the reply. */
  readonly acceptedAtMs: number;
  readonly context: SmtpContext;
  /** Parsed when first asked for. */
  parsed(): Promise<Email>;
  /** Value of a header, unfolded, encoded words decoded; undefined when there is none. */
  header(name: string): Promise<string | undefined>;
}

export interface SmtpServerOptions extends SmtpBehaviour {
  /** `starttls` offers it, `implicit` speaks TLS from the first byte; self-signed `TEST_CERTIFICATE`. Default `none`. */
  readonly tls?: "none" | "starttls" | "implicit";
  /** Login required with these; offered in clear text too. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** The user of `auth` also gets in with this access token (XOAUTH2); `auth.pass` is then refused. */
  readonly accessToken?: () => string;
  /** Largest message in bytes, announced with SIZE. */
  readonly size?: number;
  /** Announce PIPELINING. Default true, as real servers do. */
  readonly pipelining?: boolean;
  /** Announce SMTPUTF8. Default true. */
  readonly smtpUtf8?: boolean;
  /** Keep accepted messages in `messages`. Default true; a bench counts only. */
  readonly keep?: boolean;
}

export interface SmtpTestServer {
  readonly host: string;
  readonly port: number;
  /** `smtp://…` or `smtps://…`, with the login when there is one. */
  readonly url: string;
  /** In the order they were accepted. */
  readonly messages: readonly ReceivedMessage[];
  /** Accepted messages, also when they are not kept. */
  readonly acceptedCount: number;
  readonly concurrentConnections: number;
  readonly maxConcurrentConnections: number;
  /** Connections since the start. */
  readonly totalConnections: number;
  /** Sets hooks on top of the present ones; `undefined` removes one. */
  behave(behaviour: SmtpHooks): void;
  /** Every step of every connection hangs from now on. */
  stallAll(): void;
  /** Ends `stallAll()` and every "stall". */
  resume(): void;
  /** Cuts every connection; the server goes on listening. */
  dropConnections(): void;
  /** Nobody listens on the port any more and every connection is cut. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
  /** Forgets messages and counters, not the behaviour. */
  reset(): void;
  /** Resolves once at least `count` messages were accepted; rejects after `timeoutMs` (240 s). */
  waitForMessages(count: number, timeoutMs?: number): Promise<readonly ReceivedMessage[]>;
  /** Resolves once the condition holds; it is asked whenever something happens here. Rejects after `timeoutMs` (240 s). */
  waitFor(condition: (server: SmtpTestServer) => boolean, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}
