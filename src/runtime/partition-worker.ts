import { isAtLeast, SEVERITIES, type Severity, type Status } from "../core/alert.js";
import { type Checkpoint, encodeCheckpoint } from "../core/checkpoint.js";
import type { HoldId } from "../core/commit-frontier.js";
import { LeaderEpochs } from "../core/leader-epochs.js";
import { knownTo, upTo } from "../core/log-bounds.js";
import type { LogName } from "../core/log-name.js";
import {
  type Effect,
  Partition,
  type PartitionOptions,
  type PartitionStart,
  type PendingMail,
} from "../core/partition.js";
import { type EventTime, eventTimeOf, isPossibleTime, type WallTime } from "../core/time.js";
import type { TopWindows } from "../core/top-windows.js";
import type { Window } from "../core/window.js";
import type { CheckpointRoom } from "./checkpoint-room.js";
import type { Clock } from "./clock.js";
import { CommitLedger } from "./commit-ledger.js";
import { composeDigest } from "./compose-digest.js";
import type { DeadLetterQueue } from "./dead-letter-queue.js";
import type { Delivery } from "./delivery.js";
import type { MailOwner, Undeliverable } from "./mail-job.js";
import { laneOf, ofLane } from "./only-to.js";
import { type MailPartition, PartitionMail } from "./partition-mail.js";
import type {
  AlertCodec,
  CommitRequest,
  CommittedPartition,
  Digest,
  Metrics,
  RecordDeadLetter,
  SourceRecord,
} from "./ports.js";

export interface WorkerDeps {
  readonly topic: string;
  readonly options: PartitionOptions;
  /** `URGENT_SEVERITY`; absent: no alert is urgent. */
  readonly urgentSeverity?: Severity | undefined;
  readonly codec: AlertCodec;
  readonly delivery: Delivery;
  readonly deadLetters: DeadLetterQueue;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly room: CheckpointRoom;
  /** Mails in flight, and accepted but not confirmed by a commit, at most: what a crash can repeat of one partition. */
  readonly maxExposed: number;
  /** The group has confirmed the membership so recently that nobody else can own the partition. */
  readonly hasLease: () => boolean;
  /** Something was settled, or half delivered: it should be committed soon. */
  readonly onSettled: () => void;
}

/**
 * Drives the core of one assigned partition: records and answers in, mails and dead letters out. When the partition is lost, it starts
 * nothing more, but what becomes of its mails in flight is still noted: a settled offset is a fact, whoever owns the partition.
 */
export class PartitionWorker implements MailOwner {
  readonly partition: number;
  /** What it knows, it knows of this log. */
  readonly log: LogName;
  readonly #deps: WorkerDeps;
  readonly #core: Partition;
  readonly #epochs: LeaderEpochs;
  readonly #toldTo: number;
  /** From here on the log is not the one that was read. */
  #cutAt = Number.POSITIVE_INFINITY;
  #lost = false;
  #active = false;
  #settledCount = 0;
  #inFlight = 0;
  /** Dead letters being written: an answer to wait for as well, but nothing that reaches a reader. */
  #writing = 0;
  readonly #deadLetterOwner = {
    isWanted: () => !this.#lost,
    attemptStarted: () => {
      this.#writing++;
    },
    attemptEnded: () => {
      this.#writing--;
    },
  };
  readonly #commits: CommitLedger;
  readonly #mails: MailPartition;
  #changed = true;
  #deadLettersPending = 0;
  #deadLetterBytes = 0;
  #checkpointChars = 0;
  #settledChars = 0;
  readonly #published = { windowed: 0, late: 0, replayed: 0, tombstone: 0 };
  readonly #publishedBySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0 };

  /** `unconfirmed`: mails that this process knows to be accepted, from an earlier ownership, and that no commit has confirmed yet. */
  constructor(
    { partition, log }: { readonly partition: number; readonly log: LogName },
    start: PartitionStart,
    committed: CommitRequest | undefined,
    deps: WorkerDeps,
    unconfirmed = 0,
  ) {
    this.partition = partition;
    this.log = log;
    this.#deps = deps;
    this.#commits = new CommitLedger(committed, unconfirmed);
    this.#core = new Partition(deps.options, start);
    this.#epochs = new LeaderEpochs(start.epochs);
    this.#toldTo = knownTo(start);
    this.#checkpointChars = committed?.metadata.length ?? 0;
    this.#mails = {
      owner: this,
      core: this.#core,
      windowSizeMs: deps.options.windowSizeMs,
      maxListed: deps.options.maxListed,
      clock: deps.clock,
      metrics: deps.metrics,
      digest: (mail) => this.#digest(mail),
      epochOf: (offset) => this.#epochs.below(offset + 1),
      reached: (mail, recipients) => {
        this.#core.step({ kind: "reached", id: mail.id, recipients });
        this.#commits.accepted();
        this.#noteFact();
      },
      passed: (mail) => this.#passed(mail),
      accepted: (mail) => {
        this.#commits.accepted();
        this.#mailSettled(mail);
      },
      undeliverable: (mail, why, written) => this.#deadLetterWindow(mail, why, written),
    };
  }

  get position(): number {
    return this.#core.position;
  }

  get windowsOpen(): number {
    return this.#core.read.windowsOpen;
  }

  get windowsPending(): number {
    return this.#core.read.windowsPending;
  }

  get bufferedAlerts(): number {
    return this.#core.read.bufferedAlerts;
  }

  /** Of them, those in windows whose mail is due. */
  get pendingAlerts(): number {
    return this.#core.read.pendingAlerts;
  }

  get bufferedBytes(): number {
    return this.#core.read.bufferedBytes;
  }

  /** So many unreadable records wait for the dead-letter topic that this partition, and no other, should read no more. */
  get deadLettersFull(): boolean {
    return this.#deadLetterBytes >= DEAD_LETTERS_MAX_BYTES || this.#deadLettersPending >= DEAD_LETTERS_MAX;
  }

  get oldestPendingWindowEnd(): EventTime | undefined {
    return this.#core.read.oldestPendingWindowEnd;
  }

  get oldestUnsettledEventTime(): EventTime | undefined {
    return this.#core.read.oldestUnsettledEventTime;
  }

  get checkpointBytes(): number {
    return this.#checkpointChars;
  }

  /** Under which leaders it was read. */
  get epochs(): LeaderEpochs {
    return this.#epochs;
  }

  /** Nothing is known of this offset, or any above: also while what was known at the start is read again. */
  get knownTo(): number {
    return Math.max(this.position, this.#toldTo);
  }

  /** Nothing of it is under way, or waits for something else than this partition's next records. */
  get isQuiet(): boolean {
    return this.inFlight === 0 && this.#deadLettersPending === 0 && this.#core.read.windowsPending === 0;
  }

  /** Something waits for the outside world: its answer will free memory and move the frontier. */
  get waitsForAnswers(): boolean {
    return this.windowsUnderWay > 0 || this.#deadLettersPending > 0;
  }

  /** Closed windows that answers will settle: while a replay holds mails back, none. */
  get windowsUnderWay(): number {
    return this.#core.read.holdsBack ? 0 : this.#core.read.windowsDue;
  }

  /** It has not come as far yet as its partition had been read before. */
  get replaying(): boolean {
    return this.#core.read.holdsBack;
  }

  /** Mails wait for a commit. */
  get awaitsCommit(): boolean {
    return this.#commits.awaitsCommit;
  }

  /** Settled, or read, something since the last confirmed commit. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Offset and checkpoint that the group was last known to have. */
  get committed(): CommitRequest | undefined {
    return this.#commits.confirmed;
  }

  /** `committed`, or one that was sent since and whose answer never came. Not a copy of one in another cluster. */
  isOwnCommit({ log, offset, metadata }: Pick<CommittedPartition, "log" | "offset" | "metadata">): boolean {
    return log === this.log && this.#commits.isOwn(offset, metadata);
  }

  /** From now on its mails and dead letters are someone else's. Those under way end; nothing new starts. */
  lose(): void {
    this.#lost = true;
    this.#active = false;
    this.#commits.forgetWaiting();
  }

  /** Mails may start, or not: who owns the partition is being settled. */
  setActive(active: boolean): void {
    this.#active = active;
  }

  /** Mails being sent and dead letters being written. */
  get inFlight(): number {
    return this.#inFlight + this.#writing;
  }

  isWanted(): boolean {
    return !this.#lost;
  }

  mayGoOn(): boolean {
    return this.#active && this.#deps.hasLease();
  }

  mayStart(): boolean {
    const exposed = this.#inFlight + this.unconfirmed;
    return this.#active && exposed < this.#deps.maxExposed && this.#deps.hasLease();
  }

  /** Mails that were accepted and are in no confirmed commit. */
  get unconfirmed(): number {
    return this.#commits.unconfirmed;
  }

  attemptStarted(): void {
    this.#inFlight++;
  }

  onceCommitted(go: () => void): void {
    this.#commits.onceConfirmed(go);
    this.#changed = true;
    this.#deps.onSettled();
  }

  attemptEnded(): void {
    this.#inFlight--;
  }

  /** The last confirmed commit told the next owner to wait for mails in flight. */
  get announced(): boolean {
    return this.#commits.announced;
  }

  /** Counts what was settled, and half delivered, here. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** Remembers a commit as an own one. */
  attempt(request: CommitRequest): CommitRequest {
    return this.#commits.attempt(request);
  }

  /** What is known of the partition. */
  checkpoint(handingOver: number): Checkpoint {
    const start = this.#core.checkpoint();
    const epochs = this.#epochs.since(Math.min(start.position, this.#cutAt));
    return { ...upTo(epochs.length === 0 ? start : { ...start, epochs }, this.#cutAt), handingOver };
  }

  /**
   * The log has lost everything from `cutAt` on: records that are not there any more were read, and others will have their offsets. Whatever is open
   * closes, so that what was read still reaches its readers; nothing more is read, and nothing from there on is told to anyone.
   */
  cutOff(cutAt: number): void {
    this.#cutAt = Math.min(this.#cutAt, cutAt);
    this.#changed = true;
    this.#apply(this.#core.step({ kind: "close-all", now: this.#deps.clock.now() }));
    this.#deps.onSettled();
  }

  offerOpen(to: TopWindows): void {
    if (!this.#lost) this.#core.read.offerOpen(this.partition, to);
  }

  /** The name that the last listed alert of an open window gives its device. */
  nameIn(window: Window): string | undefined {
    const bytes = this.#core.mails.lastBytes(window);
    return bytes === undefined || bytes.length > NAMED_BYTES_MAX ? undefined : this.#deps.codec.parse(bytes).deviceName;
  }

  take(records: readonly SourceRecord[], nextOffset: number): void {
    const now = this.#deps.clock.now();
    for (const record of records) {
      if (record.leaderEpoch !== undefined) this.#epochs.read(record.offset, record.leaderEpoch);
      this.#takeOne(record, now);
    }
    this.#apply(this.#core.step({ kind: "gap", nextOffset, now }));
    this.#deps.metrics.recordsConsumed(this.partition, records.length);
    this.#publishCounts();
    this.#changed = true;
  }

  /** Everything written before `at` lies below `endOffset`. */
  knownEnd(at: WallTime, endOffset: number): void {
    const { frontier } = this.#core;
    const effects = this.#core.step({ kind: "known-end", at, endOffset });
    // What the wall clock closed does not follow from the records: only the checkpoint tells the next owner. And a window that is over with all of it
    // mailed early lets the frontier go.
    if (effects.length > 0 || this.#core.frontier !== frontier) this.#changed = true;
    this.#apply(effects);
  }

  /**
   * Paused, and nothing under way that would free memory: waiting for the records behind would be waiting for ever. The wall clock closes what
   * is due; what is still unread of those windows will come late, in the next mails. A replay lets go what is closed first: perhaps that is enough, and
   * its windows stay the same.
   */
  closeDueWhilePaused(): void {
    const now = this.#deps.clock.now();
    const released = this.#core.step({ kind: "release", now });
    this.#apply(released);
    if (released.length === 0) this.knownEnd(now, this.#core.position);
  }

  /** What to commit now. `handingOver`: the partition may go to someone else, who should wait for the mails in flight. */
  commitRequest(handingOver: boolean): CommitRequest & { readonly overflowed: boolean } {
    const checkpoint = this.checkpoint(handingOver ? this.inFlight : 0);
    const { metadata, overflowed, settledChars } = encodeCheckpoint(checkpoint, this.log, this.#deps.room.chars);
    this.#checkpointChars = metadata.length;
    this.#settledChars = settledChars;
    this.#changed = false;
    const request = { partition: this.partition, offset: checkpoint.position, metadata };
    const sent = { ...this.#commits.send(request, handingOver && this.inFlight > 0), overflowed };
    // Before it would pause the partition, and with it everybody: whoever waits for longest is waited for no more.
    if (this.#core.read.windowsPassed > 0 && (overflowed || this.checkpointFill >= SHED_FROM))
      this.#deps.delivery.shed(this);
    return sent;
  }

  commitConfirmed(request: CommitRequest): void {
    for (const mail of this.#commits.confirm(request)) this.#deps.delivery.submit(new PartitionMail(mail, this.#mails));
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

  #takeOne(record: SourceRecord, now: WallTime): void {
    const { offset, key, value } = record;
    const eventTime = eventTimeOf(record.timestampMs, now);
    if (value === null) {
      this.#apply(this.#core.step({ kind: "tombstone", offset, eventTime }));
      return;
    }
    const decoded = this.#deps.codec.decode(key, value);
    if (decoded.ok) {
      if (key === null) this.#deps.metrics.recordWithoutKey();
      if (!isPossibleTime(record.timestampMs)) this.#deps.metrics.alertRepaired("timestamp");
      const { deviceId, severity, type, occurredAt } = decoded;
      const resolved = decoded.status === "resolved";
      const { redrives = 0, onlyTo } = record;
      // Nobody waits for it at once: it was told, or not, long ago.
      const urgent = onlyTo === undefined && this.#isUrgent(decoded);
      this.#apply(
        this.#core.step({
          kind: "alert",
          offset,
          eventTime,
          deviceId: laneOf(deviceId, onlyTo),
          severity,
          type,
          occurredAt,
          resolved,
          bytes: value,
          redrives,
          urgent,
        }),
      );
      return;
    }
    const effects = this.#core.step({ kind: "unreadable", offset, eventTime });
    this.#apply(effects);
    for (const effect of effects) {
      if (effect.kind === "dead-letter") this.#deadLetterRecord(record, value, decoded, effect.id);
    }
  }

  /** One that says that something is over must not use up the one early mail. */
  #isUrgent({ severity, status }: { readonly severity: Severity; readonly status: Status }): boolean {
    const least = this.#deps.urgentSeverity;
    return least !== undefined && status !== "resolved" && isAtLeast(severity, least);
  }

  #apply(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    const now = this.#deps.clock.now();
    for (const effect of effects) {
      if (effect.kind === "closed") {
        const reason = effect.byWallClock ? "wall_clock" : "stream_time";
        this.#deps.metrics.windowClosed(reason, Math.max(0, now - effect.windowEnd) / 1000, effect.alerts);
      } else if (effect.kind === "mail") {
        this.#submit(effect.mail);
      }
    }
  }

  /** At once, or once a commit is confirmed. */
  #submit(mail: PendingMail): void {
    if (!this.#commits.mustWait(mail)) {
      this.#deps.delivery.submit(new PartitionMail(mail, this.#mails));
      return;
    }
    this.#changed = true;
    this.#deps.onSettled();
  }

  #mailSettled(mail: PendingMail): void {
    if (mail.windows[0]?.state !== "passed") this.#goneFor(mail.deviceId);
    this.#settle(mail.id);
  }

  /** Where windows are never merged, each keeps its own mail. */
  #goneFor(deviceId: string): void {
    if (Number.isFinite(this.#deps.options.catchUpAfterMs)) this.#commits.deviceSettled(deviceId);
  }

  #digest(mail: PendingMail): Digest {
    const contents = this.#core.mails.contents(mail);
    // Another record has its first offset now, and with it the Message-ID that this mail would have.
    const idOffset = contents.idOffset < this.#cutAt ? contents.idOffset : -1 - contents.idOffset;
    return composeDigest(
      { ...contents, idOffset },
      {
        topic: this.#deps.topic,
        partition: this.partition,
        ...ofLane(mail.deviceId),
        windowCount: mail.windows.length,
        maxListed: this.#deps.options.maxListed,
        codec: this.#deps.codec,
      },
    );
  }

  /** Somebody has it: its device's next one goes, once a commit tells of this one. */
  #passed(mail: PendingMail): void {
    const effects = this.#core.step({ kind: "passed", id: mail.id, now: this.#deps.clock.now() });
    this.#goneFor(mail.deviceId);
    if (!this.#lost) this.#apply(effects);
    this.#noteFact();
  }

  #deadLetterWindow(mail: PendingMail, why: Undeliverable, written: () => void): void {
    this.#deadLettersPending++;
    this.#deps.deadLetters.submit(
      () => ({
        kind: "window",
        ...why,
        digest: this.#digest(mail),
        offsetRuns: this.#core.mails.offsetRuns(mail),
        redrives: Math.max(...mail.windows.map((window) => window.redrives)),
      }),
      this.#deadLetterOwner,
      () => {
        this.#deadLettersPending--;
        written();
        this.#mailSettled(mail);
      },
    );
  }

  #deadLetterRecord(record: SourceRecord, value: Buffer, why: { reason: string; detail: string }, id: HoldId): void {
    const bytes = value.length + (record.key?.length ?? 0);
    this.#deadLettersPending++;
    this.#deadLetterBytes += bytes;
    this.#deps.metrics.alerts("invalid", 1);
    const letter: RecordDeadLetter = {
      kind: "record",
      stage: "decode",
      reason: why.reason,
      detail: why.detail,
      topic: this.#deps.topic,
      partition: this.partition,
      offset: record.offset,
      timestampMs: record.timestampMs,
      // Copies: the record's buffers are slices of a whole fetch.
      key: record.key === null ? null : Buffer.from(record.key),
      value: Buffer.from(value),
      redrives: record.redrives ?? 0,
    };
    this.#deps.deadLetters.submit(
      () => letter,
      this.#deadLetterOwner,
      () => {
        this.#deadLettersPending--;
        this.#deadLetterBytes -= bytes;
        this.#settle(id);
      },
    );
  }

  #settle(id: HoldId): void {
    const effects = this.#core.step({ kind: "settled", id, now: this.#deps.clock.now() });
    if (!this.#lost) this.#apply(effects);
    this.#noteFact();
  }

  #noteFact(): void {
    this.#changed = true;
    this.#settledCount++;
    this.#deps.onSettled();
  }

  #publishCounts(): void {
    const counts = this.#core.counts;
    for (const outcome of ["windowed", "late", "replayed", "tombstone"] as const) {
      const more = counts[outcome] - this.#published[outcome];
      if (more > 0) this.#deps.metrics.alerts(outcome, more);
      this.#published[outcome] = counts[outcome];
    }
    for (const severity of SEVERITIES) {
      const more = counts.bySeverity[severity] - this.#publishedBySeverity[severity];
      if (more > 0) this.#deps.metrics.alertsBySeverity(severity, more);
      this.#publishedBySeverity[severity] = counts.bySeverity[severity];
    }
  }
}

/** Of a checkpoint's room; reading pauses from three quarters on. */
const SHED_FROM = 0.6;
/** A look at a page must not parse megabytes. */
const NAMED_BYTES_MAX = 16 * 1024;
const DEAD_LETTERS_MAX_BYTES = 16 * 1024 * 1024;
const DEAD_LETTERS_MAX = 10_000;
