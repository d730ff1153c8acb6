import type { WallTime } from "../core/time.js";

/** How long quotas held back in the last minute. Times by the wall clock; what several brokers ask for at once counts once. */
export class ThrottleMeter {
  /** Ascending, none touches the next: a minute holds few. */
  readonly #waits: { readonly from: number; until: number }[] = [];

  told(now: WallTime, ms: number): void {
    this.#forget(now);
    const last = this.#waits.at(-1);
    if (last !== undefined && last.until >= now) last.until = Math.max(last.until, now + ms);
    else this.#waits.push({ from: now, until: now + ms });
  }

  /** Of the minute before `now`; 60 at most. */
  seconds(now: WallTime): number {
    this.#forget(now);
    const ms = this.#waits.map(({ from, until }) => Math.min(until, now) - Math.max(from, now - MINUTE_MS));
    return (
      Math.max(
        0,
        ms.reduce((sum, each) => sum + each, 0),
      ) / 1000
    );
  }

  #forget(now: WallTime): void {
    while ((this.#waits[0]?.until ?? now) < now - MINUTE_MS) this.#waits.shift();
  }
}

const MINUTE_MS = 60_000;
