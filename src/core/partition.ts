import { seenMs } from "./alert.js";
import { AlertBuffer } from "./alert-buffer.js";
import { CommitFrontier } from "./commit-frontier.js";
import {
  DeliveredBefore,
  type DeliveredRun,
  grouped,
  isSame,
  NOBODY,
  type Recipients,
  recipientsOf,
} from "./delivered.js";
import { DeviceWindows } from "./device-windows.js";
import { EarlyParts } from "./early-parts.js";
import type {
  Effect,
  Input,
  MailContents,
  PartitionCounts,
  PartitionOptions,
  PartitionStart,
  PendingMail,
} from "./partition-types.js";
import type { EventTime, WallTime } from "./time.js";
import { knownEndAt } from "./time.js";
import type { TopWindows } from "./top-windows.js";
import { Watermark } from "./watermark.js";
import { addFold, type Bucket, emptyFold, type Folded, fold, isEarlyPart, type Window, windowStart } from "./window.js";

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
  readonly #options: PartitionOptions;
  readonly #frontier: CommitFrontier;
  readonly #watermark: Watermark;
  readonly #windows = new DeviceWindows();
  #buffer: AlertBuffer;
  /** Ascending by start; few: those within grace of the watermark, and older ones with a mail outstanding. */
  readonly #buckets: Bucket[] = [];
  readonly #mails = new Map<number, PendingMail>();
  readonly #deliveredBefore: DeliveredBefore;
  /** By hold, of windows that some have. */
  readonly #delivered = new Map<number, Recipients>();
  readonly #early: EarlyParts;
  /** Closed early while an older window of their device is still open: nothing is under way for them. Few: only within grace. */
  readonly #behindOpen = new Set<Window>();
  readonly #settledBefore: (readonly [number, number])[];
  #settledRun = 0;
  readonly #readTo: number;
  #holdsBack: boolean;
  /** The partition's time just before the record at hand. */
  #timeBefore = Number.NEGATIVE_INFINITY;
  #open = 0;
  #pending = 0;
  #listed = 0;
  #pendingListed = 0;
  #passed = 0;
  #passedListed = 0;

  constructor(options: PartitionOptions, start: PartitionStart) {
    this.#options = options;
    this.#buffer = new AlertBuffer(options.compactAboveBytes);
    this.#frontier = new CommitFrontier(start.position);
    this.#watermark = new Watermark(options.windowSizeMs, options.graceMs, start);
    // Those below lie where the log was deleted meanwhile. None may stay behind the frontier: a checkpoint cannot say it.
    this.#watermark.replayMarks(start.position);
    this.#settledBefore = [...start.settled];
    this.#deliveredBefore = new DeliveredBefore(start.delivered ?? []);
    this.#early = new EarlyParts(options.windowSizeMs, this.#frontier, this.#windows, start.early);
    this.#readTo = start.readTo ?? start.position;
    this.#holdsBack = this.#readTo > start.position;
  }

  /** Next offset to read. */
  get position(): number {
    return this.#frontier.position;
  }

  /** The offset to commit. */
  get frontier(): number {
    return this.#frontier.frontier;
  }

  /** A replay that has not come to `readTo` yet: no mail is under way. */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  get windowsOpen(): number {
    return this.#open;
  }

  /** Closed, not settled. */
  get windowsPending(): number {
    return this.#pending;
  }

  get bufferedAlerts(): number {
    return this.#listed;
  }

  /** Of them, those whose mail is due, or waits for the mail before. Not one closed early whose device has an older window open. */
  get windowsDue(): number {
    return this.#pending - this.#behindOpen.size;
  }

  /** Of the buffered alerts, those in windows whose mail is due. */
  get pendingAlerts(): number {
    let listed = this.#pendingListed;
    for (const window of this.#behindOpen) listed -= window.listed;
    return listed;
  }

  /** Of the pending windows, those whose mail only waits for recipients that are behind. */
  get windowsPassed(): number {
    return this.#passed;
  }

  /** The buffered alerts in them. */
  get passedAlerts(): number {
    return this.#passedListed;
  }

  /** What is held in memory, near enough: slabs, offsets and windows. */
  get bufferedBytes(): number {
    return this.#buffer.bytes + this.#frontier.bytes + (this.#open + this.#pending) * WINDOW_BYTES;
  }

  /** Not of a passed one: it keeps nobody waiting but the recipients that are behind. */
  get oldestPendingWindowEnd(): EventTime | undefined {
    for (const bucket of this.#buckets) {
      if (!bucket.closed) break;
      if (bucket.unsettled > bucket.passed) return this.#endOf(bucket);
    }
    return undefined;
  }

  /** Event time of the record with the lowest offset that needs something still, recipients that are behind apart. */
  get oldestUnsettledEventTime(): EventTime | undefined {
    return this.#frontier.oldestEventTime;
  }

  /** Shows every open window. */
  offerOpen(partition: number, to: TopWindows): void {
    for (const bucket of this.#buckets) {
      for (const window of bucket.open)
        if (window.state === "open") to.offer(partition, alertsOf(window), this.#endOf(bucket), window);
    }
  }

  /** The last alert of a window that is in memory; valid until the next step. */
  lastBytes(window: Window): Uint8Array | undefined {
    return window.tail === 0 ? undefined : this.#buffer.value(window.tail);
  }

  /** What a restart at the frontier has to know: see `PartitionStart`. */
  checkpoint(): PartitionStart {
    const { settled, delivered } = this.#frontier.runs(this.#delivered);
    this.#addUnread(settled, delivered);
    const early = this.#early.facts(this.#buckets, this.position);
    return {
      position: this.frontier,
      time: this.#frontier.holds > 0 ? this.#frontier.timeBeforeFrontier : this.#timeOrUndefined(),
      marks: this.#watermark.marksAbove(this.frontier),
      settled,
      ...(delivered.length === 0 ? {} : { delivered: grouped(delivered) }),
      ...(early.length === 0 ? {} : { early }),
      ...this.#toldReadTo(),
    };
  }

  step(input: Input): Effect[] {
    switch (input.kind) {
      case "alert":
        return this.#alert(input);
      case "tombstone": {
        const effects = this.#advance(input.offset, input.eventTime);
        if (this.#wasSettled(input.offset)) this.counts.replayed++;
        else this.counts.tombstone++;
        this.#frontier.skip(input.offset);
        return effects;
      }
      case "unreadable": {
        const effects = this.#advance(input.offset, input.eventTime);
        if (this.#wasSettled(input.offset)) {
          this.counts.replayed++;
          this.#frontier.skip(input.offset);
          return effects;
        }
        const id = this.#frontier.hold(input.offset, input.eventTime, this.#timeBefore);
        return [...effects, { kind: "dead-letter", id, offset: input.offset }];
      }
      case "gap":
        if (input.nextOffset > this.position) this.#frontier.skip(input.nextOffset - 1);
        return this.#thenRelease(
          this.#watermark.replayMarks(this.position) ? this.#closeDue() : NONE,
          this.position >= this.#readTo,
          input.now,
        );
      case "known-end":
        // Also while records wait unread: then nothing is known.
        if (this.position < input.endOffset) return NONE;
        this.#watermark.learnEnd(knownEndAt(input.at), this.position);
        // Nothing is unread: a log that ends below `readTo` was cut off.
        return this.#thenRelease(this.#closeDue(), true, input.at);
      case "release":
        return this.#thenRelease(NONE, true, input.now);
      case "close-all":
        return this.#thenRelease(this.#closeDue(Number.POSITIVE_INFINITY), true, input.now);
      case "reached":
        for (const window of this.#mails.get(input.id)?.windows ?? [])
          this.#note(window, recipientsOf([...window.delivered.tags, ...input.recipients]));
        return NONE;
      case "passed":
        return this.#pass(input.id, input.now);
      case "settled":
        return this.#settled(input.id, input.now);
    }
  }

  /** Tags of the recipients who have all of a mail: from here, or from a previous owner. */
  deliveredTo({ windows: [first, ...others] }: PendingMail): ReadonlySet<number> {
    return new Set(
      first?.delivered.tags.filter((tag) => others.every(({ delivered }) => delivered.tags.includes(tag))),
    );
  }

  /** Everything a mail says. At most `maxListed` entries, the rest counted. */
  contents(mail: PendingMail): MailContents {
    const entries: { offset: number; eventTime: EventTime; late: boolean; bytes: Uint8Array }[] = [];
    let folded: Folded | undefined;
    for (const window of mail.windows) {
      const first = this.#frontier.firstOffset(window.hold);
      for (let entry = window.head; entry !== 0; entry = this.#buffer.next(entry)) {
        entries.push({
          offset: first + this.#buffer.offsetDelta(entry),
          eventTime: this.#buffer.eventTime(entry) as EventTime,
          late: this.#buffer.late(entry),
          bytes: this.#buffer.value(entry),
        });
      }
      if (window.folded !== undefined) {
        folded ??= emptyFold();
        addFold(folded, window.folded);
      }
    }
    if (mail.windows.length > 1) entries.sort((a, b) => a.offset - b.offset);
    const first = mail.windows[0] as Window;
    return {
      windowStart: first.bucket.start,
      windowEnd: Math.max(...mail.windows.map(({ bucket }) => this.#endOf(bucket))) as EventTime,
      idOffset: this.#frontier.firstOffset(first.hold),
      ...this.#span(mail),
      entries,
      folded,
      ...partOf(mail),
    };
  }

  /** Every offset of a mail, as inclusive runs. */
  offsetRuns(mail: PendingMail): [number, number][] {
    const { firstOffset, lastOffset } = this.#span(mail);
    return this.#frontier.runsOf(new Set(mail.windows.map((window) => window.hold)), firstOffset, lastOffset);
  }

  #note(window: Window, delivered: Recipients): void {
    window.delivered = delivered;
    if (delivered !== NOBODY) this.#delivered.set(window.hold, delivered);
  }

  #span(mail: PendingMail): { firstOffset: number; lastOffset: number } {
    return {
      firstOffset: Math.min(...mail.windows.map((window) => this.#frontier.firstOffset(window.hold))),
      lastOffset: Math.max(...mail.windows.map((window) => window.lastOffset)),
    };
  }

  #alert(input: Input & { kind: "alert" }): Effect[] {
    const { offset, eventTime, deviceId } = input;
    const effects = this.#advance(offset, eventTime);
    const { windowSizeMs, maxListed } = this.#options;
    const watermark = this.#watermark.value;
    const own = windowStart(eventTime, windowSizeMs);
    const late = own + windowSizeMs <= watermark;
    if (this.#wasSettled(offset)) {
      this.counts.replayed++;
      const held = this.#early.recall(input, { late, watermark, timeBefore: this.#timeBefore }, (at) =>
        this.#bucket(at),
      );
      if (!held) this.#frontier.skip(offset);
      return effects;
    }
    const start = late ? windowStart(watermark, windowSizeMs) : own;
    const delivered = this.#deliveredBefore.of(offset);
    let window = this.#windows.findOpen(deviceId, start, late, delivered);
    if (window === undefined) {
      window = this.#openWindow(deviceId, start, this.#frontier.hold(offset, eventTime, this.#timeBefore));
      this.#note(window, delivered);
    } else {
      this.#frontier.extend(window.hold, offset);
    }
    window.lastOffset = offset;
    if (input.severity === "critical") window.critical = true;
    if (input.redrives !== undefined && input.redrives > window.redrives) window.redrives = input.redrives;
    if (late && this.#watermark.ledByKnownEnd) window.lateByWallClock = true;
    if (late) this.counts.late++;
    else this.counts.windowed++;
    this.counts.bySeverity[input.severity]++;
    const delta = offset - this.#frontier.firstOffset(window.hold);
    if (window.listed < maxListed && delta <= MAX_DELTA) {
      const entry = this.#buffer.append(window.tail, delta, eventTime, late, input.bytes);
      if (window.head === 0) window.head = entry;
      window.tail = entry;
      window.listed++;
      this.#listed++;
    } else {
      window.folded ??= emptyFold();
      const { severity, type, resolved = false } = input;
      fold(window.folded, { offset, time: seenMs(input.occurredAt, eventTime), severity, type, resolved, late });
    }
    if (input.urgent !== true || this.#early.has(window)) return effects;
    this.#close(window);
    this.#early.add(window, eventTime, alertsOf(window));
    this.#behindOpen.add(window);
    this.#freeEarly();
    return this.#mayLeave(window) ? [...effects, this.#mail([window])] : effects;
  }

  #openWindow(deviceId: string, start: EventTime, hold: number): Window {
    const bucket = this.#bucket(start);
    const window: Window = {
      deviceId,
      bucket,
      delivered: NOBODY,
      hold,
      next: undefined as unknown as Window,
      head: 0,
      tail: 0,
      lastOffset: 0,
      listed: 0,
      folded: undefined,
      critical: false,
      redrives: 0,
      lateByWallClock: false,
      state: "open",
    };
    this.#windows.insert(window);
    bucket.open.push(window);
    bucket.unsettled++;
    this.#open++;
    return window;
  }

  #bucket(start: EventTime): Bucket {
    let at = this.#buckets.length;
    for (; at > 0; at--) {
      const bucket = this.#buckets[at - 1] as Bucket;
      if (bucket.start === start) return bucket;
      if (bucket.start < start) break;
    }
    const bucket: Bucket = { start, open: [], unsettled: 0, passed: 0, closed: false, early: undefined };
    this.#buckets.splice(at, 0, bucket);
    return bucket;
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

  #close(window: Window): void {
    window.state = "closed";
    this.#open--;
    this.#pending++;
    this.#pendingListed += window.listed;
  }

  /** A closed one. */
  #mayLeave(window: Window): boolean {
    return !this.#holdsBack && this.#windows.oldest(window.deviceId) === window;
  }

  #closeDue(watermark = this.#watermark.value): Effect[] {
    let effects = NONE;
    let over = 0;
    // Closed ones come first, and may be many: those of mails that wait.
    let at = this.#buckets.length;
    while (at > 0 && !(this.#buckets[at - 1] as Bucket).closed) at--;
    for (; at < this.#buckets.length; at++) {
      const bucket = this.#buckets[at] as Bucket;
      const end = this.#endOf(bucket);
      if (end > watermark) break;
      bucket.closed = true;
      if (effects === NONE) effects = [];
      const byWallClock = this.#watermark.ledByKnownEnd;
      for (const window of bucket.open) {
        if (window.state !== "open") continue;
        this.#close(window);
        effects.push({ kind: "closed", windowEnd: end, byWallClock, alerts: alertsOf(window) });
      }
      for (const window of bucket.open) {
        if (window.state === "closed" && this.#mayLeave(window)) effects.push(this.#mail([window]));
      }
      bucket.open.length = 0;
      this.#early.closed(bucket);
      if (bucket.unsettled === 0) over++;
    }
    if (over > 0) this.#forgetBuckets();
    this.#freeEarly();
    return effects;
  }

  #freeEarly(): void {
    for (const window of this.#behindOpen) if (!this.#windows.someUpTo(window, "open")) this.#behindOpen.delete(window);
  }

  #forgetBuckets(): void {
    for (let at = this.#buckets.length - 1; at >= 0; at--) {
      const { closed, unsettled } = this.#buckets[at] as Bucket;
      if (closed && unsettled === 0) this.#buckets.splice(at, 1);
    }
  }

  #mail(windows: readonly Window[]): Effect {
    const first = windows[0] as Window;
    for (const window of windows) window.state = "mailing";
    const mail: PendingMail = {
      id: first.hold,
      deviceId: first.deviceId,
      windows,
      critical: windows.some((window) => window.critical || isEarlyPart(window)),
      commitFirst: windows.length > 1 || first.lateByWallClock,
    };
    this.#mails.set(mail.id, mail);
    return { kind: "mail", mail };
  }

  #settled(id: number, now: WallTime): Effect[] {
    const mail = this.#mails.get(id);
    if (mail === undefined) {
      this.#frontier.settle(id);
      return NONE;
    }
    this.#mails.delete(id);
    const isPassed = mail.windows[0]?.state === "passed";
    for (const window of mail.windows) {
      this.#windows.remove(window);
      if (isPassed) this.#countPassed(window, -1);
      this.#buffer.release(window.head);
      this.#listed -= window.listed;
      this.#pendingListed -= window.listed;
      this.#pending--;
      this.#delivered.delete(window.hold);
      this.#early.settle(window);
      if (--window.bucket.unsettled === 0 && window.bucket.closed) {
        this.#buckets.splice(this.#buckets.indexOf(window.bucket), 1);
      }
    }
    if (this.#buffer.sparse) this.#buffer = this.#buffer.compacted(this.#windows);
    return isPassed ? NONE : this.#next(mail.deviceId, now);
  }

  #pass(id: number, now: WallTime): Effect[] {
    const mail = this.#mails.get(id);
    if (mail === undefined || mail.windows[0]?.state === "passed") return NONE;
    for (const window of mail.windows) {
      this.#windows.pass(window);
      this.#frontier.pass(window.hold);
      this.#countPassed(window, 1);
    }
    return this.#next(mail.deviceId, now);
  }

  #countPassed(window: Window, by: 1 | -1): void {
    window.bucket.passed += by;
    this.#passed += by;
    this.#passedListed += by * window.listed;
  }

  /** The device's next mail, as the one before is out of its way. */
  #next(deviceId: string, now: WallTime): Effect[] {
    const waiting = this.#waiting(deviceId, now);
    return waiting.length === 0 ? NONE : [this.#mail(waiting)];
  }

  /** Each device's mail that was held back, if it is time for them. */
  #thenRelease(effects: Effect[], isTime: boolean, now: WallTime): Effect[] {
    if (!this.#holdsBack || !isTime) return effects;
    this.#holdsBack = false;
    const oldest = [...this.#windows].filter((window) => this.#windows.oldest(window.deviceId) === window);
    const mails = oldest
      .filter((window) => window.state === "closed")
      .sort((a, b) => a.bucket.start - b.bucket.start)
      .map(({ deviceId }) => this.#mail(this.#waiting(deviceId, now)));
    return [...effects, ...mails];
  }

  /** A replay that ends halfway says what it was told. */
  #toldReadTo(): { readTo?: number } {
    const readTo = this.#holdsBack ? Math.max(this.#readTo, this.position) : this.position;
    return readTo > this.frontier ? { readTo } : {};
  }

  /**
   * The device's next closed window; all of them, once the oldest ended over `catchUpAfterMs` ago. But none that some recipients have together with
   * one they do not have: in one mail they would get it again.
   */
  #waiting(deviceId: string, now: WallTime): Window[] {
    const oldest = this.#windows.oldest(deviceId);
    if (oldest === undefined || oldest.state !== "closed") return [];
    const waiting = [oldest];
    if (now - this.#endOf(oldest.bucket) <= this.#options.catchUpAfterMs) return waiting;
    for (let window = oldest.next; window !== oldest && window.state === "closed"; window = window.next) {
      if (!isSame(window.delivered, oldest.delivered)) break;
      waiting.push(window);
    }
    return waiting;
  }

  #wasSettled(offset: number): boolean {
    let run = this.#settledBefore[this.#settledRun];
    while (run !== undefined && run[1] < offset) run = this.#settledBefore[++this.#settledRun];
    return run !== undefined && run[0] <= offset;
  }

  /** What was known before and is not read again yet. */
  #addUnread(runs: [number, number][], delivered: DeliveredRun[]): void {
    for (let i = this.#settledRun; i < this.#settledBefore.length; i++) {
      const [first, last] = this.#settledBefore[i] as readonly [number, number];
      const from = Math.max(first, this.position);
      if (from > last) continue;
      const previous = runs.at(-1);
      if (previous !== undefined && previous[1] === from - 1) previous[1] = last;
      else runs.push([from, last]);
    }
    for (const run of this.#deliveredBefore.from(this.position)) {
      const previous = delivered.at(-1);
      if (previous?.last === run.first - 1 && isSame(previous.recipients, run.recipients)) previous.last = run.last;
      else delivered.push(run);
    }
  }

  #timeOrUndefined(): EventTime | undefined {
    const time = this.#watermark.time;
    return time === Number.NEGATIVE_INFINITY ? undefined : (time as EventTime);
  }

  #endOf(bucket: Bucket): EventTime {
    return (bucket.start + this.#options.windowSizeMs) as EventTime;
  }
}

const NONE: Effect[] = [];
const MAX_DELTA = 0xffffffff;
/** A window object, its map entry, its device ID and its hold, as measured by `npm run bench`. */
const WINDOW_BYTES = 250;

const partOf = ({ windows }: PendingMail): Pick<MailContents, "part" | "toldEarly"> => {
  const [first] = windows as readonly [Window];
  const early = first.bucket.early?.get(first.deviceId);
  if (early === undefined) return {};
  if (!isEarlyPart(first)) return { part: "rest", ...(early.alerts === undefined ? {} : { toldEarly: early.alerts }) };
  // With windows that waited, it is no early mail any more.
  return windows.length === 1 ? { part: "early" } : {};
};

const alertsOf = (window: Window): number => window.listed + (window.folded?.count ?? 0);
