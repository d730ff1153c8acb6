import type { Bucket, Window, WindowId } from "./window.js";
import type { DeviceWindows } from "./window-orders.js";

/** How many windows there are, and how many of their alerts are in memory. */
export class WindowTally {
  #open = 0;
  #pending = 0;
  #listed = 0;
  #pendingListed = 0;
  #passed = 0;
  #passedListed = 0;
  #held = 0;
  #heldListed = 0;
  /** How many alerts windows have that were closed early while an older one of their device is still open, within its grace. One a device, and nothing is under way for them. */
  readonly #behindOpen = new Map<WindowId, number>();

  get open(): number {
    return this.#open;
  }

  /** Closed, not settled. */
  get pending(): number {
    return this.#pending;
  }

  /** Of them, those whose mail is due, or waits for the mail before. */
  get due(): number {
    return this.#pending - this.#behindOpen.size - this.#held;
  }

  /** Of the pending ones, those that are kept back because they tell nothing new. */
  get heldWindows(): number {
    return this.#held;
  }

  /** Of the pending ones, those whose mail only waits for recipients that are behind. */
  get passed(): number {
    return this.#passed;
  }

  /** Alerts in memory. */
  get alerts(): number {
    return this.#listed;
  }

  get dueAlerts(): number {
    let listed = this.#pendingListed - this.#heldListed;
    for (const behind of this.#behindOpen.values()) listed -= behind;
    return listed;
  }

  get passedAlerts(): number {
    return this.#passedListed;
  }

  opened(bucket: Bucket): void {
    bucket.unsettled++;
    this.#open++;
  }

  listed(): void {
    this.#listed++;
  }

  /** So many alerts of an open window are only counted from now on. */
  dropped(alerts: number): void {
    this.#listed -= alerts;
  }

  /** `listed`: how many of its alerts are in memory. */
  closed(listed: number): void {
    this.#open--;
    this.#pending++;
    this.#pendingListed += listed;
  }

  /** A closed window is kept back, with so many alerts in memory. */
  held(listed: number): void {
    this.#held++;
    this.#heldListed += listed;
  }

  /** So many of their alerts are only counted from now on. */
  heldDropped(alerts: number): void {
    this.#heldListed -= alerts;
    this.#pendingListed -= alerts;
  }

  /** It is kept back no more. */
  letGo(listed: number): void {
    this.#held--;
    this.#heldListed -= listed;
  }

  passedOn(window: Window): void {
    this.#countPassed(window, 1);
  }

  settled(window: Window): void {
    if (window.state === "passed") this.#countPassed(window, -1);
    window.bucket.unsettled--;
    if (window.repeats) window.bucket.repeating--;
    this.#pending--;
    this.#listed -= window.listed;
    this.#pendingListed -= window.listed;
  }

  /** Its mail may have to wait for an older window that is still open. */
  closedEarly(window: WindowId, listed: number, windows: DeviceWindows): void {
    this.#behindOpen.set(window, listed);
    this.lookBehindOpen(windows);
  }

  /** Some windows were closed. */
  lookBehindOpen(windows: DeviceWindows): void {
    for (const window of this.#behindOpen.keys()) if (!windows.hasOpenUpTo(window)) this.#behindOpen.delete(window);
  }

  #countPassed({ bucket, listed, repeats }: Window, by: 1 | -1): void {
    bucket.passed += by;
    if (repeats) bucket.repeating -= by;
    this.#passed += by;
    this.#passedListed += by * listed;
  }
}
