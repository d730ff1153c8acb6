import type { Checkpoint } from "../core/checkpoint.js";
import type { HoldId } from "../core/commit-frontier.js";
import type { LogName } from "../core/log-history.js";
import { ReadLog } from "../core/log-history.js";
import { Partition, type PartitionStart } from "../core/partition.js";
import type { PartitionView } from "../core/partition-view.js";
import type { WallTime } from "../core/time.js";
import type { Window } from "../core/window.js";
import { CommitLedger, type SentCommit } from "./commit-ledger.js";
import { encodeCheckpoint } from "./commit-metadata.js";
import type { MailOwner } from "./mail-job.js";
import { MutedAlerts } from "./muted-alerts.js";
import { Outbox } from "./outbox.js";
import { PartitionLetters } from "./partition-letters.js";
import type { CommitRequest, CommittedPartition, SourceRecord, SourceRecords } from "./ports.js";
import { RecordIntake } from "./record-intake.js";
import type { WorkerDeps } from "./worker-deps.js";

/**
 * Drives the core of one assigned partition: records in by `RecordIntake`, mails out by `Outbox`. When the partition is lost, it starts
 * nothing more, but what becomes of its mails in flight is still noted: a settled offset is a fact, whoever owns the partition.
 */
export class PartitionWorker implements MailOwner {
  readonly partition: number;
  /** What the partition holds. */
  readonly read: PartitionView;
  /** The log it was read of. */
  readonly source: ReadLog;
  readonly #deps: WorkerDeps;
  readonly #core: Partition;
  readonly #ledger: CommitLedger;
  readonly #letters: PartitionLetters;
  readonly #muted: MutedAlerts | undefined;
  readonly #intake: RecordIntake;
  readonly #outbox: Outbox;
  #lost = false;
  #active = false;
  #inFlight = 0;
  #changed = true;
  #checkpointChars = 0;
  #settledChars = 0;

  /** `unconfirmed`: mails that this process knows to be accepted, from an earlier ownership, and that no commit has confirmed yet. */
  constructor(
    { partition, log }: { readonly partition: number; readonly log: LogName },
    start: PartitionStart,
    committed: CommitRequest | undefined,
    deps: WorkerDeps,
    unconfirmed = 0,
  ) {
    this.partition = partition;
    this.source = new ReadLog(log, start);
    this.#deps = deps;
    this.#ledger = new CommitLedger(committed, unconfirmed, Number.isFinite(deps.options.catchUpAfterMs));
    this.#core = new Partition(deps.options, start, (bytes) => deps.codec.parse(bytes));
    this.read = this.#core.read;
    this.#letters = new PartitionLetters(deps.deadLetters, () => !this.#lost);
    this.#checkpointChars = committed?.metadata.length ?? 0;
    const shared = { ...deps, partition, core: this.#core, letters: this.#letters };
    this.#outbox = new Outbox({
      ...shared,
      owner: this,
      log: this.source,
      ledger: this.#ledger,
      commitSoon: this.#commitSoon,
    });
    const settle = (id: HoldId): void => this.#outbox.settle(id);
    const { mutes, options } = deps;
    const often = { everyMs: options.windowSizeMs, mayGoOn: () => this.mayGoOn() };
    this.#muted = mutes && new MutedAlerts({ ...shared, ...often, mutes, settle });
    this.#intake = new RecordIntake({ ...shared, muted: this.#muted, settle });
  }

  /** What it knows, it knows of this log. */
  get log(): LogName {
    return this.source.name;
  }

  get position(): number {
    return this.#core.position;
  }

  /** So many unreadable records wait for the dead-letter topic that this partition, and no other, should read no more. */
  get deadLettersFull(): boolean {
    return this.#letters.isFull;
  }

  get checkpointBytes(): number {
    return this.#checkpointChars;
  }

  /** Nothing of it is under way, or waits for something else than this partition's next records. */
  get isQuiet(): boolean {
    return this.inFlight === 0 && this.#letters.pending === 0 && this.read.windowsPending === 0;
  }

  /** Something waits for the outside world: its answer will free memory and move the frontier. */
  get waitsForAnswers(): boolean {
    return this.windowsUnderWay > 0 || this.#letters.pending > 0;
  }

  /** Closed windows that answers will settle: while a replay holds mails back, none. */
  get windowsUnderWay(): number {
    return this.read.holdsBack ? 0 : this.read.windowsDue;
  }

  /** Mails wait for a commit. */
  get awaitsCommit(): boolean {
    return this.#ledger.awaitsCommit;
  }

  /** Settled, or read, something since the last confirmed commit. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Offset and checkpoint that the group was last known to have. */
  get committed(): CommitRequest | undefined {
    return this.#ledger.confirmed;
  }

  /** `committed`, or one that was sent since and whose answer never came. Not a copy of one in another cluster. */
  isOwnCommit({ log, offset, metadata }: Pick<CommittedPartition, "log" | "offset" | "metadata">): boolean {
    return log === this.log && this.#ledger.isOwn(offset, metadata);
  }

  /** From now on its mails and dead letters are someone else's. Those under way end; nothing new starts. */
  lose(): void {
    this.#lost = true;
    this.#active = false;
    this.#ledger.forgetWaiting();
    this.#muted?.forget();
  }

  /** Mails may start, or not: who owns the partition is being settled. */
  setActive(active: boolean): void {
    this.#active = active;
  }

  /** Mails being sent, dead letters and muted alerts being written. */
  get inFlight(): number {
    return this.#inFlight + this.#letters.writing + (this.#muted?.writing ?? 0);
  }

  isWanted(): boolean {
    return !this.#lost;
  }

  mayGoOn(): boolean {
    return this.#active && this.#deps.group.hasLease;
  }

  mayStart(): boolean {
    const exposed = this.#inFlight + this.#ledger.unconfirmed;
    return this.#active && exposed < this.#deps.maxExposed && this.#deps.group.hasLease;
  }

  /** Mails that were accepted and are in no confirmed commit. */
  get unconfirmed(): number {
    return this.#ledger.unconfirmed;
  }

  attemptStarted(): void {
    this.#inFlight++;
  }

  attemptEnded(): void {
    this.#inFlight--;
  }

  onceCommitted(go: () => void): void {
    this.#ledger.onceConfirmed(go);
    this.#commitSoon();
  }

  /** The last confirmed commit told the next owner to wait for mails in flight. */
  get announced(): boolean {
    return this.#ledger.announced;
  }

  /** How many things were settled, or half delivered, here. */
  get settledCount(): number {
    return this.#outbox.settledCount;
  }

  /** Remembers a commit as an own one. */
  readonly attempt = (request: CommitRequest): CommitRequest => this.#ledger.attempt(request);

  /** What is known of the partition. */
  checkpoint(handingOver: number): Checkpoint {
    return { ...this.source.known(this.#core.checkpoint()), handingOver };
  }

  /**
   * The log has lost everything from `cutAt` on: records that are not there any more were read, and others will have their offsets. Whatever is open
   * closes, so that what was read still reaches its readers; nothing more is read, and nothing from there on is told to anyone.
   */
  cutOff(cutAt: number): void {
    this.source.cutOff(cutAt);
    this.#outbox.apply(this.#core.step({ kind: "close-all", now: this.#deps.clock.now() }));
    this.#commitSoon();
  }

  /** What the last listed alert of an open window calls its device. `maxBytes`: undefined is the answer to a longer one. */
  lastName(window: Window, maxBytes: number): string | undefined {
    const bytes = this.#core.mails.lastBytes(window);
    return bytes === undefined || bytes.length > maxBytes ? undefined : this.#deps.codec.parse(bytes).deviceName;
  }

  take(records: SourceRecords, nextOffset: number): void {
    const now = this.#deps.clock.now();
    for (let at = 0; at < records.length; at++) {
      const record = records.at(at) as SourceRecord;
      if (record.leaderEpoch !== undefined) this.source.epochs.read(record.offset, record.leaderEpoch);
      this.#outbox.apply(this.#intake.take(record, now));
    }
    this.#outbox.apply(this.#core.step({ kind: "gap", nextOffset, now }));
    this.#intake.publish(records.length);
    this.#changed = true;
  }

  /** What lay below this offset was deleted from the log before it was read. */
  missed(nextOffset: number): void {
    this.#core.step({ kind: "missed", nextOffset });
  }

  /** Nothing more is read: its muted alerts are put on record. Never rejects. */
  async finishMuted(): Promise<void> {
    await this.#muted?.finish();
  }

  /** Everything written before `at` lies below `endOffset`. */
  knownEnd(at: WallTime, endOffset: number): void {
    const { frontier } = this.#core;
    const effects = this.#core.step({ kind: "known-end", at, endOffset });
    // What the wall clock closed does not follow from the records: only the checkpoint tells the next owner. And a window that is over with all of it
    // mailed early lets the frontier go.
    if (effects.length > 0 || this.#core.frontier !== frontier) this.#changed = true;
    this.#outbox.apply(effects);
  }

  /**
   * Paused, and nothing under way that would free memory: waiting for the records behind would be waiting for ever. The wall clock closes what
   * is due; what is still unread of those windows will come late, in the next mails. A replay lets go what is closed first: perhaps that is enough, and
   * its windows stay the same.
   */
  closeDueWhilePaused(): void {
    const now = this.#deps.clock.now();
    const released = this.#core.step({ kind: "release", now });
    this.#outbox.apply(released);
    if (released.length === 0) this.knownEnd(now, this.position);
  }

  /** Held windows leave before their time, as there is no room for them: those held for longest, with at least so many alerts in memory. */
  letHeldGo(alerts = Number.POSITIVE_INFINITY): void {
    this.#outbox.apply(this.#core.step({ kind: "let-go", alerts }));
  }

  /** What to commit now. `handingOver`: the partition may go to someone else, who should wait for the mails in flight. */
  sendCommit(handingOver: boolean): SentCommit & { readonly overflowed: boolean } {
    const checkpoint = this.checkpoint(handingOver ? this.inFlight : 0);
    const { chars } = this.#deps.room;
    const { metadata, overflowed, settledChars } = encodeCheckpoint(checkpoint, this.source.name, chars);
    this.#checkpointChars = metadata.length;
    this.#settledChars = settledChars;
    this.#changed = false;
    const request = { partition: this.partition, offset: checkpoint.position, metadata };
    const sent = this.#ledger.send(request, handingOver && this.inFlight > 0);
    // Before it would pause the partition, and with it everybody: whoever waits for longest is waited for no more.
    const isNearlyFull = overflowed || this.checkpointFill >= SHED_FROM;
    if (isNearlyFull && this.read.windowsPassed > 0) this.#deps.delivery.shed(this);
    if (isNearlyFull && this.read.windowsHeld > 0) this.letHeldGo();
    return { ...sent, overflowed };
  }

  commitConfirmed(sent: SentCommit): void {
    for (const mail of this.#ledger.confirm(sent)) this.#outbox.submit(mail);
  }

  commitFailed(): void {
    this.#changed = true;
  }

  /**
   * Half-delivered windows don't count: they only take what room is left, and one recipient must not hold back a partition. Without any room there
   * is no checkpoint that a pause could keep whole.
   */
  get checkpointFill(): number {
    const { chars } = this.#deps.room;
    return chars === 0 ? 0 : this.#settledChars / chars;
  }

  readonly #commitSoon = (): void => {
    this.#changed = true;
    this.#deps.commits.commitSoon();
  };
}

/** Of a checkpoint's room; reading pauses from three quarters on. */
const SHED_FROM = 0.6;
