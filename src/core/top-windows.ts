import type { EventTime } from "./time.js";
import type { Window, WindowId } from "./window.js";
import type { Windows } from "./windows.js";

/** A window that is shown: valid until the next step of its partition. */
export interface TopWindow {
  readonly partition: number;
  readonly alerts: number;
  readonly windowEnd: EventTime;
  readonly window: Window;
}

/**
 * The `limit` windows with the most alerts out of any number offered, most first; of equal ones, those offered first. An offer that
 * does not make it costs one comparison.
 */
export class TopWindows {
  readonly #limit: number;
  readonly #top: TopWindow[] = [];
  /** An offer needs more. */
  #least = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get list(): readonly TopWindow[] {
    return this.#top;
  }

  offer(partition: number, windows: Pick<Windows, "alertsIn" | "get">, id: WindowId, windowEnd: EventTime): void {
    const alerts = windows.alertsIn(id);
    if (alerts <= this.#least) return;
    let at = this.#top.length;
    while (at > 0 && (this.#top[at - 1] as TopWindow).alerts < alerts) at--;
    this.#top.splice(at, 0, { partition, alerts, windowEnd, window: windows.get(id) });
    if (this.#top.length > this.#limit) this.#top.pop();
    if (this.#top.length === this.#limit) this.#least = (this.#top.at(-1) as TopWindow).alerts;
  }
}
