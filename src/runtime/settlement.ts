import type { Clock } from "./clock.js";
import type { Undeliverable } from "./mail-job.js";
import type { MailLog, MailProgress } from "./mail-log.js";
import type { Circuit } from "./mail-server.js";
import {
  type Digest,
  digestsOf,
  type MailContent,
  type RecipientFailure,
  type SentLog,
  type SmtpFailure,
} from "./ports.js";
import type { Sending } from "./sending.js";

/** Of the last attempt; where there was none, without a time. */
export interface LastSaid {
  readonly messageId: string | undefined;
  readonly reply: string;
  readonly elapsedMs: number | undefined;
}

const NOTHING_SENT = { messageId: undefined, elapsedMs: undefined };

/** A mail that is through: said in the log, put on record, told to whoever it is of. */
export class Settlement {
  readonly #log: MailLog;
  readonly #clock: Clock;
  readonly #circuit: Circuit;
  readonly #sent: SentLog | undefined;

  constructor(deps: { log: MailLog; clock: Clock; circuit: Circuit; sent: SentLog | undefined }) {
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#circuit = deps.circuit;
    this.#sent = deps.sent;
  }

  /** Nothing was sent: who was still to get it is no recipient any more. */
  acceptedBefore(sending: Sending, content: MailContent): undefined {
    for (const digest of digestsOf(content)) this.#log.acceptedBefore(this.progress(sending, content, digest));
    sending.job.accepted(content);
  }

  /** `unanswered`: the last thing that was seen of it is a reply that never came. What is to be waited for: nothing, or the record. */
  through(sending: Sending, content: MailContent, last: LastSaid, unanswered?: SmtpFailure): Promise<void> | undefined {
    for (const digest of digestsOf(content)) {
      const progress = this.progress(sending, content, digest, last);
      if (unanswered === undefined) this.#log.accepted(progress, last.reply);
      else this.#log.presumed(progress, unanswered);
    }
    const certainty = sending.presumed.length > 0 ? "presumed" : "accepted";
    return this.#recorded(sending, content, last, () => sending.job.accepted(content, true, certainty));
  }

  givenUp(sending: Sending, content: MailContent, why: Undeliverable, elapsedMs?: number): Promise<void> | undefined {
    const last = { messageId: why.messageId, reply: why.detail, elapsedMs };
    for (const digest of digestsOf(content))
      this.#log.undeliverable(this.progress(sending, content, digest, last), why);
    return this.#recorded(sending, content, last, () => {
      sending.tell();
      sending.job.undeliverable(content, why, sending.someHaveIt);
    });
  }

  progress(
    sending: Sending,
    content: MailContent,
    digest: Digest,
    { messageId, elapsedMs: latencyMs }: Omit<LastSaid, "reply"> = NOTHING_SENT,
  ): MailProgress {
    const { attempts, history, reached, presumed, unreachableMsBefore } = sending;
    const serverUnreachableMs = this.#circuit.unreachableMs() - unreachableMsBefore;
    const devices = digestsOf(content).length;
    return { digest, devices, messageId, attempts, latencyMs, history, serverUnreachableMs, reached, presumed };
  }

  /** Some have it, others are still to get it: what a new owner is told of is on record. */
  partly(sending: Sending, content: MailContent, last: LastSaid): Promise<void> | undefined {
    if (sending.notOnRecord.length === 0) return undefined;
    return this.#recorded(sending, content, last, () => sending.tell(), { failed: [] });
  }

  /** On record first, so that what is settled is; without a record at once. */
  #recorded(
    sending: Sending,
    content: MailContent,
    { messageId, reply, elapsedMs }: LastSaid,
    settle: () => void,
    { failed }: { readonly failed: readonly RecipientFailure[] } = sending,
  ): Promise<void> | undefined {
    if (this.#sent === undefined) {
      settle();
      return undefined;
    }
    const { reached, presumed, attempts, notOnRecord, isOnRecord, recorded } = sending;
    if (recorded !== undefined && notOnRecord.length === 0 && failed.length === 0) {
      // It would name nobody.
      sending.recorded = recorded.then(settle);
      return sending.recorded;
    }
    const outcome = presumed.length > 0 ? "presumed" : reached.length > 0 ? "accepted" : "dead_lettered";
    const otherMessageIds = [...sending.messageIds].filter((id) => id !== messageId);
    const who = { recipients: notOnRecord, presumed: presumed.filter((one) => notOnRecord.includes(one)), failed };
    const what = { content, ...who, ...(isOnRecord ? { more: true as const } : {}), outcome, otherMessageIds } as const;
    sending.putOnRecord();
    const seconds = elapsedMs === undefined ? undefined : elapsedMs / 1000;
    const record = this.#sent.record({ ...what, attempts, at: this.#clock.now(), messageId, reply, seconds });
    sending.recorded = Promise.all([recorded, record]).then(settle);
    return sending.recorded;
  }
}
