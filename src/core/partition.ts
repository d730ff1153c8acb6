import { seenMs } from "./alert.js";
import { AlertBuffer, NO_ENTRY } from "./alert-buffer.js";
import { Buckets } from "./buckets.js";
import { CommitFrontier, type HoldId } from "./commit-frontier.js";
import { grouped, NOBODY, type Recipients, recipientsOf } from "./delivered.js";
import { DeviceWindows } from "./device-windows.js";
import { DueMails } from "./due-mails.js";
import { EarlyParts } from "./early-parts.js";
import { MailReader } from "./mail-contents.js";
import type { Effect, Input, PartitionCounts, PartitionOptions, PartitionStart } from "./partition-types.js";
import { PartitionView } from "./partition-view.js";
import { Replay } from "./replay.js";
import { type EventTime, knownEndAt, type WallTime } from "./time.js";
import { Watermark } from "./watermark.js";
import { alertsOf, emptyFold, fold, newWindow, type Window, windowStart } from "./window.js";
import { WindowTally } from "./window-tally.js";

export type * from "./partition-types.js";

/**
 * One partition: what was read, which windows are open, which mails are due, how far it may be committed.
 * No clock, no I/O, no callbacks: everything that happens comes in as an `Input` and goes out as `Effect`s.
 */
export class Partition {
  readonly counts: PartitionCounts = {
    windowed: 0,
    late: 0,
    replayed: 0,
    tombstone: 0,
    bySeverity: { info: 0, warning: 0, critical: 0 },
  };
  /** What it holds. */
  readonly read: PartitionView;
  /** What its mails say. */
  readonly mails: MailReader;
  readonly #options: PartitionOptions;
  readonly #frontier: CommitFrontier;
  readonly #watermark: Watermark;
  readonly #windows = new DeviceWindows();
  readonly #buffer: AlertBuffer;
  readonly #buckets: Buckets;
  readonly #tally = new WindowTally();
  readonly #replay: Replay;
  readonly #due: DueMails;
  readonly #early: EarlyParts;
  /** Of windows that some have. */
  readonly #delivered = new Map<HoldId, Recipients>();
  /** The partition's time just before the record at hand. */
  #timeBefore = Number.NEGATIVE_INFINITY;

  constructor(options: PartitionOptions, start: PartitionStart) {
    const { windowSizeMs } = options;
    this.#options = options;
    this.#buffer = new AlertBuffer(options.compactAboveBytes);
    this.#frontier = new CommitFrontier(start.position);
    this.#watermark = new Watermark(windowSizeMs, options.graceMs, start);
    // Those below lie where the log was deleted meanwhile. None may stay behind the frontier: a checkpoint cannot say it.
    this.#watermark.replayMarks(start.position);
    this.#buckets = new Buckets(windowSizeMs);
    this.#replay = new Replay(start);
    this.#due = new DueMails(this.#windows, this.#replay, options);
    this.#early = new EarlyParts(windowSizeMs, this.#frontier, this.#windows, start.early);
    this.mails = new MailReader(windowSizeMs, this.#frontier, this.#buffer);
    this.read = new PartitionView({
      frontier: this.#frontier,
      buffer: this.#buffer,
      buckets: this.#buckets,
      tally: this.#tally,
      replay: this.#replay,
    });
  }

  /** Next offset to read. */
  get position(): number {
    return this.#frontier.position;
  }

  /** The offset to commit. */
  get frontier(): number {
    return this.#frontier.frontier;
  }

  /** What a restart at the frontier has to know: see `PartitionStart`. */
  checkpoint(): PartitionStart {
    const { position, frontier } = this;
    const { settled, delivered } = this.#frontier.runs(this.#delivered);
    this.#replay.addUnread(position, settled, delivered);
    const early = this.#early.facts(this.#buckets, position);
    return {
      position: frontier,
      time: this.#frontier.holds > 0 ? this.#frontier.timeBeforeFrontier : this.#watermark.knownTime,
      marks: this.#watermark.marksAbove(frontier),
      settled,
      ...(delivered.length === 0 ? {} : { delivered: grouped(delivered) }),
      ...(early.length === 0 ? {} : { early }),
      ...this.#replay.readTo(position, frontier),
    };
  }

  step(input: Input): Effect[] {
    switch (input.kind) {
      case "alert":
        return this.#alert(input);
      case "tombstone":
        return this.#tombstone(input);
      case "unreadable":
        return this.#unreadable(input);
      case "gap": {
        if (input.nextOffset > this.position) this.#frontier.skip(input.nextOffset - 1);
        const effects = this.#watermark.replayMarks(this.position) ? this.#closeDue() : NONE;
        return this.#replay.hasComeTo(this.position) ? this.#due.releaseAfter(effects, input.now) : effects;
      }
      case "known-end":
        // Also while records wait unread: then nothing is known.
        if (this.position < input.endOffset) return NONE;
        this.#watermark.learnEnd(knownEndAt(input.at), this.position);
        // Nothing is unread: a log that ends below what was read before was cut off.
        return this.#due.releaseAfter(this.#closeDue(), input.at);
      case "release":
        return this.#due.releaseAfter(NONE, input.now);
      case "close-all":
        return this.#due.releaseAfter(this.#closeDue(Number.POSITIVE_INFINITY), input.now);
      case "reached":
        for (const window of this.#due.get(input.id)?.windows ?? [])
          this.#note(window, recipientsOf([...window.delivered.tags, ...input.recipients]));
        return NONE;
      case "passed":
        return this.#pass(input.id, input.now);
      case "settled":
        return this.#settled(input.id, input.now);
    }
  }

  #tombstone({ offset, eventTime }: Input & { kind: "tombstone" }): Effect[] {
    const effects = this.#advance(offset, eventTime);
    if (this.#replay.wasSettled(offset)) this.counts.replayed++;
    else this.counts.tombstone++;
    this.#frontier.skip(offset);
    return effects;
  }

  #unreadable({ offset, eventTime }: Input & { kind: "unreadable" }): Effect[] {
    const effects = this.#advance(offset, eventTime);
    if (this.#replay.wasSettled(offset)) {
      this.counts.replayed++;
      this.#frontier.skip(offset);
      return effects;
    }
    const id = this.#frontier.hold(offset, eventTime, this.#timeBefore);
    return [...effects, { kind: "dead-letter", id, offset }];
  }

  #alert(input: Input & { kind: "alert" }): Effect[] {
    const { offset, eventTime, deviceId } = input;
    const effects = this.#advance(offset, eventTime);
    const { windowSizeMs } = this.#options;
    const watermark = this.#watermark.value;
    const own = windowStart(eventTime, windowSizeMs);
    const late = own + windowSizeMs <= watermark;
    if (this.#replay.wasSettled(offset)) {
      this.counts.replayed++;
      const partition = { late, watermark, timeBefore: this.#timeBefore };
      const held = this.#early.recall(input, partition, (start) => this.#buckets.at(start));
      if (!held) this.#frontier.skip(offset);
      return effects;
    }
    const start = late ? windowStart(watermark, windowSizeMs) : own;
    const delivered = this.#replay.deliveredTo(offset);
    let window = this.#windows.findOpen(deviceId, start, late, delivered);
    if (window === undefined) {
      window = this.#openWindow(deviceId, start, this.#frontier.hold(offset, eventTime, this.#timeBefore));
      this.#note(window, delivered);
    } else {
      this.#frontier.extend(window.hold, offset);
    }
    this.#put(input, window, late);
    this.counts[late ? "late" : "windowed"]++;
    this.counts.bySeverity[input.severity]++;
    if (input.urgent !== true || this.#early.has(window)) return effects;
    this.#close(window);
    this.#early.add(window, eventTime, alertsOf(window));
    this.#tally.closedEarly(window, this.#windows);
    return [...effects, ...this.#due.of(window)];
  }

  /** Into the buffer, or, beyond what a mail lists, into the counts. */
  #put(input: Input & { kind: "alert" }, window: Window, late: boolean): void {
    const { offset, eventTime, severity, type, resolved = false, redrives = 0 } = input;
    window.lastOffset = offset;
    if (severity === "critical") window.critical = true;
    if (redrives > window.redrives) window.redrives = redrives;
    if (late && this.#watermark.ledByKnownEnd) window.lateByWallClock = true;
    const delta = offset - this.#frontier.firstOffset(window.hold);
    if (window.listed >= this.#options.maxListed || delta > MAX_DELTA) {
      window.folded ??= emptyFold();
      fold(window.folded, { offset, time: seenMs(input.occurredAt, eventTime), severity, type, resolved, late });
      return;
    }
    const entry = this.#buffer.append(window.tail, delta, eventTime, late, input.bytes);
    if (window.head === NO_ENTRY) window.head = entry;
    window.tail = entry;
    this.#tally.listed(window);
  }

  #note(window: Window, delivered: Recipients): void {
    window.delivered = delivered;
    if (delivered !== NOBODY) this.#delivered.set(window.hold, delivered);
  }

  #openWindow(deviceId: string, start: EventTime, hold: HoldId): Window {
    const bucket = this.#buckets.at(start);
    const window = newWindow(deviceId, bucket, hold);
    this.#windows.insert(window);
    bucket.open.push(window);
    this.#tally.opened(window);
    return window;
  }

  #close(window: Window): void {
    window.state = "closed";
    this.#tally.closed(window);
  }

  /** Time moves on before the record itself is looked at. */
  #advance(offset: number, eventTime: EventTime): Effect[] {
    const replayed = this.#watermark.replayMarks(offset) ? this.#closeDue() : NONE;
    this.#timeBefore = this.#watermark.time;
    if (eventTime <= this.#watermark.time) return replayed;
    this.#watermark.observe(eventTime);
    const closed = this.#closeDue();
    return replayed.length === 0 ? closed : [...replayed, ...closed];
  }

  #closeDue(watermark = this.#watermark.value): Effect[] {
    const due = this.#buckets.due(watermark);
    if (due.length === 0) return NONE;
    const effects: Effect[] = [];
    const byWallClock = this.#watermark.ledByKnownEnd;
    for (const bucket of due) {
      bucket.closed = true;
      const windowEnd = this.#buckets.endOf(bucket);
      for (const window of bucket.open) {
        if (window.state !== "open") continue;
        this.#close(window);
        effects.push({ kind: "closed", windowEnd, byWallClock, alerts: alertsOf(window) });
      }
      for (const window of bucket.open) if (window.state === "closed") effects.push(...this.#due.of(window));
      bucket.open.length = 0;
      this.#early.closed(bucket);
      this.#buckets.forgetIfOver(bucket);
    }
    this.#tally.lookBehindOpen(this.#windows);
    return effects;
  }

  #pass(id: HoldId, now: WallTime): Effect[] {
    const mail = this.#due.get(id);
    if (mail === undefined || mail.windows[0]?.state === "passed") return NONE;
    for (const window of mail.windows) {
      this.#windows.pass(window);
      this.#frontier.pass(window.hold);
      this.#tally.passedOn(window);
    }
    return this.#due.next(mail.deviceId, now);
  }

  #settled(id: HoldId, now: WallTime): Effect[] {
    const mail = this.#due.get(id);
    if (mail === undefined) {
      this.#frontier.settle(id);
      return NONE;
    }
    this.#due.remove(id);
    const isPassed = mail.windows[0]?.state === "passed";
    for (const window of mail.windows) {
      this.#windows.remove(window);
      this.#tally.settled(window);
      this.#buffer.release(window.head);
      this.#delivered.delete(window.hold);
      this.#early.settle(window);
      this.#buckets.forgetIfOver(window.bucket);
    }
    if (this.#buffer.sparse) this.#buffer.compact(this.#windows);
    return isPassed ? NONE : this.#due.next(mail.deviceId, now);
  }
}

const NONE: Effect[] = [];
const MAX_DELTA = 0xffffffff;
