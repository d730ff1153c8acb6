import type { Buckets } from "./buckets.js";
import type { DeviceWindows } from "./device-windows.js";
import type { DueMails } from "./due-mails.js";
import type { EarlyParts } from "./early-parts.js";
import type { FullWindows } from "./full-windows.js";
import type { HeldWindows } from "./held-windows.js";
import type { Effect } from "./partition-types.js";
import type { EventTime } from "./time.js";
import type { Watermark } from "./watermark.js";
import type { WindowId } from "./window.js";
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
    early.add(window, eventTime, windows.alertsIn(id));
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
      early.closed(bucket);
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

export interface ClosingParts {
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
