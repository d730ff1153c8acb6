/**
 * One SMTP connection and how far it has come. nodemailer speaks the protocol, three things are done around it:
 *
 * - Its error for a lost connection is the same at every step. Its log records tell the steps apart: one per command and
 *   reply (`transactionLog`), and one with `tnx: "message"` once the final dot was handed to the socket. With a body that
 *   the socket's buffer swallowed whole that is a little early, which errs on the side of "the server may have it".
 * - A login or RSET that is cut off never calls back; only the events `error` and `end` say so.
 * - The socket is ours, so that a deadline can destroy it at any step and its `close` tells when it really is gone.
 */

import { Socket } from "node:net";
import SMTPConnection, {
  type SMTPConnectionEnvelope,
  type SMTPConnectionSendInfo,
  type SMTPError,
} from "nodemailer/lib/smtp-connection";
import XOAuth2 from "nodemailer/lib/xoauth2";
import type { SmtpPhase } from "../runtime/ports.js";
import type { SmtpTarget } from "./smtp-options.js";

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

/** A server that does not answer QUIT is left after this. */
const QUIT_MS = 1_000;

export class SmtpSession {
  /** Mails this connection was used for. */
  mails = 0;
  /** A transaction was left open: RSET goes before the next one. */
  needsReset = false;
  readonly #connection: SMTPConnection;
  readonly #socket = new Socket();
  readonly #target: SmtpTarget;
  #phase: SmtpPhase = "connect";
  #recipients = 0;
  /** Replies since MAIL, and whether the final dot has gone out. */
  #replies = 0;
  #dotSent = false;
  #dead = false;
  #settle: ((error: SmtpError | undefined, info?: SMTPConnectionSendInfo) => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #onIdleEnd: (session: SmtpSession) => void;
  readonly #onOffersLogin: () => void;
  /** Resolves when the socket is gone, whatever happened. */
  readonly closed: Promise<void>;

  /**
   * `neverTls`: stay in clear text.
   * `onOffersLogin`: the server takes logins, and there is none for it.
   * `onIdleEnd`: the server ended it, or it sat idle too long, while nothing was being sent.
   */
  constructor(
    target: SmtpTarget,
    hooks: {
      neverTls: boolean;
      timeoutMs: number;
      onIdleEnd: (session: SmtpSession) => void;
      onOffersLogin?: (() => void) | undefined;
    },
  ) {
    this.#target = hooks.neverTls ? { ...target, tls: "off" } : target;
    this.#onIdleEnd = hooks.onIdleEnd;
    this.#onOffersLogin = hooks.onOffersLogin ?? (() => undefined);
    this.#socket.once("connect", () => {
      this.#phase = target.secure ? "tls" : "greeting";
    });
    this.closed = new Promise((resolve) => this.#socket.once("close", () => resolve()));
    // Our own deadline ends every attempt; nodemailer's only must not come before it.
    const never = Math.min(hooks.timeoutMs * 2 + 60_000, 2 ** 31 - 1);
    this.#connection = new SMTPConnection({
      host: target.host,
      port: target.port,
      secure: target.secure,
      requireTLS: this.#target.tls === "require" && !target.secure,
      ignoreTLS: this.#target.tls === "off",
      opportunisticTLS: this.#target.tls === "opportunistic",
      tls: {
        rejectUnauthorized: this.#target.tls !== "opportunistic",
        ...(target.ca === undefined ? {} : { ca: target.ca }),
      },
      socket: this.#socket,
      connectionTimeout: never,
      greetingTimeout: never,
      socketTimeout: never,
      dnsTimeout: never,
      socketCloseTimeout: QUIT_MS,
      transactionLog: true,
      logger: this.#watcher(),
    });
    this.#connection.on("error", (error) => this.#ended(error));
    // "end" comes just before the callback of a send that a 421 reply ended: let that one tell its reason.
    this.#connection.on("end", () => queueMicrotask(() => this.#ended(new Error("connection closed"))));
  }

  get alive(): boolean {
    return !this.#dead;
  }

  /** Connects, secures, greets and logs in. */
  async open(): Promise<SmtpBreak | undefined> {
    const { error } = await this.#step((done) => this.#connection.connect((failure) => done(failure ?? null)));
    if (error) return this.#broken(error);
    const { user } = this.#target;
    if (user === undefined) {
      if (this.#connection.allowsAuth) this.#onOffersLogin();
      return undefined;
    }
    if (!this.#connection.allowsAuth) return { phase: "login", error: loginNotOffered() };
    this.#phase = "login";
    const login = await this.#step((done) =>
      this.#connection.login(this.#credentials(user), (failure) => done(failure)),
    );
    return login.error && this.#broken(login.error);
  }

  #credentials(user: string) {
    const { pass, accessTokens } = this.#target;
    if (accessTokens === undefined) return { user, pass: pass ?? "" };
    return {
      user,
      oauth2: new XOAuth2({
        user,
        // Asked once more when the server takes the first one for expired: it may have been renewed meanwhile.
        provisionCallback: (_user, _renew, done) =>
          void accessTokens.read().then(
            (token) => done(null, token),
            (error: Error) => done(error),
          ),
      }),
    };
  }

  /** One transaction. The connection stays usable unless `alive` says otherwise. */
  async send(from: string, to: readonly string[], raw: Buffer): Promise<TransactionResult> {
    clearTimeout(this.#idleTimer);
    this.#phase = "mail";
    this.#recipients = to.length;
    this.#dotSent = false;
    this.#replies = 0;
    this.mails++;
    if (this.needsReset) {
      const { error } = await this.#step((done) => this.#connection.reset((failure) => done(failure)));
      if (error) return { broken: { phase: "mail", error: withoutReply(error) }, rejected: [], taken: [] };
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

  /** Says goodbye; the socket closes when the server agrees, or soon. */
  quit(): void {
    clearTimeout(this.#idleTimer);
    if (this.#dead) this.destroy();
    else {
      this.#dead = true;
      this.#connection.quit();
      setTimeout(() => this.destroy(), QUIT_MS).unref();
    }
  }

  /** Cuts the connection at once, at whatever step it is. */
  destroy(): void {
    clearTimeout(this.#idleTimer);
    this.#dead = true;
    this.#connection.close();
    this.#socket.destroy();
  }

  #step(run: (done: (error: SmtpError | null, info?: SMTPConnectionSendInfo) => void) => void) {
    return new Promise<{ error: SmtpError | undefined; info?: SMTPConnectionSendInfo }>((resolve) => {
      const settle = (error: SmtpError | undefined, info?: SMTPConnectionSendInfo) => {
        if (this.#settle !== settle) return;
        this.#settle = undefined;
        resolve(info ? { error, info } : { error });
      };
      this.#settle = settle;
      if (this.#dead) settle(new Error("connection closed"));
      else run((error, info) => settle(error ?? undefined, info));
    });
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
    if (this.#phase !== "mail") return error.code === "ETLS" ? "tls" : this.#phase;
    if (this.#dotSent) return "sent";
    if (error.command === "MAIL FROM") return "mail";
    if (error.command === "RCPT TO") return "rcpt";
    if (error.command === "DATA") return "data";
    // MAIL, each RCPT and DATA have one reply each, in that order, pipelined or not.
    const answered = error.response ? this.#replies - 1 : this.#replies;
    if (answered <= 0) return "mail";
    return answered <= this.#recipients ? "rcpt" : "data";
  }

  #watcher() {
    const see = (entry: { readonly tnx?: string; readonly remoteAddress?: string }, text: unknown) => {
      if (entry.tnx === "server") this.#replies++;
      else if (entry.tnx === "message") this.#dotSent = true;
      // Connected, with an `smtps:` server secured as well.
      else if (entry.remoteAddress !== undefined) this.#phase = "greeting";
      else if (entry.tnx === "client" && text === "STARTTLS") this.#phase = "tls";
      else if (entry.tnx === "client" && this.#phase === "tls") this.#phase = "greeting";
    };
    return { trace: see, debug: see, info: see, warn: see, error: see, fatal: see, level: () => {} };
  }
}

/** Without it nothing is sent: a server that offers no login relays for nobody, or is not the one that was meant. */
const loginNotOffered = (): SmtpError =>
  Object.assign(new Error("the server offers no login (AUTH), and SMTP_URL has a user"), { code: "EAUTH" });

/** RSET is housekeeping: what was answered to it says nothing about the mail. */
const withoutReply = (error: SmtpError): SmtpError => new Error(error.message);
