import type { EachBatchPayload } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import { tellDeletedUnread } from "../runtime/deleted-records.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, SourceListener } from "../runtime/ports.js";
import { OUR_TURNS } from "../runtime/turns.js";
import { CorruptBatches } from "./corrupt-batches.js";
import { type FetchedBatch, onCorruptBatch } from "./fetched-batch.js";
import { areOneSlice, FetchedRecords, firstEpoch } from "./fetched-records.js";
import { LargeIntake } from "./large-intake.js";
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

/** Takes of each batch what the listener expects next, and nothing else. */
export class BatchIntake {
  readonly #metrics: Pick<Metrics, "recordsDeletedUnread">;
  readonly #log: Logger;
  readonly #seek: (partition: number, offset: number) => void;
  /** Partition → how often in a row a batch began below the expected offset. */
  readonly #rewinds = new Map<number, number>();

  constructor(deps: {
    metrics: Pick<Metrics, "recordsDeletedUnread">;
    log: Logger;
    seek: (partition: number, offset: number) => void;
  }) {
    this.#metrics = deps.metrics;
    this.#log = deps.log;
    this.#seek = deps.seek;
  }

  /** A new generation. */
  joined(): void {
    this.#rewinds.clear();
  }

  take({ batch, resolveOffset, isStale }: EachBatchPayload, listener: SourceListener): void {
    const { partition } = batch;
    const expected = listener.position(partition);
    // Fetched before the partition was lost, paused or sought: returning without resolving leaves the position where it should be.
    if (expected === undefined || isStale()) return;
    const fetchedOffset = Number((batch as typeof batch & { fetchedOffset: string }).fetchedOffset);
    if (fetchedOffset < expected) {
      this.#rewound(partition, fetchedOffset, expected, listener);
      return;
    }
    this.#rewinds.delete(partition);
    if (!listener.mayTake(partition, firstEpoch(batch))) return;
    const records = new FetchedRecords(batch.messages);
    const takeable = listener.takeable(partition, records);
    const waiting = records.at(takeable);
    if (waiting !== undefined && takeable === 0) return;
    // The position moves only by what was taken, also past gaps of compaction and of transactions: what lies between is no longer in the log.
    if (fetchedOffset > expected) {
      const told = { metrics: this.#metrics, log: this.#log };
      tellDeletedUnread(told, { partition, from: expected, logStart: fetchedOffset });
      listener.deletedUnread?.(partition, fetchedOffset);
    }
    const taken = waiting === undefined ? records : records.slice(0, takeable);
    const next = waiting?.offset ?? Number(batch.lastOffset()) + 1;
    listener.records(partition, taken, next);
    // Once, inside `eachBatch`: it is what moves the fetch position, and it is neither monotonic nor fenced.
    resolveOffset(String(next - 1));
  }

  /** Several times in a row mean that the expected offset may be gone. */
  #rewound(partition: number, fetchedOffset: number, expected: number, listener: SourceListener): void {
    const times = (this.#rewinds.get(partition) ?? 0) + 1;
    this.#rewinds.set(partition, times);
    // Once is no fault: after a restart of the client one batch is asked for again, to be able to commit.
    this.#log[times === 1 ? "info" : "warn"](
      { partition, expected, fetchedOffset },
      "a batch began below the expected offset; seeking",
    );
    this.#seek(partition, expected);
    if (times < 3) return;
    this.#rewinds.delete(partition);
    listener.outOfRange(partition);
  }
}
