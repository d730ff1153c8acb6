import type { Window } from "./window.js";

/**
 * A device's unsettled windows as a ring, oldest first, entered at its newest one: almost every alert belongs there.
 * One `Map` entry a device, no object of its own.
 */
export class DeviceWindows {
  readonly #newest = new Map<string, Window>();

  get devices(): number {
    return this.#newest.size;
  }

  newest(deviceId: string): Window | undefined {
    return this.#newest.get(deviceId);
  }

  oldest(deviceId: string): Window | undefined {
    return this.#newest.get(deviceId)?.next;
  }

  /** The open window that an alert for the window starting at `start` joins; with `orLater`, the oldest open one from there on. */
  findOpen(deviceId: string, start: number, orLater: boolean): Window | undefined {
    const newest = this.#newest.get(deviceId);
    if (newest === undefined || newest.bucket.start < start) return undefined;
    if (newest.bucket.start === start) return newest.state === "open" ? newest : undefined;
    for (let window = newest.next; ; window = window.next) {
      if (window.state === "open" && (orLater ? window.bucket.start >= start : window.bucket.start === start))
        return window;
      if (window === newest) return undefined;
    }
  }

  /** Puts a window at its place by start; there is none with the same start. `window.next` is set here. */
  insert(window: Window): void {
    const newest = this.#newest.get(window.deviceId);
    if (newest === undefined || newest.bucket.start < window.bucket.start) {
      window.next = newest?.next ?? window;
      if (newest !== undefined) newest.next = window;
      this.#newest.set(window.deviceId, window);
      return;
    }
    let before = newest;
    while (before.next.bucket.start < window.bucket.start) before = before.next;
    window.next = before.next;
    before.next = window;
  }

  /** Takes the oldest window out. */
  removeOldest(deviceId: string): void {
    const newest = this.#newest.get(deviceId);
    if (newest === undefined) throw new Error("no window of this device is left");
    if (newest.next === newest) this.#newest.delete(deviceId);
    else newest.next = newest.next.next;
  }

  *[Symbol.iterator](): Generator<Window> {
    for (const newest of this.#newest.values()) {
      let window = newest;
      do {
        window = window.next;
        yield window;
      } while (window !== newest);
    }
  }
}
