/** What the log tells of mails, enough to answer "why did I get this mail, or not": `docs/logs.md` says how. */

import type { Clock } from "./clock.js";
import { Ambiguities } from "./conclusion.js";
import { FaultLimiter } from "./fault-limiter.js";
import type { Logger } from "./log.js";
import type { Undeliverable } from "./mail-job.js";
import type { Digest, RecipientFailure, SendOutcomeKind, SmtpFailure } from "./ports.js";
import type { RecipientView } from "./recipient-view.js";
import { type ServerAddress, sayTrouble, troubleOf } from "./server-trouble.js";

interface HistoryEntry {
  readonly outcome: SendOutcomeKind;
  readonly failure: SmtpFailure;
  times: number;
}

/** What the attempts of one mail ended in so far, but for the last: an entry for each outcome and reason. */
export class MailHistory {
  readonly entries: HistoryEntry[] = [];
  readonly ambiguities = new Ambiguities();

  /** True the first time this mail ends so. */
  note(outcome: SendOutcomeKind, failure: SmtpFailure): boolean {
    const known = this.entries.find((entry) => entry.outcome === outcome && entry.failure.reason === failure.reason);
    if (known !== undefined) known.times++;
    else if (this.entries.length < HISTORY_MAX) this.entries.push({ outcome, failure, times: 1 });
    else return false;
    return known === undefined;
  }
}

/** How far a mail came. Durations in milliseconds. */
export interface MailProgress {
  readonly digest: Digest;
  /** In the same mail; absent: this one alone. */
  readonly devices?: number;
  /** Undefined before it is rendered. */
  readonly messageId: string | undefined;
  readonly attempts: number;
  /** Of the last attempt; undefined when there was none. */
  readonly latencyMs: number | undefined;
  readonly history: MailHistory;
  /** While it waited, the server was unreachable for so long. */
  readonly serverUnreachableMs: number;
  /** Recipients that have it. */
  readonly reached: readonly string[];
  /** Of them, those who are presumed to have it. */
  readonly presumed: readonly string[];
}

/**
 * One line for each mail when it is through, at once and never left out, and one each time an attempt ends in a way new to that mail. The same
 * again is a repeated fault: a line a second and reason, with how many were left out.
 */
export class MailLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #recipients: RecipientView;
  readonly #server: ServerAddress | undefined;
  readonly #retries = new FaultLimiter(RETRY_LINE_EVERY_MS);
  readonly #outages = new FaultLimiter(OUTAGE_LINE_EVERY_MS);
  #unreachableSince: number | undefined;

  constructor(deps: { log: Logger; clock: Clock; recipients: RecipientView; server?: ServerAddress | undefined }) {
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#recipients = deps.recipients;
    this.#server = deps.server;
  }

  accepted(mail: MailProgress, reply: string): void {
    const fields = {
      outcome: "accepted",
      ...this.#about(mail),
      reply: this.#recipients.text(reply, mail.messageId),
      ...this.#past(mail),
    };
    this.#log.info(fields, "mail accepted");
  }

  /** The end of the message was sent three times, and no reply ever came. */
  presumed(mail: MailProgress, failure: SmtpFailure): void {
    const presumed = this.#recipients.list(mail.presumed);
    const fields = { outcome: "presumed", ...this.#about(mail), presumed, ...this.#failure(mail, failure) };
    this.#log.warn({ ...fields, ...this.#past(mail) }, PRESUMED);
  }

  /** Nothing was sent: those who don't have it are no recipients any more. */
  acceptedBefore(mail: MailProgress): void {
    const fields = { outcome: "accepted", ...this.#about(mail), ...this.#past(mail) };
    this.#log.info(fields, "mail accepted before; nobody is left to send it to");
  }

  /** Its dead letter is on the way. */
  undeliverable(mail: MailProgress, why: Undeliverable): void {
    const bySome = mail.reached.length > 0;
    const fields = {
      outcome: bySome ? "accepted" : "dead_lettered",
      ...this.#about(mail),
      stage: why.stage,
      reason: why.reason,
      detail: this.#recipients.text(why.detail, mail.messageId),
      failed: why.recipients.map((failure) => ({
        recipient: this.#recipients.one(failure.address),
        ...this.#failure(mail, failure),
      })),
      ...this.#past(mail),
    };
    this.#log.warn(fields, bySome ? "mail accepted, not for everybody; the rest is a dead letter" : GIVEN_UP);
  }

  /** `pending`: who is still to get it. */
  willRetry(
    mail: MailProgress,
    outcome: SendOutcomeKind,
    failure: SmtpFailure,
    next: { readonly pending: readonly string[]; readonly retryInMs: number },
  ): void {
    // Accepted for some, deferred for others: the mail is not through.
    const kind = outcome === "accepted" ? "deferred" : outcome;
    const isNew = mail.history.note(kind, failure);
    const line = this.#retries.admit(failure.reason, this.#clock.now());
    if (line === undefined && !isNew) return;
    this.#log.warn(
      {
        outcome: kind,
        ...this.#about(mail),
        ...this.#failure(mail, failure),
        pending: this.#recipients.list(next.pending),
        retryInMs: Math.round(next.retryInMs),
        ...line,
      },
      "mail not accepted yet; will be tried again",
    );
  }

  /** Others have its mail, or get theirs before: it is tried alone from now on. */
  recipientWaits(address: string, failure: SmtpFailure): void {
    this.#log.warn({ recipient: this.#recipients.one(address), ...this.#said(failure) }, RECIPIENT_WAITS);
  }

  /** Its budget is spent. */
  recipientGivenUp(address: string, failure: SmtpFailure): void {
    this.#log.warn({ recipient: this.#recipients.one(address), ...this.#said(failure) }, RECIPIENT_GIVEN_UP);
  }

  /** `since`: when the server began to defer it. */
  recipientTakesAgain(address: string, since: number): void {
    const waitedMs = Math.max(0, this.#clock.now() - since);
    this.#log.info({ recipient: this.#recipients.one(address), waitedMs }, RECIPIENT_TAKES);
  }

  /** Of the server, not of a mail. `probeInMs`: undefined while a probe is waited for already. */
  unreachable(history: MailHistory, failure: SmtpFailure, probeInMs: number | undefined): void {
    history.note("unreachable", failure);
    this.#unreachableSince ??= this.#clock.elapsed();
    if (probeInMs === undefined) return;
    const line = this.#outages.admit(failure.reason, this.#clock.now());
    if (line === undefined) return;
    const said = { ...failure, reply: this.#recipients.text(failure.reply) };
    if (failure.reason === "policy") {
      const server = this.#server && { host: this.#server.host, port: this.#server.port };
      this.#log.warn({ ...said, ...server, probeInMs: Math.round(probeInMs), ...line }, REFUSES_US);
      return;
    }
    this.#log.warn({ ...said, ...this.#trouble(failure), probeInMs: Math.round(probeInMs), ...line }, UNREACHABLE);
  }

  #trouble(failure: SmtpFailure): Record<string, unknown> {
    if (this.#server === undefined) return {};
    const { host, port, login } = this.#server;
    const trouble = troubleOf(failure, login);
    return { host, port, trouble, ...sayTrouble(trouble, this.#server) };
  }

  reachable(): void {
    if (this.#unreachableSince === undefined) return;
    const unreachableMs = Math.round(this.#clock.elapsed() - this.#unreachableSince);
    this.#unreachableSince = undefined;
    this.#log.info({ unreachableMs }, "SMTP server reachable again");
  }

  #about({ digest, devices = 1, messageId, reached, attempts, latencyMs }: MailProgress): Record<string, unknown> {
    return {
      device: digest.deviceId,
      window: [new Date(digest.windowStart).toISOString(), new Date(digest.windowEnd).toISOString()],
      windows: digest.windowCount,
      repeats: digest.repeats,
      topic: digest.topic,
      partition: digest.partition,
      offsets: [digest.firstOffset, digest.lastOffset],
      alerts: digest.count,
      devices: devices > 1 ? devices : undefined,
      messageId,
      recipients: this.#recipients.list(reached),
      recipientCount: reached.length,
      attempts,
      latencyMs: latencyMs === undefined ? undefined : Math.round(latencyMs),
    };
  }

  #past(mail: MailProgress): Record<string, unknown> {
    const { digest, history, serverUnreachableMs } = mail;
    return {
      sinceWindowEndMs: Math.max(0, this.#clock.now() - digest.windowEnd),
      serverUnreachableMs: serverUnreachableMs > 0 ? Math.round(serverUnreachableMs) : undefined,
      earlier:
        history.entries.length === 0
          ? undefined
          : history.entries.map(({ outcome, failure, times }) => ({
              outcome,
              ...this.#failure(mail, failure),
              times,
            })),
    };
  }

  #failure(mail: MailProgress, { phase, reason, code, reply, detail }: SmtpFailure | RecipientFailure) {
    return {
      phase,
      reason,
      code,
      reply: this.#recipients.text(reply, mail.messageId),
      detail: detail === undefined ? undefined : this.#recipients.text(detail, mail.messageId),
    };
  }

  #said({ phase, reason, code, reply, detail }: SmtpFailure) {
    return { phase, reason, code, reply: this.#recipients.text(reply), detail };
  }
}

const PRESUMED = "mail presumed delivered: its end was sent, no reply ever came";
const GIVEN_UP = "mail not delivered; it becomes a dead letter";
const RECIPIENT_WAITS = "the server defers a recipient; its mails wait for it alone, the others get theirs";
const RECIPIENT_GIVEN_UP = "a recipient was deferred too long; until it takes one, each of its mails is tried once";
const RECIPIENT_TAKES = "the server takes mail for the recipient again; what waited for it leaves";
const UNREACHABLE = "SMTP server unreachable; mails wait, none is given up";
const REFUSES_US = "SMTP server refuses us; mails wait, none is given up";
const RETRY_LINE_EVERY_MS = 1_000;
const OUTAGE_LINE_EVERY_MS = 30_000;
const HISTORY_MAX = 8;
