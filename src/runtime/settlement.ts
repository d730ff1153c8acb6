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
  type SentMail,
  type SmtpFailure,
} from "./ports.js";
import type { Sending } from "./sending.js";

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

  /** What is to be waited for: nothing, or the record. */
  accepted(
    sending: Sending,
    content: MailContent,
    last: { readonly messageId: string; readonly reply: string; readonly elapsedMs: number },
  ): Promise<void> | undefined {
    const { messageId, reply, elapsedMs } = last;
    for (const digest of digestsOf(content))
      this.#log.accepted(this.progress(sending, content, digest, messageId, elapsedMs), reply);
    const certainty = sending.presumed.length > 0 ? "presumed" : "accepted";
    const said = { messageId, reply, seconds: elapsedMs / 1000 };
    return this.#recorded(sending, content, said, () => sending.job.accepted(content, true, certainty));
  }

  /** The last thing that was seen of it is a reply that never came. */
  presumed(
    sending: Sending,
    content: MailContent,
    last: { readonly messageId: string; readonly failure: SmtpFailure; readonly elapsedMs: number },
  ): Promise<void> | undefined {
    const { messageId, failure, elapsedMs } = last;
    for (const digest of digestsOf(content))
      this.#log.presumed(this.progress(sending, content, digest, messageId, elapsedMs), failure);
    const said = { messageId, reply: failure.reply || (failure.detail ?? ""), seconds: elapsedMs / 1000 };
    return this.#recorded(sending, content, said, () => sending.job.accepted(content, true, "presumed"));
  }

  givenUp(sending: Sending, content: MailContent, why: Undeliverable, elapsedMs?: number): Promise<void> | undefined {
    for (const digest of digestsOf(content))
      this.#log.undeliverable(this.progress(sending, content, digest, why.messageId, elapsedMs), why);
    const seconds = elapsedMs === undefined ? undefined : elapsedMs / 1000;
    return this.#recorded(sending, content, { messageId: why.messageId, reply: why.detail, seconds }, () => {
      sending.tell();
      sending.job.undeliverable(content, why, sending.someHaveIt);
    });
  }

  progress(
    sending: Sending,
    content: MailContent,
    digest: Digest,
    messageId?: string,
    latencyMs?: number,
  ): MailProgress {
    const { attempts, history, reached, presumed, unreachableMsBefore } = sending;
    const serverUnreachableMs = this.#circuit.unreachableMs() - unreachableMsBefore;
    const devices = digestsOf(content).length;
    return { digest, devices, messageId, attempts, latencyMs, history, serverUnreachableMs, reached, presumed };
  }

  /** Some have it, others are still to get it: what a new owner is told of is on record. */
  partly(
    sending: Sending,
    content: MailContent,
    last: { readonly messageId: string; readonly reply: string; readonly elapsedMs: number },
  ): Promise<void> | undefined {
    const { messageId, reply, elapsedMs } = last;
    if (sending.notOnRecord.length === 0) return undefined;
    return this.#recorded(sending, content, { messageId, reply, seconds: elapsedMs / 1000 }, () => sending.tell(), {
      failed: [],
    });
  }

  /** On record first, so that what is settled is; without a record at once. */
  #recorded(
    sending: Sending,
    content: MailContent,
    last: Pick<SentMail, "messageId" | "reply" | "seconds">,
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
    const otherMessageIds = [...sending.messageIds].filter((id) => id !== last.messageId);
    const who = { recipients: notOnRecord, presumed: presumed.filter((one) => notOnRecord.includes(one)), failed };
    const what = { content, ...who, ...(isOnRecord ? { more: true as const } : {}), outcome, otherMessageIds } as const;
    sending.putOnRecord();
    const record = this.#sent.record({ ...what, attempts, at: this.#clock.now(), ...last });
    sending.recorded = Promise.all([recorded, record]).then(settle);
    return sending.recorded;
  }
}
