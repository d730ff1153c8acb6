import { isSame, type Recipients } from "./delivered.js";
import type { Bucket, Window } from "./window.js";

/**
 * A device's unsettled windows as a ring in the order in which they are mailed, entered at its newest one: almost every alert belongs there.
 * One `Map` entry a device, no object of its own. Windows that are passed stay known beside the ring.
 *
 * Open windows are in order of their start, and closed ones before those they were closed before. So a new one comes before the first open one that starts
 * later, else last: after a closed one it comes in any case, for its mail may be under way. This order must follow from what is unsettled alone, or a
 * replay would come to another one.
 */
export class DeviceWindows {
  readonly #newest = new Map<string, Window>();
  /** By device, in the order in which they left. Absent while there are none, which is almost always. */
  readonly #passed = new Map<string, Set<Window>>();

  get devices(): number {
    return this.#newest.size;
  }

  newest(deviceId: string): Window | undefined {
    return this.#newest.get(deviceId);
  }

  oldest(deviceId: string): Window | undefined {
    return this.#newest.get(deviceId)?.next;
  }

  /**
   * The open window that an alert for the window starting at `start` joins; with `orLater`, the oldest open one from there on. Only one that the same
   * recipients have as the alert, which is nobody but after a restart.
   */
  findOpen(deviceId: string, start: number, orLater: boolean, delivered: Recipients): Window | undefined {
    const newest = this.#newest.get(deviceId);
    if (newest === undefined || newest.bucket.start < start) return undefined;
    if (newest.bucket.start === start && newest.state === "open" && isSame(newest.delivered, delivered)) return newest;
    for (let window = newest.next; ; window = window.next) {
      const fits = orLater ? window.bucket.start >= start : window.bucket.start === start;
      if (fits && window.state === "open" && isSame(window.delivered, delivered)) return window;
      if (window === newest) return undefined;
    }
  }

  /** Puts an open window at its place; `window.next` is set here. One with the same start is its early part. */
  insert(window: Window): void {
    const newest = this.#newest.get(window.deviceId);
    if (newest === undefined || newest.bucket.start <= window.bucket.start) {
      window.next = newest?.next ?? window;
      if (newest !== undefined) newest.next = window;
      this.#newest.set(window.deviceId, window);
      return;
    }
    for (let before = newest; ; before = before.next) {
      const { next } = before;
      if (next.state === "open" && next.bucket.start > window.bucket.start) {
        window.next = next;
        before.next = window;
        return;
      }
      if (next === newest) break;
    }
    window.next = newest.next;
    newest.next = window;
    this.#newest.set(window.deviceId, window);
  }

  /** Whether one of the windows from the oldest to `window` is in this state. */
  someUpTo(window: Window, state: Window["state"]): boolean {
    for (let each = this.oldest(window.deviceId) as Window; ; each = each.next) {
      if (each.state === state) return true;
      if (each === window) return false;
    }
  }

  /** Whether the device has a window in the bucket, in the ring or passed. */
  hasIn(deviceId: string, bucket: Bucket): boolean {
    for (const window of this.#passed.get(deviceId) ?? []) if (window.bucket === bucket) return true;
    const newest = this.#newest.get(deviceId);
    if (newest === undefined) return false;
    for (let window = newest.next; ; window = window.next) {
      if (window.bucket === bucket) return true;
      if (window === newest) return false;
    }
  }

  /** Takes its device's oldest window out of the ring: others need not wait for it. */
  pass(window: Window): void {
    const { deviceId } = window;
    this.#leaveRing(window);
    window.state = "passed";
    window.next = window;
    const passed = this.#passed.get(deviceId);
    if (passed === undefined) this.#passed.set(deviceId, new Set([window]));
    else passed.add(window);
  }

  /** Takes out a window that is the oldest one of its device, or passed. */
  remove(window: Window): void {
    if (window.state !== "passed") {
      this.#leaveRing(window);
      return;
    }
    const passed = this.#passed.get(window.deviceId);
    passed?.delete(window);
    if (passed?.size === 0) this.#passed.delete(window.deviceId);
  }

  #leaveRing(window: Window): void {
    const { deviceId } = window;
    const newest = this.#newest.get(deviceId);
    if (newest?.next !== window) throw new Error("not the oldest window of its device");
    if (newest.next === newest) this.#newest.delete(deviceId);
    else newest.next = newest.next.next;
  }

  /** All, passed ones too. */
  *[Symbol.iterator](): Generator<Window> {
    for (const passed of this.#passed.values()) yield* passed;
    for (const newest of this.#newest.values()) {
      let window = newest;
      do {
        window = window.next;
        yield window;
      } while (window !== newest);
    }
  }
}
