import { type Clock, doubledMs } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { CorruptBatch } from "./fetch-answer.js";

/**
 * Partitions whose next batch is not as it was written. It is fetched again, for the fault may lie between the broker's disk and here; where it stays, the
 * partition is held, and nothing of it is skipped: a replica may have the batch, or an operator may restore it. The others go on.
 */
export class CorruptBatches {
  readonly #clock: Pick<Clock, "after">;
  readonly #log: Logger;
  readonly #onChanged: () => void;
  readonly #held = new Map<number, Held>();

  /** `onChanged`: another set of partitions is held. */
  constructor(deps: { clock: Pick<Clock, "after">; log: Logger; onChanged: () => void }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onChanged = deps.onChanged;
  }

  /** Not to be fetched just now. */
  get held(): ReadonlySet<number> {
    return new Set([...this.#held].flatMap(([partition, { waits }]) => (waits ? partition : [])));
  }

  /** Those with such a batch, also while it is fetched again. Once is no fault yet. */
  get partitions(): ReadonlySet<number> {
    return new Set([...this.#held].flatMap(([partition, { times }]) => (times > 1 ? partition : [])));
  }

  /** A fetch came upon one, after whatever was sound before it. */
  found(partition: number, { offset, problem, isTooLarge }: CorruptBatch): void {
    const before = this.#held.get(partition);
    before?.cancel();
    const times = before?.offset === offset ? before.times + 1 : 1;
    const retryInMs = doubledMs(times, RETRY_MS, RETRY_MAX_MS);
    const cancel = this.#clock.after(retryInMs, () => {
      const held = this.#held.get(partition);
      if (held !== undefined) held.waits = false;
      this.#onChanged();
    });
    this.#held.set(partition, { offset, times, waits: true, cancel });
    const about = { partition, offset, problem, times, retryInMs };
    if (isTooLarge === true) this.#log.error(about, TOO_LARGE);
    else if (times === 1) this.#log.warn(about, "a batch is not as it was written; it is fetched again");
    else this.#log.error(about, HELD);
    this.#onChanged();
  }

  /** Records from there on were read. */
  read(partition: number, nextOffset: number): void {
    const held = this.#held.get(partition);
    if (held === undefined || nextOffset <= held.offset) return;
    held.cancel();
    this.#held.delete(partition);
    this.#log.info({ partition, offset: held.offset }, "the batch is read now, and is as it was written");
    this.#onChanged();
  }

  /** The partitions may be someone else's. */
  forget(): void {
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
  }
}

interface Held {
  readonly offset: number;
  readonly times: number;
  waits: boolean;
  readonly cancel: () => void;
}

const HELD =
  "a batch is not as it was written, again: its partition is held, and nothing of it is skipped. Look at the disk of its leader; another replica may have it whole";
const TOO_LARGE = "a batch is too large to be read: its partition is held, and nothing of it is skipped";
const RETRY_MS = 500;
const RETRY_MAX_MS = 30_000;
