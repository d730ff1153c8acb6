import type { CommitFrontier } from "./commit-frontier.js";
import { textOf } from "./devices.js";
import { bytesOf, type WrittenBytes } from "./partition-types.js";
import type { EventTime } from "./time.js";
import { type Bucket, type EarlyPart, isEarlyPart, type Window, windowStart } from "./window.js";
import type { Buckets, DeviceWindows } from "./window-orders.js";

/** "The alert at `offset` closed its window early, and that part is settled." For the checkpoint. */
export interface EarlyFact {
  readonly offset: number;
  /** How many windows after the one of its own time the alert joined: not 0 only for one that came late. */
  readonly shift: number;
  /** How many alerts were told early; undefined: not known any more. */
  readonly alerts: number | undefined;
}

/** An urgent alert on its way into a window. */
export interface UrgentAlert {
  readonly offset: number;
  readonly eventTime: EventTime;
  /** Its ID in UTF-8. */
  readonly device: WrittenBytes;
  readonly urgent?: boolean;
}

/**
 * Which devices had their early mail in which window: at most one each.
 *
 * After a restart the same alerts must produce the same early mail. Unsettled ones do so on their own. The urgent alert of a settled early mail stays
 * above the frontier until its window is over (`CommitFrontier.pin`), so that the restart reads it, skips it, and knows: this device had its early mail.
 * The alert's time says in which window. A late alert joined another window than its time says: only a fact of the checkpoint tells which.
 */
export class EarlyParts {
  readonly #windowSizeMs: number;
  readonly #frontier: CommitFrontier;
  readonly #windows: DeviceWindows;
  /** Told by the checkpoint, and not read again yet. */
  readonly #ahead: Map<number, EarlyFact>;

  constructor(
    windowSizeMs: number,
    frontier: CommitFrontier,
    windows: DeviceWindows,
    known: readonly EarlyFact[] | undefined,
  ) {
    this.#windowSizeMs = windowSizeMs;
    this.#frontier = frontier;
    this.#windows = windows;
    this.#ahead = new Map(known?.map((fact) => [fact.offset, fact]));
  }

  /** Whether the device had its early mail in the window's bucket, or has it under way. */
  has({ bucket, deviceId }: Pick<Window, "bucket" | "deviceId">): boolean {
    return bucket.early?.has(deviceId) === true;
  }

  /** The window, of so many alerts, was closed by its last one. */
  add(
    { bucket, deviceId, hold }: Window,
    { offset, eventTime, alerts }: { readonly offset: number; readonly eventTime: EventTime; readonly alerts: number },
  ): void {
    const shift = (bucket.start - windowStart(eventTime, this.#windowSizeMs)) / this.#windowSizeMs;
    bucket.early ??= new Map();
    bucket.early.set(deviceId, { hold, offset, shift, alerts, settled: false });
  }

  /** An alert that was settled before is read again. Returns whether its offset is held: it stands for its device's early part. */
  recall(
    { offset, eventTime, device, urgent }: UrgentAlert,
    partition: { readonly late: boolean; readonly watermark: number; readonly timeBefore: number },
    buckets: Buckets,
  ): boolean {
    const fact = this.#ahead.get(offset);
    this.#ahead.delete(offset);
    if (fact === undefined && (urgent !== true || partition.late)) return false;
    const { shift, alerts } = fact ?? { shift: 0, alerts: undefined };
    const start = (windowStart(eventTime, this.#windowSizeMs) + shift * this.#windowSizeMs) as EventTime;
    // The window is over, so no further early mail can come of it. A pin would keep the frontier until the watermark moves next.
    if (start + this.#windowSizeMs <= partition.watermark) return false;
    const bucket = buckets.at(start);
    const deviceId = textOf(bytesOf(device));
    bucket.early ??= new Map();
    if (bucket.early.has(deviceId)) return false;
    const hold = this.#frontier.hold(offset, eventTime, partition.timeBefore);
    this.#frontier.pin(hold);
    bucket.early.set(deviceId, { hold, offset, shift, alerts, settled: true });
    return true;
  }

  /** A window of a bucket with early parts, taken out already, needs nothing more. */
  settle(window: Window, early: NonNullable<Bucket["early"]>): void {
    const { bucket, deviceId, hold } = window;
    if (isEarlyPart(window)) {
      (early.get(deviceId) as EarlyPart).settled = true;
      this.#frontier.pin(hold);
    } else this.#frontier.settle(hold);
    if (bucket.closed) this.#forgetIfOver(bucket, deviceId);
  }

  /** The bucket takes nothing more. */
  closed(bucket: Bucket): void {
    for (const deviceId of bucket.early?.keys() ?? []) this.#forgetIfOver(bucket, deviceId);
  }

  /** What a replay from the frontier on has to be told; ascending. */
  facts(buckets: Iterable<Bucket>, position: number): EarlyFact[] {
    const facts: EarlyFact[] = [];
    for (const { early } of buckets)
      for (const { offset, shift, alerts, settled } of early?.values() ?? [])
        if (settled) facts.push({ offset, shift, alerts });
    for (const fact of this.#ahead.values()) if (fact.offset >= position) facts.push(fact);
    return facts.sort((a, b) => a.offset - b.offset);
  }

  #forgetIfOver(bucket: Bucket, deviceId: string): void {
    const part = bucket.early?.get(deviceId);
    if (part === undefined || this.#windows.hasIn(deviceId, bucket)) return;
    bucket.early?.delete(deviceId);
    this.#frontier.settle(part.hold);
  }
}
