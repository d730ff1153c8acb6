import type { EventTime } from "./time.js";

/** "Every record at or above `offset` was read when the partition's time was at least `time`." */
export interface TimeMark {
  readonly offset: number;
  readonly time: EventTime;
}

/**
 * How far the event time of a partition has certainly come.
 *
 * Stream time is the highest event time read. The known end is a wall clock at which the log was seen to hold nothing unread; it closes
 * the windows of a quiet partition. Time is the larger of the two, the watermark is time − grace, and neither ever goes back.
 *
 * A replay after a restart must find the same windows closed before the same records. Stream time follows from the records; what the
 * known end closed does not, so it is kept as marks, which go into the checkpoint.
 */
export class Watermark {
  #streamTime: number;
  #knownEnd = Number.NEGATIVE_INFINITY;
  /** Ascending by offset. Those from `#next` on lie ahead of the position: a replay has not come to them yet. */
  #marks: TimeMark[];
  #next = 0;
  readonly #windowSizeMs: number;
  readonly #graceMs: number;

  constructor(
    windowSizeMs: number,
    graceMs: number,
    restored: { time: EventTime | undefined; marks: readonly TimeMark[] },
  ) {
    this.#windowSizeMs = windowSizeMs;
    this.#graceMs = graceMs;
    this.#streamTime = restored.time ?? Number.NEGATIVE_INFINITY;
    this.#marks = [...restored.marks];
  }

  /** −Infinity before the first record and the first known end. */
  get time(): number {
    return Math.max(this.#streamTime, this.#knownEnd);
  }

  /** The same; undefined before. */
  get knownTime(): EventTime | undefined {
    return this.time === Number.NEGATIVE_INFINITY ? undefined : (this.time as EventTime);
  }

  get value(): number {
    return this.time - this.#graceMs;
  }

  /** Whether the wall clock, not a record, brought the watermark where it is. */
  get ledByKnownEnd(): boolean {
    return this.#knownEnd > this.#streamTime;
  }

  /** Before a record at `offset` is read. Returns whether the watermark moved. */
  replayMarks(offset: number): boolean {
    let moved = false;
    for (
      let mark = this.#marks[this.#next];
      mark !== undefined && mark.offset <= offset;
      mark = this.#marks[this.#next]
    ) {
      this.#next++;
      if (mark.time > this.#knownEnd) {
        moved = mark.time > this.time || moved;
        this.#knownEnd = mark.time;
      }
    }
    return moved;
  }

  observe(eventTime: EventTime): void {
    if (eventTime > this.#streamTime) this.#streamTime = eventTime;
  }

  /** Everything written before `end` lies below `position`, which is the next offset to read. */
  learnEnd(end: EventTime, position: number): void {
    if (end <= this.time) return;
    this.replayMarks(position);
    const before = this.#windowsClosed(this.time);
    this.#knownEnd = Math.max(this.#knownEnd, end);
    if (this.#windowsClosed(this.time) === before) return;
    const mark = { offset: position, time: this.#knownEnd as EventTime };
    const passed = this.#marks.slice(0, this.#next);
    if (passed.at(-1)?.offset === position) passed.pop();
    // A replay that is paused closes by the wall clock before it has come to all its marks: those ahead stay behind the new one.
    const ahead = this.#marks.slice(this.#next).filter(({ time }) => time > mark.time);
    this.#marks = [...passed, mark, ...ahead].slice(-MAX_MARKS);
    this.#next = this.#marks.length - ahead.length;
  }

  /** Marks a replay from `frontier` on would need. */
  marksAbove(frontier: number): readonly TimeMark[] {
    const keep = this.#marks.findIndex((mark) => mark.offset > frontier);
    const drop = keep < 0 ? this.#marks.length : keep;
    // Marks not reached yet stay, wherever the frontier is.
    const dropped = Math.min(drop, this.#next);
    if (dropped > 0) {
      this.#marks = this.#marks.slice(dropped);
      this.#next -= dropped;
    }
    return this.#marks;
  }

  #windowsClosed(time: number): number {
    return Math.floor((time - this.#graceMs) / this.#windowSizeMs);
  }
}

/** A mark a window length, while the oldest hold waits: 16 minutes of 30 s windows. An older one is dropped: lateness is judged milder. */
const MAX_MARKS = 32;
