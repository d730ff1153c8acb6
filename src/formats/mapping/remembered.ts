import type { Places } from "./places.js";
import { NUMBER } from "./value-kinds.js";

/** What follows from a text or a number that stands in many records: worked out once for each, and found again by its bytes. */
export class Remembered<T> {
  readonly #workOut: (value: string | number) => T;
  readonly #known: { readonly bytes: Buffer; readonly is: number; readonly says: T }[] = [];

  constructor(workOut: (value: string | number) => T) {
    this.#workOut = workOut;
  }

  /** Of a `TEXT` or a `NUMBER`. */
  of({ bytes, is, from, to }: Places, place: number): T {
    const [kind, first, last] = [is[place] as number, from[place] as number, to[place] as number];
    const length = last - first;
    for (let i = 0; i < this.#known.length; i++) {
      const known = this.#known[i] as { readonly bytes: Buffer; readonly is: number; readonly says: T };
      if (known.bytes.length !== length || known.is !== kind) continue;
      let at = 0;
      while (at < length && known.bytes[at] === bytes[first + at]) at++;
      if (at === length) return known.says;
    }
    const written = bytes.toString("utf8", first, last);
    const says = this.#workOut(kind === NUMBER ? Number(written) : written);
    if (this.#known.length < KNOWN_MAX && length <= LENGTH_MAX)
      this.#known.push({ bytes: Buffer.from(bytes.subarray(first, last)), is: kind, says });
    return says;
  }

  forget(): void {
    this.#known.length = 0;
  }
}

/** Words that more than so many records have in place of each other are looked up each time. */
const KNOWN_MAX = 32;
const LENGTH_MAX = 100;
