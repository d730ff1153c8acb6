/**
 * nodemailer's connection, with fewer writes: a pipelined envelope is one, a message that needs no change on its way is one with its final dot. Its own
 * way takes a stream and two pipes for each message, two thirds of what sending it costs. All replies stay with nodemailer, and so does what they mean.
 */

import { Readable } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import SMTPConnection, {
  type SMTPConnectionAuth,
  type SMTPConnectionOptions,
  type SMTPConnectionSendCallback,
  type SMTPEnvelope,
} from "nodemailer/lib/smtp-connection";
import XOAuth2 from "nodemailer/lib/xoauth2";
import { OUR_TURNS } from "../runtime/turns.js";
import type { SmtpTarget } from "./smtp-options.js";
import type { TlsTickets } from "./tls-tickets.js";

/** A server that does not answer QUIT is left after this. */
export const QUIT_MS = 1_000;

/** Longest reply: more than any server has to say. */
export const REPLY_MAX_BYTES = 128 * 1024;

/** The longest that a timer takes. */
const NEVER_MS = 2 ** 31 - 1;

type ReplyCallback = (error: Error | null, reply?: string) => void;

/** What nodemailer calls of itself. Its version is pinned; the integration tests of `smtp-*` hold that it is so. */
interface Internals {
  readonly _responseActions: ((reply: string) => void)[];
  _setEnvelope(envelope: SMTPEnvelope, callback: ReplyCallback): void;
  _sendCommand(command: string, logged?: string): void;
  _createSendStream(callback: ReplyCallback): MessageStream;
  _actionSMTPStream(reply: string, callback: ReplyCallback): void;
}

interface MessageStream {
  readonly outByteCount: number;
  write(message: Buffer): void;
  end(): void;
}

/** One record of what nodemailer does: `tnx` says of which kind. */
export interface ConnectionRecord {
  readonly tnx?: string;
  readonly remoteAddress?: string;
}

const nodemailers = SMTPConnection.prototype as unknown as Internals;

export class LeanConnection extends SMTPConnection {
  /** What the server takes, in bytes; 0: it does not say. */
  declare readonly _maxAllowedSize: number;
  /** Commands of an envelope that leave together. */
  #batch: string | undefined;
  /** The message is sent as it is. */
  #asItIs = false;
  readonly #see: (record: ConnectionRecord, text?: unknown) => void;

  /** `see` is told of each step, as nodemailer's logger is. */
  constructor(options: SMTPConnectionOptions, see: (record: ConnectionRecord, text?: unknown) => void) {
    super(options);
    this.#see = see;
    // Not as an option: each record would be copied and formatted first.
    const logger = { trace: see, debug: see, info: see, warn: see, error: see, fatal: see };
    Object.assign(this, { logger });
  }

  override send(envelope: SMTPEnvelope, message: Buffer, done: SMTPConnectionSendCallback): void {
    const room = this._socket ? this._socket.writableHighWaterMark : 0;
    // What the socket's buffer does not swallow whole goes nodemailer's way, which knows when the final dot has gone out.
    this.#asItIs = message.length + FINAL_DOT.length < room && isAsSent(message);
    // A large one in pieces: nodemailer looks at each byte of what it is given before anything else has its turn.
    const isLarge = message.length > AT_ONCE_BYTES;
    super.send(envelope, isLarge ? Readable.from(piecesOf(message), { objectMode: false }) : message, done);
  }

  _setEnvelope(envelope: SMTPEnvelope, callback: ReplyCallback): void {
    this.#batch = "";
    nodemailers._setEnvelope.call(this, envelope, callback);
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== "") nodemailers._sendCommand.call(this, batch.slice(0, -LINE_END.length));
  }

  _sendCommand(command: string, logged?: string): void {
    if (this.#batch === undefined) nodemailers._sendCommand.call(this, command, logged);
    else this.#batch += command + LINE_END;
  }

  _createSendStream(callback: ReplyCallback): MessageStream {
    const self = this as unknown as Internals;
    if (!this.#asItIs) return nodemailers._createSendStream.call(this, callback);
    self._responseActions.push((reply) => self._actionSMTPStream(reply, callback));
    const socket = this._socket;
    return {
      outByteCount: 0,
      write: (message) => {
        if (socket) socket.write(Buffer.concat([message, FINAL_DOT]));
        this.#see({ tnx: "message" });
      },
      end: () => undefined,
    };
  }
}

const LINE_END = "\r\n";
const FINAL_DOT = Buffer.from(".\r\n");
const [CR, LF, DOT] = [0x0d, 0x0a, 0x2e];

const AT_ONCE_BYTES = 256 * 1024;

async function* piecesOf(message: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < message.length; at += AT_ONCE_BYTES) {
    await OUR_TURNS.next();
    yield message.subarray(at, at + AT_ONCE_BYTES);
  }
}

/** Whole lines that all end in CRLF, and none that begins with a dot (RFC 5321 section 4.5.2). */
function isAsSent(message: Buffer): boolean {
  for (let at = 0; at < message.length; ) {
    const end = message.indexOf(CR, at) + 1;
    if (end === 0 || message.indexOf(LF, at) !== end || message[at] === DOT) return false;
    at = end + 1;
  }
  return message.length > 0;
}

/** Deadlines are the session's own. */
export const connectionOptions = (target: SmtpTarget, tickets: TlsTickets): SMTPConnectionOptions => ({
  host: target.host,
  port: target.port,
  secure: target.secure,
  requireTLS: target.tls === "require" && !target.secure,
  ignoreTLS: target.tls === "off",
  opportunisticTLS: target.tls === "opportunistic",
  tls: target.tls === "off" && !target.secure ? {} : tlsOptions(target, tickets),
  connectionTimeout: NEVER_MS,
  greetingTimeout: NEVER_MS,
  socketTimeout: NEVER_MS,
  // A lookup that nobody waits for any more must not keep the process.
  dnsTimeout: Math.min(target.timeoutMs + 1_000, NEVER_MS),
  socketCloseTimeout: QUIT_MS,
  maxResponseSize: REPLY_MAX_BYTES,
  transactionLog: true,
});

const tlsOptions = ({ tls }: SmtpTarget, { context, last }: TlsTickets): ConnectionOptions => ({
  rejectUnauthorized: tls !== "opportunistic",
  secureContext: context,
  ...(last === undefined ? {} : { session: last }),
});

export const credentialsOf = (user: string, { pass, accessTokens }: SmtpTarget): SMTPConnectionAuth => {
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
};
