import type { WallTime } from "../core/time.js";

/** The status as JSON in UTF-8, made for one and given to all who ask within `maxAgeMs`: it costs a look at every open window. */
export class StatusText {
  readonly #make: () => string;
  readonly #maxAgeMs: number;
  readonly #now: () => WallTime;
  #last: { readonly text: Buffer; readonly at: WallTime } | undefined;

  /** `make` may throw; that is the answer of the one who asked. */
  constructor(make: () => string, maxAgeMs: number, now: () => WallTime) {
    this.#make = make;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  renew(): Buffer {
    const text = Buffer.from(this.#make());
    this.#last = { text, at: this.#now() };
    return text;
  }

  recent(): Buffer {
    // A clock that was set back must not keep an old one for ever.
    if (this.#last !== undefined && Math.abs(this.#now() - this.#last.at) < this.#maxAgeMs) return this.#last.text;
    return this.renew();
  }
}
