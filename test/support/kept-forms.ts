import assert from "node:assert/strict";
import { AlertBuffer, NO_ENTRY, type Room } from "#src/core/alert-buffer.js";
import type { Decoded } from "#src/runtime/ports.js";

/** A buffer as a partition has one, whose room alerts are decoded into. */
export class KeptForms {
  readonly #buffer = new AlertBuffer();
  #count = 0;

  get room(): Room {
    return this.#buffer.room;
  }

  /** Keeps an alert's own form, and sees that what is kept is what it was. */
  keep(decoded: Decoded): void {
    if (decoded.kind !== "alert") return;
    const { written, bytes } = decoded;
    const form = Buffer.from(bytes);
    const count = this.#count++;
    // Now and then an entry that is far from the others, whose bytes stand further behind.
    const args = [NO_ENTRY, count % 7 === 0 ? count * 1e6 : count, 0, false] as const;
    const entry =
      written === undefined
        ? this.#buffer.append(...args, bytes)
        : this.#buffer.append(...args, written.memory, written.from, written.to);
    assert.ok(form.equals(this.#buffer.read(entry).bytes));
    if (count % 5 === 0) this.#buffer.release(entry);
  }
}
