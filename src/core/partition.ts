import { AlertBuffer, type Room } from "./alert-buffer.js";
import { Closing, DueMails } from "./closing.js";
import { CommitFrontier, type HoldId } from "./commit-frontier.js";
import { NOBODY, type Recipients, recipientsOf } from "./delivered.js";
import { NO_DEVICE } from "./devices.js";
import { EarlyParts } from "./early-parts.js";
import { Faults } from "./faults.js";
import { type FactsOf, FullWindows } from "./full-windows.js";
import { HeldWindows } from "./held-windows.js";
import { MailReader } from "./mail-contents.js";
import { type Effect, type Input, noCounts, type PartitionOptions, type PartitionStart } from "./partition-types.js";
import { PartitionView } from "./partition-view.js";
import { Replay, startingPointOf } from "./replay.js";
import { type EventTime, knownEndAt, type WallTime } from "./time.js";
import { Watermark } from "./watermark.js";
import {
  HAS_NEWS,
  IS_CRITICAL,
  IS_LATE_BY_WALL_CLOCK,
  NO_WINDOW,
  WAS_COUNTED,
  type WindowId,
  windowStart,
} from "./window.js";
import { Buckets, DeviceWindows } from "./window-orders.js";
import { WindowTally } from "./window-tally.js";
import { Windows } from "./windows.js";

export type * from "./partition-types.js";

/**
 * One partition: what was read, which windows are open, which mails are due, how far it may be committed.
 * No clock, no I/O, no callbacks: everything that happens comes in as an `Input` and goes out as `Effect`s.
 */
export class Partition {
  readonly counts = noCounts();
  /** What it holds. */
  readonly read: PartitionView;
  /** What its mails say. */
  readonly mails: MailReader;
  readonly #options: PartitionOptions;
  readonly #frontier: CommitFrontier;
  readonly #watermark: Watermark;
  readonly #buckets: Buckets;
  readonly #windows: Windows;
  readonly #byDevice: DeviceWindows;
  readonly #buffer: AlertBuffer;
  readonly #tally = new WindowTally();
  /** Undefined without `REPEAT_INTERVALS`. */
  readonly #held: HeldWindows | undefined;
  readonly #closing: Closing;
  readonly #full: FullWindows;
  /** Undefined where nothing is read again, or all of it was. */
  #replay: Replay | undefined;
  readonly #due: DueMails;
  readonly #early: EarlyParts;
  readonly #faults: Faults;
  /** Of windows that some have. */
  readonly #delivered = new Map<HoldId, Recipients>();
  readonly #parts: Parameters<typeof startingPointOf>[0];
  /** The partition's time just before the record at hand. */
  #timeBefore = Number.NEGATIVE_INFINITY;

  constructor(options: PartitionOptions, start: PartitionStart, factsOf: FactsOf) {
    this.#options = options;
    const { windowSizeMs } = options;
    this.#buffer = new AlertBuffer(options.compactAboveBytes);
    this.#frontier = new CommitFrontier(start.position);
    this.#watermark = new Watermark(windowSizeMs, options.graceMs, start);
    // Those below lie where the log was deleted meanwhile. None may stay behind the frontier: a checkpoint cannot say it.
    this.#watermark.replayMarks(start.position);
    this.#buckets = new Buckets(windowSizeMs);
    this.#windows = new Windows(this.#buckets);
    this.#byDevice = new DeviceWindows(this.#windows);
    this.#replay = Replay.of(start);
    const { position, readTo = position } = start;
    this.#early = new EarlyParts(windowSizeMs, this.#frontier, this.#byDevice, start.early);
    this.#faults = new Faults(options.firingForgetMs, start);
    const parts = {
      frontier: this.#frontier,
      watermark: this.#watermark,
      buckets: this.#buckets,
      windows: this.#windows,
      byDevice: this.#byDevice,
      buffer: this.#buffer,
      tally: this.#tally,
      early: this.#early,
      faults: this.#faults,
      delivered: this.#delivered,
    };
    const full = new FullWindows(options.maxListed, factsOf, parts);
    this.#held = HeldWindows.of(options, { ...parts, full });
    this.#due = new DueMails(this.#windows, this.#byDevice, options, readTo > position, this.#held);
    this.#closing = new Closing({ ...parts, full, due: this.#due, held: this.#held });
    this.#full = full;
    this.#parts = { ...parts, due: this.#due };
    this.mails = new MailReader(windowSizeMs, parts);
    this.read = new PartitionView({ ...this.#parts, ...parts, held: this.#held });
  }

  /** Next offset to read. */
  get position(): number {
    return this.#frontier.position;
  }

  /** The offset to commit. */
  get frontier(): number {
    return this.#frontier.frontier;
  }

  /** Who writes the bytes of the next alert there spares the core a copy. Until the next step. */
  get room(): Room {
    return this.#buffer.room;
  }

  /** What a restart at the frontier has to know: see `PartitionStart`. */
  checkpoint(): PartitionStart {
    return startingPointOf(this.#parts, this.#replay);
  }

  step(input: Input): Effect[] {
    switch (input.kind) {
      case "alert":
        return this.#alert(input);
      case "tombstone":
      case "unreadable":
      case "muted":
        return this.#apart(input);
      case "gap": {
        if (input.nextOffset > this.position) this.#frontier.skip(input.nextOffset - 1);
        const effects = this.#watermark.replayMarks(this.position) ? this.#closing.due() : NONE;
        if (this.#replay === undefined || this.#replay.readTo > this.position) return effects;
        if (this.#replay.isOver(this.position)) this.#replay = undefined;
        return this.#due.releaseAfter(effects, input.now);
      }
      case "missed":
        this.#faults.missed(input.nextOffset);
        return NONE;
      case "known-end":
        // Also while records wait unread: then nothing is known.
        if (this.position < input.endOffset) return NONE;
        this.#watermark.learnEnd(knownEndAt(input.at), this.position);
        // Nothing is unread: a log that ends below what was read before was cut off.
        return this.#due.releaseAfter(this.#closing.due(), input.at);
      case "release":
        return this.#due.releaseAfter(NONE, input.now);
      case "close-all":
        return this.#due.releaseAfter(this.#closing.due(Number.POSITIVE_INFINITY), input.now);
      case "let-go":
        return this.#due.letHeldGo(input.alerts, this.#watermark.value);
      case "reached":
        for (const window of this.#due.get(input.id)?.windows ?? [])
          this.#note(window.id, recipientsOf([...window.delivered.tags, ...input.recipients]));
        return NONE;
      case "passed":
        return this.#pass(input.id, input.now);
      case "settled":
        return this.#settled(input);
    }
  }

  /** In no window: a tombstone needs nothing, the others are held. */
  #apart(input: Input & { kind: "tombstone" | "unreadable" | "muted" }): Effect[] {
    const { kind, offset, eventTime } = input;
    const effects = this.#advance(offset, eventTime);
    if (kind === "muted") this.#faults.heardOf(input.device, { ...input, isMuted: true });
    const wasSettled = this.#replay?.wasSettled(offset) === true;
    if (wasSettled || kind === "tombstone") {
      this.counts[wasSettled ? "replayed" : "tombstone"]++;
      this.#frontier.skip(offset);
      return effects;
    }
    const shared = kind === "muted" ? input.hold : undefined;
    const id = shared ?? this.#frontier.hold(offset, eventTime, this.#timeBefore);
    if (kind === "unreadable") return [...effects, { kind: "dead-letter", id, offset }];
    if (shared !== undefined) this.#frontier.extend(shared, offset);
    this.counts.muted++;
    return [...effects, { kind, id }];
  }

  #alert(input: Input & { kind: "alert" }): Effect[] {
    const { offset, eventTime } = input;
    const effects = this.#advance(offset, eventTime);
    const watermark = this.#watermark.value;
    const { windowSizeMs } = this.#options;
    const own = windowStart(eventTime, windowSizeMs);
    const late = own + windowSizeMs <= watermark;
    if (this.#replay?.wasSettled(offset)) {
      this.counts.replayed++;
      this.#faults.heardOf(input.device, input);
      const partition = { late, watermark, timeBefore: this.#timeBefore };
      if (!this.#early.recall(input, partition, this.#buckets)) this.#frontier.skip(offset);
      return effects;
    }
    const start = late ? windowStart(watermark, windowSizeMs) : own;
    const delivered = this.#replay?.deliveredTo(offset) ?? NOBODY;
    const device = this.#windows.devices.findOrAdd(input.device);
    const news = this.#faults.heard(this.#windows.devices.hashOf(device), this.#windows.devices.moreOf(device), input);
    let window = this.#byDevice.findOpen(device, start, late, delivered);
    if (window === NO_WINDOW) {
      const bucket = this.#buckets.at(start);
      window = this.#windows.open(device, bucket, this.#frontier.hold(offset, eventTime, this.#timeBefore));
      this.#byDevice.insert(window);
      this.#tally.opened(bucket);
      if (delivered !== NOBODY) this.#note(window, delivered);
    } else {
      this.#frontier.extend(this.#windows.holdOf(window), offset);
    }
    this.#put(input, window, late);
    if (news !== "nothing" || input.urgent === true) {
      // What was counted before a restart may have been news then.
      const isKnown = news !== "counted" || input.urgent === true || this.#held === undefined;
      this.#windows.mark(window, isKnown ? HAS_NEWS : WAS_COUNTED);
    }
    this.counts[late ? "late" : "windowed"]++;
    this.counts.bySeverity[input.says.severity]++;
    if (input.urgent === true) return [...effects, ...this.#closing.early(window, eventTime)];
    return effects;
  }

  #put(input: Input & { kind: "alert" }, window: WindowId, late: boolean): void {
    const { offset, eventTime, says, redrives = 0 } = input;
    const windows = this.#windows;
    if (says.severity === "critical") windows.mark(window, IS_CRITICAL);
    if (redrives > 0) windows.countRedrives(window, redrives);
    if (late && this.#watermark.ledByKnownEnd) windows.mark(window, IS_LATE_BY_WALL_CLOCK);
    const tail = windows.tailOf(window);
    const { written } = says;
    const entry =
      written === undefined
        ? this.#buffer.append(tail, offset, eventTime, late, says.bytes)
        : this.#buffer.append(tail, offset, eventTime, late, written.memory, written.from, written.to);
    windows.list(window, entry, offset);
    this.#tally.listed();
    this.#full.added(window, input, late);
  }

  #note(window: WindowId, delivered: Recipients): void {
    this.#windows.setDelivered(window, delivered);
    this.#delivered.set(this.#windows.holdOf(window), delivered);
  }

  /** Time moves on before the record itself is looked at. */
  #advance(offset: number, eventTime: EventTime): Effect[] {
    const replayed = this.#watermark.replayMarks(offset) ? this.#closing.due() : NONE;
    this.#timeBefore = this.#watermark.time;
    if (eventTime <= this.#timeBefore) return replayed;
    this.#watermark.observe(eventTime);
    const closed = this.#closing.due();
    return replayed.length === 0 ? closed : [...replayed, ...closed];
  }

  #pass(id: HoldId, now: WallTime): Effect[] {
    const mail = this.#due.get(id);
    if (mail === undefined || mail.windows[0]?.state === "passed") return NONE;
    this.#held?.left(id);
    let device = NO_DEVICE;
    for (const window of mail.windows) {
      device = this.#windows.deviceOf(window.id);
      this.#byDevice.pass(window.id);
      this.#frontier.pass(window.hold);
      this.#tally.passedOn(window);
    }
    return this.#due.next(device, now);
  }

  #settled({ id, now, untold }: Input & { kind: "settled" }): Effect[] {
    const mail = this.#due.take(id);
    if (mail === undefined) {
      this.#frontier.settle(id);
      return NONE;
    }
    if (untold) this.#held?.forget(mail.deviceId, this.#watermark.value);
    const isPassed = mail.windows[0]?.state === "passed";
    let device = NO_DEVICE;
    for (const window of mail.windows) {
      this.#tally.settled(window);
      this.#buffer.release(this.#windows.tailOf(window.id));
      this.#delivered.delete(window.hold);
      device = this.#byDevice.remove(window.id);
      if (window.bucket.early === undefined) this.#frontier.settle(window.hold);
      else this.#early.settle(window, window.bucket.early);
      window.settle();
      this.#buckets.forgetIfOver(window.bucket);
    }
    if (this.#buffer.sparse) this.#buffer.compact(this.#windows.lists(this.#byDevice));
    return isPassed ? NONE : this.#due.next(device, now);
  }
}

const NONE: Effect[] = [];
