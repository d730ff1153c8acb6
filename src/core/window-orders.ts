/** The two orders of the windows of a partition: by their start (`Buckets`), and by device, as they are mailed (`DeviceWindows`). */

import { isSame, type Recipients } from "./delivered.js";
import { type Device, NO_DEVICE } from "./devices.js";
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

/**
 * A device's unsettled windows as a ring in the order in which they are mailed, entered at its newest one: almost every alert belongs there.
 * Windows that are passed stay known beside the ring. A device without either is forgotten.
 *
 * Open windows are in order of their start, and closed ones before those they were closed before. So a new one comes before the first open one that starts
 * later, else last: after a closed one it comes in any case, for its mail may be under way. This order must follow from what is unsettled alone, or a
 * replay would come to another one.
 */
export class DeviceWindows {
  readonly #windows: Windows;
  /** By device, in the order in which they left. Absent while there are none, which is almost always. */
  readonly #passed = new Map<Device, Set<WindowId>>();

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** `NO_WINDOW`: it has none, also where it is no device. */
  oldest(device: Device): WindowId {
    const newest = this.#windows.devices.newest(device);
    return newest === NO_WINDOW ? NO_WINDOW : this.#windows.nextOf(newest);
  }

  /**
   * The open window that an alert for the window starting at `start` joins; with `orLater`, the oldest open one from there on. Only one that the same
   * recipients have as the alert, which is nobody but after a restart.
   */
  findOpen(device: Device, start: number, orLater: boolean, delivered: Recipients): WindowId {
    const windows = this.#windows;
    const newest = windows.devices.newest(device);
    if (newest === NO_WINDOW) return NO_WINDOW;
    const newestStart = windows.bucketOf(newest).start;
    if (newestStart < start) return NO_WINDOW;
    if (newestStart === start && this.#takes(newest, delivered)) return newest;
    for (let window = windows.nextOf(newest); ; window = windows.nextOf(window)) {
      const each = windows.bucketOf(window).start;
      if ((orLater ? each >= start : each === start) && this.#takes(window, delivered)) return window;
      if (window === newest) return NO_WINDOW;
    }
  }

  /** Puts an open window at its place in the ring. One with the same start is its early part. */
  insert(window: WindowId): void {
    const windows = this.#windows;
    const device = windows.deviceOf(window);
    const newest = windows.devices.newest(device);
    if (newest === NO_WINDOW) {
      windows.setNext(window, window);
      windows.devices.setNewest(device, window);
      return;
    }
    const { start } = windows.bucketOf(window);
    if (windows.bucketOf(newest).start > start) {
      for (let before = newest; ; before = windows.nextOf(before)) {
        const next = windows.nextOf(before);
        if (windows.isOpen(next) && windows.bucketOf(next).start > start) {
          windows.setNext(window, next);
          windows.setNext(before, window);
          return;
        }
        if (next === newest) break;
      }
    }
    windows.setNext(window, windows.nextOf(newest));
    windows.setNext(newest, window);
    windows.devices.setNewest(device, window);
  }

  /** Whether one of its device's windows from the oldest to this one is open. */
  hasOpenUpTo(window: WindowId): boolean {
    for (let each = this.oldest(this.#windows.deviceOf(window)); ; each = this.#windows.nextOf(each)) {
      if (this.#windows.isOpen(each)) return true;
      if (each === window) return false;
    }
  }

  /** Whether the device has a window in the bucket, in the ring or passed. */
  hasIn(deviceId: string, bucket: Bucket): boolean {
    const windows = this.#windows;
    const device = windows.devices.findText(deviceId);
    for (const window of this.#passed.get(device) ?? []) if (windows.bucketOf(window) === bucket) return true;
    const newest = windows.devices.newest(device);
    if (newest === NO_WINDOW) return false;
    for (let window = windows.nextOf(newest); ; window = windows.nextOf(window)) {
      if (windows.bucketOf(window) === bucket) return true;
      if (window === newest) return false;
    }
  }

  /** Takes its device's oldest window out of the ring: others need not wait for it. */
  pass(window: WindowId): void {
    const device = this.#windows.deviceOf(window);
    this.#leaveRing(device, window);
    this.#windows.setState(window, "passed");
    const passed = this.#passed.get(device);
    if (passed === undefined) this.#passed.set(device, new Set([window]));
    else passed.add(window);
  }

  /** Takes out a window that is the oldest one of its device, or passed. Returns the device; `NO_DEVICE`: it has no other one, and is forgotten. */
  remove(window: WindowId): Device {
    const { devices } = this.#windows;
    const device = this.#windows.deviceOf(window);
    if (this.#windows.stateOf(window) === "passed") {
      const passed = this.#passed.get(device);
      passed?.delete(window);
      if (passed?.size === 0) this.#passed.delete(device);
    } else this.#leaveRing(device, window);
    if (devices.newest(device) !== NO_WINDOW || this.#passed.has(device)) return device;
    devices.remove(device);
    return NO_DEVICE;
  }

  #takes(window: WindowId, delivered: Recipients): boolean {
    return this.#windows.isOpen(window) && isSame(this.#windows.deliveredTo(window), delivered);
  }

  #leaveRing(device: Device, window: WindowId): void {
    const windows = this.#windows;
    const newest = windows.devices.newest(device);
    if (newest === NO_WINDOW || windows.nextOf(newest) !== window)
      throw new Error("not the oldest window of its device");
    if (newest === window) windows.devices.setNewest(device, NO_WINDOW);
    else windows.setNext(newest, windows.nextOf(window));
  }

  /** All, passed ones too. */
  *[Symbol.iterator](): Generator<WindowId> {
    const windows = this.#windows;
    for (const passed of this.#passed.values()) yield* passed;
    for (const device of windows.devices) {
      const newest = windows.devices.newest(device);
      if (newest === NO_WINDOW) continue;
      let window = newest;
      do {
        window = windows.nextOf(window);
        yield window;
      } while (window !== newest);
    }
  }
}
