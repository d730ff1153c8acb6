import type { EventTime } from "./time.js";
import { type Bucket, NO_WINDOW, type WindowId } from "./window.js";
import type { Windows } from "./windows.js";

/** The windows of a partition by their start, ascending. Few: those within grace of the watermark, and older ones with a mail outstanding. */
export class Buckets {
  readonly #windowSizeMs: number;
  readonly #buckets: Bucket[] = [];
  readonly #numbered: (Bucket | undefined)[] = [];

  constructor(windowSizeMs: number) {
    this.#windowSizeMs = windowSizeMs;
  }

  [Symbol.iterator](): IterableIterator<Bucket> {
    return this.#buckets[Symbol.iterator]();
  }

  endOf(bucket: Bucket): EventTime {
    return (bucket.start + this.#windowSizeMs) as EventTime;
  }

  /** One that there is, by its number. */
  numbered(number: number): Bucket {
    return this.#numbered[number] as Bucket;
  }

  /** The one that starts then, made where there is none. */
  at(start: EventTime): Bucket {
    let at = this.#buckets.length;
    for (; at > 0; at--) {
      const bucket = this.#buckets[at - 1] as Bucket;
      if (bucket.start === start) return bucket;
      if (bucket.start < start) break;
    }
    const free = this.#numbered.indexOf(undefined);
    const number = free < 0 ? this.#numbered.length : free;
    const none = { firstOpened: NO_WINDOW, lastOpened: NO_WINDOW, unsettled: 0, passed: 0, repeating: 0 };
    const bucket: Bucket = { start, number, ...none, closed: false, early: undefined };
    this.#numbered[number] = bucket;
    this.#buckets.splice(at, 0, bucket);
    return bucket;
  }

  /** Those whose end the watermark has passed, and which are not closed yet. */
  due(watermark: number): Bucket[] {
    // Closed ones come first, and may be many: those of mails that wait.
    let first = this.#buckets.length;
    while (first > 0 && !(this.#buckets[first - 1] as Bucket).closed) first--;
    let end = first;
    while (end < this.#buckets.length && this.endOf(this.#buckets[end] as Bucket) <= watermark) end++;
    return first === end ? NONE : this.#buckets.slice(first, end);
  }

  /** Takes nothing more, and nothing of it is outstanding. */
  forgetIfOver(bucket: Bucket): void {
    if (!bucket.closed || bucket.unsettled > 0) return;
    this.#buckets.splice(this.#buckets.indexOf(bucket), 1);
    this.#numbered[bucket.number] = undefined;
  }

  /** Not of a passed one: it keeps nobody waiting but the recipients that are behind. Nor of one that tells nothing new. */
  get oldestPendingEnd(): EventTime | undefined {
    for (const bucket of this.#buckets) {
      if (!bucket.closed) break;
      if (bucket.unsettled > bucket.passed + bucket.repeating) return this.endOf(bucket);
    }
    return undefined;
  }

  /** Every open window, with its end. */
  *open(windows: Windows): Generator<readonly [WindowId, EventTime]> {
    for (const bucket of this.#buckets)
      for (let window = bucket.firstOpened; window !== NO_WINDOW; window = windows.openedAfter(window))
        if (windows.isOpen(window)) yield [window, this.endOf(bucket)];
  }
}

const NONE: Bucket[] = [];
