import { isAmbiguous } from "./conclusion.js";
import type { MailJob } from "./mail-job.js";
import { MailHistory } from "./mail-log.js";
import type { ServerMemory } from "./mail-server.js";
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
import { Transactions } from "./transactions.js";

/** One message to some of its recipients: one transaction. */
export interface Envelope {
  readonly addressing: Addressing;
  readonly pending: readonly string[];
  readonly transactions: Transactions;
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
  job: MailJob;
  readonly addressings: readonly Addressing[];
  readonly history: MailHistory;
  readonly failed: RecipientFailure[] = [];
  /** Recipients who have it. */
  readonly reached: string[] = [];
  /** Of them, those who are presumed to have it: the server never answered. */
  readonly presumed: string[] = [];
  /** Of its messages that the server answered for: readers with another language, time zone or sender have one of their own. */
  readonly messageIds = new Set<string>();
  attempts = 0;
  /** What deferred a message since the last pause. */
  deferral: { readonly failure: SmtpFailure; readonly kind: SendOutcomeKind } | undefined;
  /** Temporary refusals: what the pauses grow with. Finding the server unreachable is no mail's fault and lengthens none. */
  deferrals = 0;
  /** How often it was held because it could not be told whose fault a refusal was. */
  holds = 0;
  /** `clock.elapsed()` and unreachable time at the first temporary refusal: the retry budget counts from there. */
  #deferredAt: number | undefined;
  #unreachableMsThen = 0;
  /** What the circuit had counted when it was handed over. */
  readonly unreachableMsBefore: number;
  readonly #maxRecipients: number;
  readonly #memory: ServerMemory;
  /** Of `reached` and `failed`, at the last pause. */
  #before = { reached: 0, failed: 0 };
  readonly #only: ReadonlySet<string> | undefined;
  /** It is some recipients' share of a mail. */
  readonly isShare: boolean;
  #reachedBefore = 0;
  /** Of `reached`, from the first on: on record, and known to the owner. */
  #onRecord = 0;
  #told = 0;
  /** The records made so far are written, or given up. */
  recorded: Promise<void> | undefined;
  /** Undefined until the first attempt. */
  #messages: readonly { readonly addressing: Addressing; readonly transactions: Transactions }[] | undefined;

  constructor(
    job: MailJob,
    addressings: readonly Addressing[],
    how: {
      readonly maxRecipients: number;
      readonly unreachableMsBefore: number;
      readonly memory: ServerMemory;
      /** A share: of all recipients it is for these. */
      readonly only?: ReadonlySet<string>;
      readonly history?: MailHistory;
    },
  ) {
    this.#only = how.only;
    this.isShare = how.only !== undefined;
    this.history = how.history ?? new MailHistory();
    this.job = job;
    this.addressings = addressings;
    this.#maxRecipients = how.maxRecipients;
    this.#memory = how.memory;
    this.unreachableMsBefore = how.unreachableMsBefore;
  }

  /** What is sent next, before the next pause. Asked for the first time, it finds out who has the mail already. */
  next(): Envelope | undefined {
    if (this.#messages === undefined) {
      const everybody = this.addressings.flatMap(everyoneOf);
      const missing = this.#only ?? new Set(this.job.missing(everybody));
      this.#messages = this.addressings.map((addressing) => {
        const pending = everyoneOf(addressing).filter((address) => missing.has(address));
        const how = { most: this.#maxRecipients, memory: this.#memory };
        return { addressing, transactions: new Transactions(pending, how) };
      });
      if (this.#only === undefined) this.reached.push(...everybody.filter((address) => !missing.has(address)));
      this.#reachedBefore = this.reached.length;
      this.#onRecord = this.reached.length;
      this.#told = this.reached.length;
      this.#before.reached = this.reached.length;
    }
    for (const { addressing, transactions } of this.#messages) {
      const pending = transactions.next();
      if (pending !== undefined) return { addressing, pending, transactions };
    }
    return undefined;
  }

  /** Those who don't have it yet, of all its messages. */
  get pending(): readonly string[] {
    return this.#messages?.flatMap(({ transactions }) => transactions.pending) ?? [];
  }

  get begun(): boolean {
    return this.#messages !== undefined;
  }

  /** A fleet mail, or what is left beside one: others may get the same alerts by another mail. */
  get isPart(): boolean {
    return this.job.whenPassed !== undefined;
  }

  /** Those who got it by this process. */
  get reachedHere(): number {
    return this.reached.length - this.#reachedBefore;
  }

  get someHaveIt(): boolean {
    return this.reached.length > 0;
  }

  /** Of `reached`, those that no record names. Whoever told a new owner of the others had them on record before. */
  get notOnRecord(): readonly string[] {
    return this.reached.slice(this.#onRecord);
  }

  /** A record tells of the mail, and counts it. */
  get isOnRecord(): boolean {
    return this.#onRecord > 0;
  }

  putOnRecord(): void {
    this.#onRecord = this.reached.length;
  }

  /** Of `reached`, those of whom the owner knows. */
  get told(): readonly string[] {
    return this.reached.slice(0, this.#told);
  }

  /** Those who have it, whatever becomes of the others: a new owner does not send it to them. */
  tell(): void {
    if (this.#told === this.reached.length) return;
    this.#told = this.reached.length;
    this.job.reached(this.reached);
  }

  /** The server spoke of all who are still to get it, not of the message. */
  get onlyRecipientsDeferred(): boolean {
    return [...this.deferred.values()].every(isOfRecipient);
  }

  addressingOf(address: string): Addressing | undefined {
    return this.#messages?.find(({ transactions }) => transactions.pending.includes(address))?.addressing;
  }

  /** These never get it. */
  fail(failures: readonly RecipientFailure[]): void {
    this.failed.push(...failures);
    this.leave(failures.map(({ address }) => address));
  }

  /** Transactions follow before the next pause. */
  get hasMore(): boolean {
    return this.#messages?.some(({ transactions }) => transactions.hasMore) ?? false;
  }

  /** Who waits for the next pause, with what the server said of it or of its transaction. */
  get deferred(): ReadonlyMap<string, SmtpFailure> {
    return new Map(this.#messages?.flatMap(({ transactions }) => [...transactions.deferred]));
  }

  /** They are not waited for here any more. */
  leave(addresses: readonly string[]): void {
    for (const { transactions } of this.#messages ?? []) transactions.leave(addresses);
    if (this.pending.length === 0) this.deferral = undefined;
  }

  /**
   * Who has it now, who never will, who is still to get it. A recipient that accepted is never mailed again. Gives those who were refused, and
   * whether the transaction ended before everybody was answered for.
   */
  note(
    { pending, transactions }: Envelope,
    outcome: Exclude<SendOutcome, { kind: "unreachable" }>,
  ): { readonly refused: readonly RecipientFailure[]; readonly cut: boolean } {
    const { reached, refused, deferral, cut } = transactions.note(pending, outcome);
    this.reached.push(...reached);
    this.failed.push(...refused);
    if (outcome.kind === "ambiguous") this.#presume(pending, transactions);
    // One that is presumed to have it waits no more.
    if (deferral !== undefined && pending.some((address) => transactions.deferred.has(address)))
      this.deferral = { failure: deferral, kind: outcome.kind };
    return { refused, cut };
  }

  /** Those who were refused since the last pause; undefined where somebody got it or is deferred. */
  get refusedForAll(): readonly RecipientFailure[] | undefined {
    const failed = this.failed.slice(this.#before.failed);
    const isForAll = this.reached.length === this.#before.reached && this.deferral === undefined && failed.length > 0;
    return isForAll && !this.hasMore ? failed : undefined;
  }

  /** Those who were deferred; undefined where somebody got it or was refused since the last pause. */
  get deferredForAll(): readonly RecipientFailure[] | undefined {
    const { deferred } = this;
    if (this.reached.length > this.#before.reached || this.failed.length > this.#before.failed) return undefined;
    if (deferred.size === 0 || this.hasMore || this.ambiguities > 0) return undefined;
    return [...deferred].map(([address, failure]) => ({ ...failure, address }));
  }

  /** Nobody said whether they have it, and it was sent to them often enough. */
  #presume(pending: readonly string[], transactions: Transactions): void {
    const { deferred } = transactions;
    const unanswered = pending.filter((address) => {
      const failure = deferred.get(address);
      return failure !== undefined && isAmbiguous(failure);
    });
    const presumed = this.history.ambiguities.note(unanswered);
    transactions.leave(presumed);
    this.presumed.push(...presumed);
    this.reached.push(...presumed);
  }

  /** How often those who wait for the next pause may have got it already; 0: none of them. */
  get ambiguities(): number {
    const times = [...this.deferred].map(([address, failure]) =>
      isAmbiguous(failure) ? this.history.ambiguities.timesOf(address) : 0,
    );
    return Math.max(0, ...times);
  }

  /** Those who were refused since the last pause are to get it after all, after a pause. `searched`: not one of them is to blame. */
  takeBack(searched: boolean): void {
    const failed = this.failed.splice(this.#before.failed);
    for (const { addressing, transactions } of this.#messages ?? []) {
      const its = new Set(everyoneOf(addressing));
      transactions.takeBack(
        failed.filter(({ address }) => its.has(address)),
        searched,
      );
    }
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
    this.#before = { reached: this.reached.length, failed: this.failed.length };
    for (const { transactions } of this.#messages ?? []) transactions.again();
  }

  /** Nothing is tried any more: who has no mail yet, never will. */
  giveUp(failure: SmtpFailure): void {
    for (const { transactions } of this.#messages ?? []) {
      const { deferred, pending } = transactions;
      this.failed.push(...pending.map((address) => ({ ...(deferred.get(address) ?? failure), address })));
      transactions.leave(pending);
    }
  }
}

/** It says something of the recipient, not of the message. */
export const isOfRecipient = ({ reason }: SmtpFailure): boolean => reason === "recipient-deferred";
