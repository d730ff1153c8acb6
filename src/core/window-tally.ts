import type { DeviceWindows } from "./device-windows.js";
import type { Window } from "./window.js";

/** How many windows there are, and how many of their alerts are in memory. */
export class WindowTally {
  #open = 0;
  #pending = 0;
  #listed = 0;
  #pendingListed = 0;
  #passed = 0;
  #passedListed = 0;
  /** Closed early while an older window of their device is still open, within its grace. One a device, and nothing is under way for them. */
  readonly #behindOpen = new Set<Window>();

  get open(): number {
    return this.#open;
  }

  /** Closed, not settled. */
  get pending(): number {
    return this.#pending;
  }

  /** Of them, those whose mail is due, or waits for the mail before. */
  get due(): number {
    return this.#pending - this.#behindOpen.size;
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
    let listed = this.#pendingListed;
    for (const window of this.#behindOpen) listed -= window.listed;
    return listed;
  }

  get passedAlerts(): number {
    return this.#passedListed;
  }

  opened({ bucket }: Window): void {
    bucket.unsettled++;
    this.#open++;
  }

  listed(window: Window): void {
    window.listed++;
    this.#listed++;
  }

  closed({ listed }: Window): void {
    this.#open--;
    this.#pending++;
    this.#pendingListed += listed;
  }

  passedOn(window: Window): void {
    this.#countPassed(window, 1);
  }

  settled(window: Window): void {
    if (window.state === "passed") this.#countPassed(window, -1);
    window.bucket.unsettled--;
    this.#pending--;
    this.#listed -= window.listed;
    this.#pendingListed -= window.listed;
  }

  /** Its mail may have to wait for an older window that is still open. */
  closedEarly(window: Window, windows: DeviceWindows): void {
    this.#behindOpen.add(window);
    this.lookBehindOpen(windows);
  }

  /** Some windows were closed. */
  lookBehindOpen(windows: DeviceWindows): void {
    for (const window of this.#behindOpen) if (!windows.someUpTo(window, "open")) this.#behindOpen.delete(window);
  }

  #countPassed({ bucket, listed }: Window, by: 1 | -1): void {
    bucket.passed += by;
    this.#passed += by;
    this.#passedListed += by * listed;
  }
}
