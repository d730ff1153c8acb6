/**
 * One SMTP connection and how far it has come. nodemailer speaks the protocol, three things are done around it:
 *
 * - Its error for a lost connection is the same at every step. Its log records tell the steps apart: one per command and
 *   reply (`transactionLog`), and one with `tnx: "message"` once the final dot was handed to the socket. With a body that
 *   the socket's buffer swallowed whole that is a little early, which errs on the side of "the server may have it".
 * - A login or RSET that is cut off never calls back; only the events `error` and `end` say so.
 * - The socket is ours, so that a deadline can destroy it at any step and its `close` tells when it really is gone. Each reply begins a new step
 *   (`step-deadline.ts`); a server that talks without end is left before its words fill the memory.
 */

import { Socket } from "node:net";
import { hostname } from "node:os";
import type { SMTPConnectionEnvelope, SMTPConnectionSendInfo, SMTPError } from "nodemailer/lib/smtp-connection";
import type { SmtpPhase } from "../runtime/ports.js";
import { heloName } from "./helo-name.js";
import {
  type ConnectionRecord,
  connectionOptions,
  credentialsOf,
  LeanConnection,
  QUIT_MS,
  REPLY_MAX_BYTES,
} from "./smtp-connection.js";
import type { SmtpTarget } from "./smtp-options.js";
import { bodyMs, envelopeMs, StepDeadline } from "./step-deadline.js";
import type { TlsTickets } from "./tls-tickets.js";

/** nodemailer's, of which any part but the message may be missing. */
export type SmtpError = SMTPError;

/** A step that failed, and where. */
export interface SmtpBreak {
  readonly phase: SmtpPhase;
  readonly error: SmtpError;
}

export type TransactionResult =
  | { readonly reply: string; readonly rejected: readonly SmtpError[] }
  /** `taken`: answered 250 at RCPT. */
  | { readonly broken: SmtpBreak; readonly rejected: readonly SmtpError[]; readonly taken: readonly string[] };

export interface SessionHooks {
  /** Stay in clear text. */
  readonly neverTls: boolean;
  readonly tickets: TlsTickets;
  /** The server takes logins, and there is none for it. */
  readonly onOffersLogin?: () => void;
  /** The server ended it, or it sat idle too long, while nothing was being sent. */
  readonly onIdleEnd: (session: SmtpSession) => void;
}

export class SmtpSession {
  /** Mails this connection was used for. */
  mails = 0;
  /** How many of the last ones in a row were answered with "not now". */
  deferredInARow = 0;
  /** A transaction was left open: RSET goes before the next one. */
  needsReset = false;
  readonly #connection: LeanConnection;
  readonly #socket = new Socket();
  readonly #target: SmtpTarget;
  readonly #tickets: TlsTickets;
  readonly #deadline = new StepDeadline(() => this.#overdue());
  #timedOut = false;
  /** What the server may still say in this step. */
  #bytesLeft = 0;
  #phase: SmtpPhase = "connect";
  #recipients = 0;
  #bodyBytes = 0;
  /** Replies since MAIL, and whether the final dot has gone out. */
  #replies = 0;
  #dotSent = false;
  /** It knows no EHLO, so it offers nothing (RFC 5321 section 2.2.1); nodemailer then takes a login for offered. */
  #saidHelo = false;
  #dead = false;
  #settle: ((error: SmtpError | undefined, info?: SMTPConnectionSendInfo) => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #onIdleEnd: (session: SmtpSession) => void;
  readonly #onOffersLogin: () => void;
  /** Resolves when the socket is gone, whatever happened. */
  readonly closed: Promise<void>;

  constructor(target: SmtpTarget, hooks: SessionHooks) {
    this.#target = hooks.neverTls ? { ...target, tls: "off" } : target;
    this.#tickets = hooks.tickets;
    this.#onIdleEnd = hooks.onIdleEnd;
    this.#onOffersLogin = hooks.onOffersLogin ?? (() => undefined);
    this.#socket.once("connect", () => {
      this.#phase = target.secure ? "tls" : "greeting";
      this.#connection.name = target.helo ?? heloName(hostname(), this.#socket.localAddress);
    });
    this.closed = new Promise((resolve) => this.#socket.once("close", () => resolve()));
    const options = connectionOptions(this.#target, hooks.tickets);
    this.#connection = new LeanConnection({ ...options, socket: this.#socket }, (record, text) =>
      this.#watch(record, text),
    );
    this.#connection.on("error", (error) => this.#ended(error));
    // "end" comes just before the callback of a send that a 421 reply ended: let that one tell its reason.
    this.#connection.on("end", () => queueMicrotask(() => this.#ended(new Error("connection closed"))));
  }

  get alive(): boolean {
    return !this.#dead;
  }

  /** A step ran into its deadline: how long that was. */
  get timedOutAfterMs(): number | undefined {
    return this.#timedOut ? this.#deadline.ms : undefined;
  }

  /** The server takes logins over it as it is now. */
  get offersLogin(): boolean {
    return this.#connection.allowsAuth && !this.#saidHelo;
  }

  /** Of a mail, as the server says; undefined: it says nothing. */
  get maxBytes(): number | undefined {
    return this.#connection._maxAllowedSize || undefined;
  }

  /** Connects, secures, greets and logs in. */
  async open(): Promise<SmtpBreak | undefined> {
    const { error } = await this.#step((done) => this.#connection.connect((failure) => done(failure ?? null)));
    if (error) {
      if (this.#phaseOf(error) === "tls") this.#tickets.forget();
      return this.#broken(error);
    }
    this.#tickets.keep(this.#connection._socket);
    const { user } = this.#target;
    if (user === undefined) {
      if (this.offersLogin) this.#onOffersLogin();
      return undefined;
    }
    if (!this.offersLogin) return { phase: "login", error: loginNotOffered() };
    this.#phase = "login";
    const login = await this.#step((done) =>
      this.#connection.login(credentialsOf(user, this.#target), (failure) => done(failure)),
    );
    return login.error && this.#broken(login.error);
  }

  /** One transaction. The connection stays usable unless `alive` says otherwise. */
  async send(from: string, to: readonly string[], raw: Buffer): Promise<TransactionResult> {
    clearTimeout(this.#idleTimer);
    this.#phase = "mail";
    this.#recipients = to.length;
    this.#bodyBytes = raw.length;
    this.#dotSent = false;
    this.#replies = 0;
    this.mails++;
    if (this.needsReset) {
      const { error } = await this.#step((done) => this.#connection.reset((failure) => done(failure)));
      if (error) {
        // What it has not forgotten would be part of this mail: over a new connection the server says of it what it has to say.
        this.close();
        return { broken: { phase: "mail", error: withoutReply(error) }, rejected: [], taken: [] };
      }
      this.needsReset = false;
      this.#replies = 0;
    }
    // nodemailer keeps its books in the envelope it is given, and loses them when the message fails after RCPT.
    const envelope: { from: string; to: string[]; size: number } & Partial<SMTPConnectionEnvelope> = {
      from,
      to: [...to],
      size: raw.length,
    };
    const { error, info } = await this.#step((done) =>
      this.#connection.send(envelope, raw, (failure, sent) => done(failure, sent)),
    );
    const rejected = envelope.rejectedErrors ?? [];
    if (error === undefined) return { reply: info?.response ?? "", rejected };
    const broken = this.#broken(error);
    this.needsReset = broken.phase !== "sent";
    return { broken, rejected, taken: envelope.accepted ?? [] };
  }

  /** Waits for the next mail; after `idleMs` `onIdleEnd` is told. */
  idle(idleMs: number): void {
    this.#idleTimer = setTimeout(() => this.#onIdleEnd(this), idleMs);
    this.#idleTimer.unref();
  }

  /** No further mail: says goodbye; the socket closes when the server agrees, or soon. */
  drain(): void {
    clearTimeout(this.#idleTimer);
    if (this.#dead) this.close();
    else {
      this.#dead = true;
      this.#connection.quit();
      setTimeout(() => this.close(), QUIT_MS).unref();
    }
  }

  /** Cuts the connection at once, at whatever step it is. */
  close(): void {
    clearTimeout(this.#idleTimer);
    this.#dead = true;
    this.#connection.close();
    // nodemailer would go on with what was said already: a megabyte of empty lines takes it minutes.
    Object.assign(this.#connection, { _responseQueue: [] });
    this.#socket.destroy();
  }

  #step(run: (done: (error: SmtpError | null, info?: SMTPConnectionSendInfo) => void) => void) {
    return new Promise<{ error: SmtpError | undefined; info?: SMTPConnectionSendInfo }>((resolve) => {
      const settle = (error: SmtpError | undefined, info?: SMTPConnectionSendInfo) => {
        if (this.#settle !== settle) return;
        this.#settle = undefined;
        this.#deadline.clear();
        resolve(info ? { error, info } : { error });
      };
      this.#settle = settle;
      this.#bytesLeft = REPLY_MAX_BYTES * (this.#recipients + REPLIES_BESIDE_RCPT);
      this.#awaitReply();
      if (this.#dead) settle(new Error("connection closed"));
      else run((error, info) => settle(error ?? undefined, info));
    });
  }

  /** A new step begins, and the time for its reply. */
  #awaitReply(): void {
    if (this.#settle === undefined) return;
    const { timeoutMs, replyTimeoutMs } = this.#target;
    // MAIL, each RCPT and DATA are answered in this order; then the body goes out.
    if (this.#phase !== "mail") this.#deadline.start(timeoutMs);
    else if (this.#dotSent) this.#deadline.start(replyTimeoutMs);
    else if (this.#replies >= this.#recipients + 2) this.#deadline.start(bodyMs(timeoutMs, this.#bodyBytes));
    else this.#deadline.start(envelopeMs(timeoutMs, this.#recipients - Math.max(0, this.#replies - 1)));
  }

  #overdue(): void {
    this.#timedOut = true;
    this.#ended(new Error("no reply in time"));
    this.close();
  }

  #heard(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft >= 0) return;
    this.#ended(Object.assign(new Error("the server talks without end"), { code: "EPROTOCOL" }));
    this.close();
  }

  #ended(error: SmtpError): void {
    const wasAlive = !this.#dead;
    this.#dead = true;
    if (this.#settle) this.#settle(error);
    else if (wasAlive) this.#onIdleEnd(this);
  }

  #broken(error: SmtpError): SmtpBreak {
    return { phase: this.#phaseOf(error), error };
  }

  #phaseOf(error: SmtpError): SmtpPhase {
    if (this.#phase !== "mail") return error.code === "ETLS" || lacksStartTls(error) ? "tls" : this.#phase;
    if (this.#dotSent) return "sent";
    if (error.command === "MAIL FROM") return "mail";
    if (error.command === "RCPT TO") return "rcpt";
    if (error.command === "DATA") return "data";
    // MAIL, each RCPT and DATA have one reply each, in that order, pipelined or not.
    const answered = error.response ? this.#replies - 1 : this.#replies;
    if (answered <= 0) return "mail";
    return answered <= this.#recipients ? "rcpt" : "data";
  }

  /** Over the connection as it is now: the server's greeting is due, or what it says to EHLO once secured. */
  #connected(): void {
    this.#phase = "greeting";
    const socket = this.#connection._socket;
    if (socket) socket.on("data", (chunk: Buffer) => this.#heard(chunk.length));
  }

  #watch({ tnx, remoteAddress }: ConnectionRecord, text: unknown): void {
    if (tnx === "server") this.#replies++;
    else if (tnx === "message") this.#dotSent = true;
    // Connected, with an `smtps:` server secured as well.
    else if (remoteAddress !== undefined) this.#connected();
    else if (tnx === "client" && text === "STARTTLS") this.#phase = "tls";
    else if (tnx === "client" && String(text).startsWith("HELO ")) this.#saidHelo = true;
    else if (tnx === "client" && this.#phase === "tls") this.#connected();
    else return;
    this.#awaitReply();
  }
}

/** Without it nothing is sent: a server that offers no login relays for nobody, or is not the one that was meant. */
const loginNotOffered = (): SmtpError =>
  Object.assign(new Error("the server offers no login (AUTH), and SMTP_URL has a user"), { code: "EAUTH" });

/** EHLO is no command it knows, and TLS is asked for. Other refusals of EHLO are about who says it. */
const lacksStartTls = ({ command, response }: SmtpError): boolean =>
  command === "EHLO" && /^50[02]/.test(response ?? "");

/** MAIL, DATA and the end of the message, or the greeting, EHLO twice, STARTTLS and a login. */
const REPLIES_BESIDE_RCPT = 8;

/** RSET is housekeeping: what was answered to it says nothing about the mail. */
const withoutReply = (error: SmtpError): SmtpError => new Error(error.message);
