import type { EachBatchPayload } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import { OUR_TURNS } from "../runtime/event-loop-turns.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, SourceListener } from "../runtime/ports.js";
import { BatchIntake } from "./batch-intake.js";
import { CorruptBatches } from "./corrupt-batches.js";
import { type FetchedBatch, onCorruptBatch } from "./fetched-batch.js";
import { LargeIntake } from "./large-intake.js";
import { areOneSlice } from "./record-slices.js";
import { takeInSlices } from "./sliced-intake.js";

/** What the fetches of a topic bring, on its way to the listener: whole batches, large ones piece by piece, and those that are not as they were written. */
export class BatchTaking {
  readonly #metrics: Pick<Metrics, "slowBatch">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #isPaused: (partition: number) => boolean;
  readonly #intake: BatchIntake;
  readonly #large: LargeIntake;
  readonly #corrupt: CorruptBatches;
  readonly #unwatch: () => void;

  constructor(deps: {
    topic: string;
    metrics: Pick<Metrics, "recordsDeletedUnread" | "slowBatch">;
    clock: Clock;
    log: Logger;
    seek: (partition: number, offset: number) => void;
    isPaused: (partition: number) => boolean;
    /** Another set of partitions is `held`. */
    onHeld: () => void;
    /** Calls it, and sees to what it throws. */
    guard: (action: () => void) => void;
  }) {
    const { topic, guard } = deps;
    this.#metrics = deps.metrics;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#isPaused = deps.isPaused;
    this.#intake = new BatchIntake(deps);
    this.#corrupt = new CorruptBatches({ ...deps, onChanged: deps.onHeld });
    this.#large = new LargeIntake({
      ...deps,
      intake: this.#intake,
      onCorrupt: (partition, corrupt) => guard(() => this.#corrupt.found(partition, corrupt)),
      onTaken: (partition, next) => this.#corrupt.read(partition, next),
    });
    this.#unwatch = onCorruptBatch((of, partition, corrupt) => {
      if (of === topic) guard(() => this.#corrupt.found(partition, corrupt));
    });
  }

  /** Not to be fetched just now. */
  get held(): ReadonlySet<number> {
    return this.#corrupt.held;
  }

  /** Partitions whose next batch is not as it was written. */
  get unreadable(): ReadonlySet<number> {
    return this.#corrupt.partitions;
  }

  /** Rejects with what KafkaJS has to be told, such as that the group is rebalancing. */
  async take(payload: EachBatchPayload, listener: SourceListener): Promise<void> {
    const startedAt = this.#clock.elapsed();
    try {
      await this.#take(payload, listener);
    } finally {
      (payload.batch as { taken?: () => void }).taken?.();
      const tookMs = this.#clock.elapsed() - startedAt;
      if (tookMs >= SLOW_MS) this.#slow(payload, listener, tookMs);
    }
  }

  /** A new generation. */
  joined(): void {
    this.#intake.joined();
    this.#large.forget();
  }

  /** The partitions may be someone else's. */
  left(): void {
    this.#corrupt.forget();
    this.#large.forget();
  }

  close(): void {
    this.#unwatch();
    this.left();
  }

  async #take(payload: EachBatchPayload, listener: SourceListener): Promise<void> {
    const batch = payload.batch as EachBatchPayload["batch"] & Partial<FetchedBatch>;
    const { partition, large, largeFrom = 0, bytes = 0 } = batch;
    if (large === undefined || batch.messages.length > 0) {
      const next = Number(batch.lastOffset()) + 1;
      await OUR_TURNS.next();
      if (areOneSlice(batch.messages.length, bytes)) {
        await listener.ahead?.(batch.messages);
        batch.taken?.();
        this.#intake.take(payload, listener);
      } else if (!(await takeInSlices(payload, listener, { intake: this.#intake, isPaused: this.#isPaused }))) return;
      this.#corrupt.read(partition, next);
    }
    if (large === undefined) return;
    // Before anything is waited for: nobody needs them any more.
    batch.taken?.();
    batch.forget?.();
    await this.#large.take(payload, large, largeFrom, listener);
  }

  #slow({ batch }: EachBatchPayload, listener: SourceListener, tookMs: number): void {
    const { partition, fetchedOffset } = batch as typeof batch & Partial<FetchedBatch>;
    this.#metrics.slowBatch();
    const place = { partition, offset: Number(fetchedOffset), position: listener.position(partition) };
    this.#log.warn({ ...place, tookMs: Math.round(tookMs) }, SLOW);
  }
}

/** Far more than a batch should take, and less than a session. */
const SLOW_MS = 5_000;
const SLOW =
  "what one fetch brought of a partition took long to take: its alerts are large, or very many; a quota for its producers helps the others";
