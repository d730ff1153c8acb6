import type { Clock } from "../runtime/clock.js";

/** A page that is made at most once an interval, and given to all who ask: as it was made, or with the error of the one time. */
export class SharedPage<T> {
  readonly #make: () => Promise<T>;
  readonly #intervalMs: number;
  readonly #clock: Pick<Clock, "elapsed">;
  #last: { readonly page: Promise<T>; readonly atMs: number; isMade: boolean } | undefined;

  constructor(make: () => Promise<T>, intervalMs: number, clock: Pick<Clock, "elapsed">) {
    this.#make = make;
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  get(): Promise<T> {
    const last = this.#last;
    // One that takes long is waited for, not made twice.
    if (last !== undefined && (!last.isMade || this.#clock.elapsed() - last.atMs < this.#intervalMs)) return last.page;
    const made = { page: this.#make(), atMs: this.#clock.elapsed(), isMade: false };
    const settled = (): void => {
      made.isMade = true;
    };
    made.page.then(settled, settled);
    this.#last = made;
    return made.page;
  }
}
