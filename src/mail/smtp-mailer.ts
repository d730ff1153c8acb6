/** `Mailer` over SMTP: a bounded pool of connections, one attempt at a time on each, every failure a value. */

import { maskedInTexts } from "../core/secret-text.js";
import type {
  Mailer,
  ProbeOutcome,
  RenderedMail,
  SendOutcome,
  SmtpConnections,
  SmtpFailure,
} from "../runtime/ports.js";
import type { SmtpMailerOptions } from "./smtp-options.js";
import { type OutcomeContext, outcomeOf, unreachable, unsendable } from "./smtp-outcome.js";
import { type SmtpBreak, SmtpSession, type TransactionResult } from "./smtp-session.js";
import { TlsTickets } from "./tls-tickets.js";

export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  return new SmtpMailer(options);
}

/** What an attempt starts with: an idle connection, leave to open one of its own, or nothing any more. */
type Turn = SmtpSession | "open" | "closed";

interface Attempt {
  readonly from: string;
  readonly raw: Buffer;
  readonly to: readonly string[];
  session: SmtpSession | undefined;
}

/**
 * A seat is leave to have a socket; there are `connections` of them. An attempt holds one while it runs, an idle
 * connection while it lives, and it is free again only when the socket is really gone.
 */
class SmtpMailer implements Mailer {
  readonly #options: SmtpMailerOptions;
  readonly #tickets: TlsTickets;
  readonly #idle: SmtpSession[] = [];
  readonly #probing = new Set<Attempt>();
  readonly #waiting: ((turn: Turn) => void)[] = [];
  #seatsTaken = 0;
  #busy = 0;
  #toldOfLogin = false;
  #closing: { readonly done: () => void } | undefined;

  constructor(options: SmtpMailerOptions) {
    this.#options = options;
    this.#tickets = new TlsTickets(options.ca);
  }

  connections(): SmtpConnections {
    return { busy: this.#busy, idle: this.#idle.length };
  }

  async send(mail: RenderedMail, recipients: readonly string[]): Promise<SendOutcome> {
    const to = recipients.filter(isSendable);
    const refusedHere = to.length === recipients.length ? [] : recipients.filter((a) => !isSendable(a)).map(unsendable);
    if (to.length === 0) {
      const { address: _, ...failure } = refusedHere[0] ?? unsendable("");
      return { kind: "refused", failure, recipients: refusedHere };
    }
    const signed = this.#options.sign?.(mail.raw) ?? mail.raw;
    const raw = signed instanceof Promise ? await signed : signed;
    const turn = await this.#turn();
    if (turn === "closed") return closedOutcome();
    this.#busy++;
    const attempt: Attempt = { from: mail.from, raw, to, session: undefined };
    try {
      // Asked for after the attempt: an access token is read during the login.
      const outcome = await this.#attempt(attempt, turn, () => ({
        secrets: secretsIn(this.#options),
        unsendable: refusedHere,
        timedOutAfterMs: attempt.session?.timedOutAfterMs,
      }));
      const { session } = attempt;
      if (session) session.deferredInARow = outcome.kind === "deferred" ? session.deferredInARow + 1 : 0;
      return outcome;
    } finally {
      this.#busy--;
      this.#release(attempt.session);
    }
  }

  async probe(): Promise<ProbeOutcome> {
    const turn = await this.#turn();
    if (turn === "closed") return { kind: "unreachable", failure: CLOSED };
    // Only a new login tells whether the login is still taken.
    if (turn !== "open") await closed(turn);
    this.#busy++;
    const attempt: Attempt = { from: "", raw: Buffer.alloc(0), to: [], session: undefined };
    this.#probing.add(attempt);
    try {
      const broken = await this.#open(attempt);
      const { session } = attempt;
      const maxBytes = session?.maxBytes;
      if (!broken)
        return {
          ...{ kind: "reachable", loginOffered: session?.offersLogin === true },
          ...(maxBytes !== undefined && { maxBytes }),
        };
      session?.close();
      const secrets = secretsIn(this.#options);
      return unreachable(broken, { timedOutAfterMs: session?.timedOutAfterMs, secrets, unsendable: [] });
    } finally {
      this.#probing.delete(attempt);
      this.#busy--;
      this.#release(attempt.session);
    }
  }

  close(): Promise<void> {
    return new Promise((done) => {
      this.#closing = { done };
      // Nothing is lost with them.
      for (const { session } of this.#probing) session?.close();
      for (const waiter of this.#waiting.splice(0)) waiter("closed");
      for (const session of this.#idle.splice(0)) this.#leave(session);
      if (this.#seatsTaken === 0) done();
    });
  }

  async #attempt(attempt: Attempt, turn: SmtpSession | "open", context: () => OutcomeContext): Promise<SendOutcome> {
    if (turn !== "open") {
      attempt.session = turn;
      const result = await turn.send(attempt.from, attempt.to, attempt.raw);
      if (!isWornOut(turn, result)) return outcomeOf(result, context());
      // The connection was no good before this mail began: the pool's business, not an outcome.
      await closed(turn);
    }
    const broken = await this.#open(attempt);
    if (broken) {
      // Also where it still stands, as after a refused login: nothing may be sent over what was not opened.
      attempt.session?.close();
      return unreachable(broken, context());
    }
    const session = attempt.session as SmtpSession;
    return outcomeOf(await session.send(attempt.from, attempt.to, attempt.raw), context());
  }

  /** A new connection, ready for a mail. */
  async #open(attempt: Attempt): Promise<SmtpBreak | undefined> {
    const { tls, secure, user } = this.#options;
    const session = this.#newSession(attempt, false);
    const broken = await session.open();
    const failedTls = broken?.phase === "tls" && session.timedOutAfterMs === undefined;
    // In clear no login is sent, and without its login nothing is.
    if (!failedTls || tls !== "opportunistic" || secure || user !== undefined) return broken;
    await closed(session);
    return await this.#newSession(attempt, true).open();
  }

  #newSession(attempt: Attempt, neverTls: boolean): SmtpSession {
    attempt.session = new SmtpSession(this.#options, {
      neverTls,
      tickets: this.#tickets,
      onOffersLogin: () => this.#offersLogin(),
      onIdleEnd: (ended) => {
        const index = this.#idle.indexOf(ended);
        if (index < 0) return;
        this.#idle.splice(index, 1);
        this.#leave(ended);
      },
    });
    return attempt.session;
  }

  /** Told once. */
  #offersLogin(): void {
    if (this.#toldOfLogin) return;
    this.#toldOfLogin = true;
    this.#options.onOffersLogin?.();
  }

  async #turn(): Promise<Turn> {
    if (this.#closing) return "closed";
    // The one used last: the others grow old and leave when there is less to do.
    const session = this.#idle.pop();
    if (session) return session;
    if (this.#seatsTaken < this.#options.connections) {
      this.#seatsTaken++;
      return "open";
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** After an attempt: the next one goes on with its connection, or it idles, or it leaves. */
  #release(session: SmtpSession | undefined): void {
    if (session === undefined) {
      this.#freeSeat();
    } else if (!session.alive || this.#closing || this.#hadItsShare(session)) {
      this.#leave(session);
    } else if (this.#waiting.length > 0) {
      this.#waiting.shift()?.(session);
    } else {
      this.#idle.push(session);
      session.idle(this.#options.idleMs);
    }
  }

  /** Servers queue or refuse what comes over a connection that had too much of something, and take the same over a new one. */
  #hadItsShare({ mails, deferredInARow }: SmtpSession): boolean {
    return mails >= this.#options.mailsPerConnection || deferredInARow >= DEFERRED_MAX;
  }

  #leave(session: SmtpSession): void {
    session.drain();
    void session.closed.then(() => this.#freeSeat());
  }

  #freeSeat(): void {
    const next = this.#waiting.shift();
    if (next) next("open");
    else if (--this.#seatsTaken === 0) this.#closing?.done();
  }
}

/** Deferred mails in a row over one connection. */
const DEFERRED_MAX = 3;

/**
 * A used connection over which nothing of the mail was taken note of: it was dead; or the server says goodbye, or "not now" to MAIL, which it may have
 * said to any further mail over it (OpenSMTPD to the 101st, Exim to one too many).
 */
function isWornOut(session: SmtpSession, result: TransactionResult): boolean {
  if (session.timedOutAfterMs !== undefined || !("broken" in result) || result.broken.phase !== "mail") return false;
  const { response, responseCode = 0 } = result.broken.error;
  if (response === undefined) return !session.alive;
  return responseCode >= 400 && responseCode < 500;
}

async function closed(session: SmtpSession): Promise<void> {
  session.close();
  await session.closed;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the command
const isSendable = (address: string): boolean => /^[^\x00-\x20\x7f<>]+$/.test(address);

const CLOSED: SmtpFailure = {
  phase: "connect",
  reason: "connection-lost",
  reply: "",
  code: undefined,
  detail: "the mailer is closed",
};

const closedOutcome = (): SendOutcome => ({ kind: "unreachable", failure: CLOSED });

/** Passwords and tokens as they are typed, and as they travel (RFC 4616, LOGIN, XOAUTH2, URLs). */
function secretsIn({ user = "", pass = "", accessTokens }: SmtpMailerOptions): readonly string[] {
  const given = [pass, ...(accessTokens?.seen() ?? [])].filter((secret) => secret !== "");
  if (given.length === 0) return given;
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  return maskedInTexts(
    given.flatMap((secret) => [
      base64(`\0${user}\0${secret}`),
      base64(`user=${user}\x01auth=Bearer ${secret}\x01\x01`),
      base64(secret),
      encodeURIComponent(secret),
      secret,
    ]),
  );
}
