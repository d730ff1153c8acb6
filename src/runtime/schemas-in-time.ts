import type { Clock } from "./clock.js";
import type { AlertCodec, SourceRecord } from "./ports.js";

/** A schema that the registry does not have is asked for during 30 s (`formats/registry/schema-store`): this is longer. */
export const SCHEMAS_WITHIN_MS = 45_000;

/** Asks for the schemas of records before they are decoded. Once the registry gave no answer in time, nothing waits for it any more. */
export class Schemas {
  readonly #codec: Pick<AlertCodec, "prepare">;
  readonly #clock: Clock;
  #patienceMs = SCHEMAS_WITHIN_MS;

  constructor(codec: Pick<AlertCodec, "prepare">, clock: Clock) {
    this.#codec = codec;
    this.#clock = clock;
  }

  /** Whether all of the records can be decoded now. */
  async have(records: readonly Pick<SourceRecord, "key" | "value" | "headers">[]): Promise<boolean> {
    const until = this.#clock.elapsed() + this.#patienceMs;
    for (;;) {
      const preparation = this.#codec.prepare?.(records);
      if (preparation === undefined) return true;
      if (await this.#isIn(preparation.ready, until - this.#clock.elapsed())) continue;
      this.#patienceMs = 0;
      return false;
    }
  }

  #isIn(ready: Promise<void>, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.max(0, ms), () => resolve(false));
      void ready.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
