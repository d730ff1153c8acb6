/** Windows close, and leave as mails. */

import type { HoldId } from "./commit-frontier.js";
import { isSame } from "./delivered.js";
import type { Device } from "./devices.js";
import type { EarlyParts } from "./early-parts.js";
import type { FullWindows } from "./full-windows.js";
import type { HeldWindows } from "./held-windows.js";
import type { Effect, PendingMail } from "./partition-types.js";
import type { EventTime, WallTime } from "./time.js";
import type { Watermark } from "./watermark.js";
import { IS_LATE_BY_WALL_CLOCK, IS_REPEAT, isEarlyPart, NO_WINDOW, type Window, type WindowId } from "./window.js";
import type { Buckets, DeviceWindows } from "./window-orders.js";
import type { WindowTally } from "./window-tally.js";
import type { Windows } from "./windows.js";

/** Closes windows: those whose end the watermark has passed, and those that an urgent alert closes early. What leaves then, leaves. */
export class Closing {
  readonly #parts: ClosingParts;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  /** The alert, its window's last one, is urgent. At most once a device and bucket. */
  early(id: WindowId, eventTime: EventTime): Effect[] {
    const { windows, early, tally, byDevice, due } = this.#parts;
    const window = windows.get(id);
    if (early.has(window)) return NONE;
    this.#close(id);
    early.add(window, { offset: windows.lastOffsetOf(id), eventTime, alerts: windows.alertsIn(id) });
    tally.closedEarly(id, window.listed, byDevice);
    return due.of(id);
  }

  due(watermark = this.#parts.watermark.value): Effect[] {
    const { buckets, windows, watermark: time, due, early, tally, byDevice } = this.#parts;
    const over = buckets.due(watermark);
    if (over.length === 0) return due.isDueBy(watermark) ? due.heldDue(watermark) : NONE;
    const effects: Effect[] = [];
    const byWallClock = time.ledByKnownEnd;
    for (const bucket of over) {
      bucket.closed = true;
      const windowEnd = buckets.endOf(bucket);
      const opened = windows.takeOpened(bucket);
      for (const window of opened) {
        if (!windows.isOpen(window)) continue;
        const untimed = this.#close(window);
        effects.push({ kind: "closed", windowEnd, byWallClock, alerts: windows.alertsIn(window), untimed });
      }
      for (const window of opened) {
        const state = windows.stateOf(window);
        if (state === "closed") effects.push(...due.of(window));
        if (state === "settled") windows.forget(window);
      }
      if (bucket.early !== undefined) early.closed(bucket);
      buckets.forgetIfOver(bucket);
    }
    tally.lookBehindOpen(byDevice);
    if (due.isDueBy(watermark)) effects.push(...due.heldDue(watermark));
    return effects;
  }

  /** Returns whether it is no part of the service level. */
  #close(window: WindowId): boolean {
    const { full, windows, tally, held } = this.#parts;
    full.closing(window);
    windows.setState(window, "closed");
    tally.closed(windows.listedIn(window));
    return held?.closing(window) === true;
  }
}

interface ClosingParts {
  readonly buckets: Buckets;
  readonly windows: Windows;
  readonly byDevice: DeviceWindows;
  readonly watermark: Watermark;
  readonly due: DueMails;
  readonly early: EarlyParts;
  readonly full: FullWindows;
  readonly tally: WindowTally;
  /** Undefined without `REPEAT_INTERVALS`. */
  readonly held: HeldWindows | undefined;
}

const NONE: Effect[] = [];

/**
 * Which closed windows leave as mails: each device's oldest, one after the other, and none while a replay holds them back. With `REPEAT_INTERVALS`, a window
 * that tells nothing new waits for its time, and leaves with whatever of its device leaves then.
 */
export class DueMails {
  readonly #windows: Windows;
  readonly #byDevice: DeviceWindows;
  readonly #windowSizeMs: number;
  readonly #catchUpAfterMs: number;
  readonly #mails = new Map<HoldId, PendingMail>();
  readonly #held: HeldWindows | undefined;
  #holdsBack: boolean;

  /** `holdsBack`: a replay has not come yet as far as was read before. No mail leaves, so that windows that left as one mail do so again. */
  constructor(
    windows: Windows,
    byDevice: DeviceWindows,
    { windowSizeMs, catchUpAfterMs }: { readonly windowSizeMs: number; readonly catchUpAfterMs: number },
    holdsBack: boolean,
    held: HeldWindows | undefined,
  ) {
    this.#windows = windows;
    this.#byDevice = byDevice;
    this.#holdsBack = holdsBack;
    this.#held = held;
    this.#windowSizeMs = windowSizeMs;
    this.#catchUpAfterMs = catchUpAfterMs;
  }

  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  get(id: HoldId): PendingMail | undefined {
    return this.#mails.get(id);
  }

  /** It needs nothing more. */
  take(id: HoldId): PendingMail | undefined {
    const mail = this.#mails.get(id);
    this.#mails.delete(id);
    this.#held?.left(id);
    return mail;
  }

  /** The mail of a window that was just closed, unless it has to wait. */
  of(window: WindowId): Effect[] {
    if (this.#holdsBack) return [];
    if (this.#held !== undefined) {
      // An early part may have waited for this one.
      const isLast = this.#held.keeps(window) && this.#windows.stateOf(this.#windows.nextOf(window)) !== "closed";
      return isLast ? [] : this.#leave(this.#windows.deviceOf(window), false);
    }
    return this.#isOldest(window) ? [this.#mail([this.#windows.get(window)])] : [];
  }

  /**
   * The device's next mail, as the one before is out of its way: of its next closed window; of all of them, once the oldest ended over `catchUpAfterMs`
   * ago, or where some tell nothing new. But none that some recipients have together with one they do not have: in one mail they would get it again.
   */
  next(device: Device, now: WallTime): Effect[] {
    const oldest = this.#byDevice.oldest(device);
    if (oldest === NO_WINDOW) return [];
    const end = this.#windows.bucketOf(oldest).start + this.#windowSizeMs;
    return this.#leave(device, now - end > this.#catchUpAfterMs);
  }

  /** The replay is over, if there was one: after these effects, each device's mail that it held back. */
  releaseAfter(effects: Effect[], now: WallTime): Effect[] {
    if (!this.#holdsBack) return effects;
    this.#holdsBack = false;
    const mails = [...this.#byDevice]
      .filter((window) => this.#windows.stateOf(window) === "closed" && this.#isOldest(window))
      .map((window) => this.#windows.get(window))
      .sort(byAge)
      // What was held and left as one mail does so again: which windows told nothing new is not known any more.
      .flatMap(({ id }) => {
        const device = this.#windows.deviceOf(id);
        return this.#held === undefined ? this.next(device, now) : this.#leave(device, true);
      });
    return [...effects, ...mails];
  }

  /** By then the time of some held windows has come. */
  isDueBy(time: number): boolean {
    return this.#held?.isDueBy(time) === true;
  }

  /** The mails of held windows whose time has come. */
  heldDue(time: number): Effect[] {
    return this.#leaveAll(this.#held?.letDueGo(time));
  }

  /** Held windows leave before their time, those held for longest first, with at least so many alerts in memory. */
  letHeldGo(alerts: number, time: number): Effect[] {
    return this.#leaveAll(this.#held?.letOldestGo(alerts, time));
  }

  #leaveAll(devices: readonly string[] = []): Effect[] {
    return devices.flatMap((deviceId) => this.#leave(this.#windows.devices.findText(deviceId), false));
  }

  /** `all`: whatever waits leaves as one mail, also where each window has news. */
  #leave(device: Device, all: boolean): Effect[] {
    const windows = this.#windows;
    const oldest = this.#byDevice.oldest(device);
    if (!this.#isWaiting(oldest)) return [];
    const waiting = [oldest];
    let isDue = windows.stateOf(oldest) === "closed";
    if (all || this.#held !== undefined) {
      let joins = true;
      let window = windows.nextOf(oldest);
      for (; window !== oldest && this.#isWaiting(window); window = windows.nextOf(window)) {
        joins &&= isSame(windows.deliveredTo(window), windows.deliveredTo(oldest));
        if (joins) waiting.push(window);
        else if (isDue) break;
        // Held ones in front of it leave before it.
        isDue ||= windows.stateOf(window) === "closed";
      }
    }
    if (!isDue) return [];
    const together = all || waiting.some((window) => windows.has(window, IS_REPEAT)) ? waiting : [oldest];
    return [this.#mail(together.map((window) => windows.get(window)))];
  }

  #isWaiting(window: WindowId): boolean {
    const state = this.#windows.stateOf(window);
    return state === "closed" || state === "held";
  }

  #mail(windows: readonly Window[]): Effect {
    const first = windows[0] as Window;
    const mail: PendingMail = {
      id: first.hold,
      deviceId: first.deviceId,
      windows,
      critical: windows.some((window) => window.critical || isEarlyPart(window)),
      commitFirst: windows.length > 1 || this.#windows.has(first.id, IS_LATE_BY_WALL_CLOCK),
      isFollowUp: this.#held?.isTold(first.deviceId) === true,
    };
    this.#held?.leave(mail);
    for (const { id } of windows) this.#windows.setState(id, "mailing");
    this.#mails.set(mail.id, mail);
    return { kind: "mail", mail };
  }

  #isOldest(window: WindowId): boolean {
    return this.#byDevice.oldest(this.#windows.deviceOf(window)) === window;
  }
}

/** By start; of equal ones, in the order in which they were opened. */
const byAge = (a: Window, b: Window): number => a.bucket.start - b.bucket.start || a.hold - b.hold;
