import { chunks } from "./chunks.js";
import type { MailJob } from "./mail-job.js";
import { MailHistory } from "./mail-log.js";
import {
  type Addressing,
  everyoneOf,
  type MailContent,
  type RecipientFailure,
  type RenderedMail,
  type SendOutcome,
  type SendOutcomeKind,
  type SmtpFailure,
} from "./ports.js";

/** One message to some of its recipients: one transaction. */
export interface Envelope {
  readonly addressing: Addressing;
  /** Those who don't have it yet. */
  pending: readonly string[];
}

/** An attempt and what it ended in. */
export interface Tried {
  readonly content: MailContent;
  readonly envelope: Envelope;
  readonly mail: RenderedMail;
  readonly outcome: SendOutcome;
  readonly elapsedMs: number;
}

/** How far a mail has come: its messages, and who of their recipients has it, will get it, or never will. */
export class Sending {
  readonly job: MailJob;
  readonly addressings: readonly Addressing[];
  readonly history = new MailHistory();
  readonly failed: RecipientFailure[] = [];
  /** Recipients who have it. */
  readonly reached: string[] = [];
  /** Of its messages that the server answered for: readers with another language, time zone or sender have one of their own. */
  readonly messageIds = new Set<string>();
  attempts = 0;
  /** What deferred a message since the last pause. */
  deferral: { readonly failure: SmtpFailure; readonly kind: SendOutcomeKind } | undefined;
  /** Temporary refusals: what the pauses grow with. Finding the server unreachable is no mail's fault and lengthens none. */
  deferrals = 0;
  /** `clock.elapsed()` and unreachable time at the first temporary refusal: the retry budget counts from there. */
  #deferredAt: number | undefined;
  #unreachableMsThen = 0;
  /** What the circuit had counted when it was handed over. */
  readonly unreachableMsBefore: number;
  readonly #maxRecipients: number;
  /** Undefined until the first attempt. */
  #envelopes: readonly Envelope[] | undefined;
  #due: readonly Envelope[] = [];

  constructor(
    job: MailJob,
    addressings: readonly Addressing[],
    how: { readonly maxRecipients: number; readonly unreachableMsBefore: number },
  ) {
    this.job = job;
    this.addressings = addressings;
    this.#maxRecipients = how.maxRecipients;
    this.unreachableMsBefore = how.unreachableMsBefore;
  }

  /** The message that is sent next, before the next pause. Asked for the first time, it finds out who has the mail already. */
  next(): Envelope | undefined {
    if (this.#envelopes === undefined) {
      const everybody = this.addressings.flatMap(everyoneOf);
      const missing = new Set(this.job.missing(everybody));
      this.#envelopes = this.addressings.flatMap((addressing) => {
        const pending = everyoneOf(addressing).filter((address) => missing.has(address));
        return chunks(pending, this.#maxRecipients).map((some) => ({ addressing, pending: some }));
      });
      this.#due = this.#envelopes;
      this.reached.push(...everybody.filter((address) => !missing.has(address)));
    }
    return this.#due[0];
  }

  /** Those who don't have it yet, of all its messages. */
  get pending(): readonly string[] {
    return this.#envelopes?.flatMap(({ pending }) => pending) ?? [];
  }

  /** Messages follow before the next pause. */
  get hasMore(): boolean {
    return this.#due.length > 0;
  }

  /**
   * Who has it now, who never will, who is still to get it. A recipient that accepted is never mailed again. Gives those who were refused.
   */
  note(envelope: Envelope, outcome: Exclude<SendOutcome, { kind: "unreachable" }>): readonly RecipientFailure[] {
    const { pending } = envelope;
    const refused =
      outcome.kind === "refused" ? everyone(pending, outcome.failure, outcome.recipients) : outcome.refused;
    this.failed.push(...refused);
    if (outcome.kind === "accepted") {
      const without = new Set([...outcome.refused, ...outcome.deferred].map((recipient) => recipient.address));
      this.reached.push(...pending.filter((address) => !without.has(address)));
      envelope.pending = outcome.deferred.map((recipient) => recipient.address);
    } else if (outcome.kind === "refused") {
      envelope.pending = [];
    } else {
      const gone = new Set(refused.map((recipient) => recipient.address));
      envelope.pending = pending.filter((address) => !gone.has(address));
    }
    if (envelope.pending.length > 0) {
      const failure = outcome.kind === "accepted" ? (outcome.deferred[0] as RecipientFailure) : outcome.failure;
      this.deferral = { failure, kind: outcome.kind };
    }
    this.#due = this.#due.filter((one) => one !== envelope);
    return refused;
  }

  /** From the first temporary refusal on. */
  startBudget(nowMs: number, unreachableMs: number): void {
    if (this.#deferredAt !== undefined) return;
    this.#deferredAt = nowMs;
    this.#unreachableMsThen = unreachableMs;
  }

  /** Of its retry budget: time in which the server is unreachable does not count. */
  spentMs(nowMs: number, unreachableMs: number): number {
    return this.#deferredAt === undefined ? 0 : nowMs - this.#deferredAt - (unreachableMs - this.#unreachableMsThen);
  }

  /** After a pause: those that are not through are sent again. */
  again(): void {
    this.deferral = undefined;
    this.#due = this.#envelopes?.filter(({ pending }) => pending.length > 0) ?? [];
  }

  /** Nothing is tried any more: who has no mail yet, never will. */
  giveUp(failure: SmtpFailure): void {
    for (const envelope of this.#envelopes ?? []) {
      this.failed.push(...everyone(envelope.pending, failure, []));
      envelope.pending = [];
    }
  }
}

/** Each address with what the server said of it, or with what it said of the whole. */
const everyone = (
  addresses: readonly string[],
  failure: SmtpFailure,
  said: readonly RecipientFailure[],
): RecipientFailure[] =>
  addresses.map((address) => said.find((recipient) => recipient.address === address) ?? { ...failure, address });
