import { isSame, type Recipients } from "./delivered.js";
import type { Device } from "./devices.js";
import { type Bucket, NO_WINDOW, type WindowId } from "./window.js";
import type { Windows } from "./windows.js";

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
  newest(device: Device): WindowId {
    return this.#windows.devices.newest(device) as WindowId;
  }

  oldest(device: Device): WindowId {
    const newest = this.newest(device);
    return newest === NO_WINDOW ? NO_WINDOW : this.#windows.nextOf(newest);
  }

  /**
   * The open window that an alert for the window starting at `start` joins; with `orLater`, the oldest open one from there on. Only one that the same
   * recipients have as the alert, which is nobody but after a restart.
   */
  findOpen(device: Device, start: number, orLater: boolean, delivered: Recipients): WindowId {
    const windows = this.#windows;
    const newest = this.newest(device);
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
    const newest = this.newest(device);
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
    const newest = this.newest(device);
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

  /** Takes out a window that is the oldest one of its device, or passed. */
  remove(window: WindowId): void {
    const { devices } = this.#windows;
    const device = this.#windows.deviceOf(window);
    if (this.#windows.stateOf(window) === "passed") {
      const passed = this.#passed.get(device);
      passed?.delete(window);
      if (passed?.size === 0) this.#passed.delete(device);
    } else this.#leaveRing(device, window);
    if (devices.newest(device) === NO_WINDOW && !this.#passed.has(device)) devices.remove(device);
  }

  #takes(window: WindowId, delivered: Recipients): boolean {
    return this.#windows.isOpen(window) && isSame(this.#windows.deliveredTo(window), delivered);
  }

  #leaveRing(device: Device, window: WindowId): void {
    const windows = this.#windows;
    const newest = this.newest(device);
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
      const newest = this.newest(device);
      if (newest === NO_WINDOW) continue;
      let window = newest;
      do {
        window = windows.nextOf(window);
        yield window;
      } while (window !== newest);
    }
  }
}
