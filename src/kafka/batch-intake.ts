import type { EachBatchPayload } from "kafkajs";
import { tellDeletedUnread } from "../runtime/deleted-records.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics, SourceListener, SourceRecord } from "../runtime/ports.js";
import { redrivesIn } from "./redrives.js";

/** Takes of each batch what the listener expects next, and nothing else. */
export class BatchIntake {
  readonly #topic: string;
  readonly #metrics: Pick<Metrics, "recordsDeletedUnread">;
  readonly #log: Logger;
  readonly #seek: (partition: number, offset: number) => void;
  readonly #onFatal: (error: Error) => void;
  /** Partition → how often in a row a batch began below the expected offset. */
  readonly #rewinds = new Map<number, number>();

  constructor(deps: {
    topic: string;
    metrics: Pick<Metrics, "recordsDeletedUnread">;
    log: Logger;
    seek: (partition: number, offset: number) => void;
    onFatal: (error: Error) => void;
  }) {
    this.#topic = deps.topic;
    this.#metrics = deps.metrics;
    this.#log = deps.log;
    this.#seek = deps.seek;
    this.#onFatal = deps.onFatal;
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
      this.#rewound(partition, fetchedOffset, expected);
      return;
    }
    this.#rewinds.delete(partition);
    // The position moves only by what was taken, also past gaps of compaction and of transactions: what lies between is no longer in the log.
    if (fetchedOffset > expected) {
      const told = { metrics: this.#metrics, log: this.#log };
      tellDeletedUnread(told, { partition, from: expected, logStart: fetchedOffset });
    }
    const records: SourceRecord[] = batch.messages.map(({ offset, timestamp, key, value, headers }) => ({
      offset: Number(offset),
      timestampMs: Number(timestamp),
      key,
      value,
      redrives: redrivesIn(headers),
    }));
    listener.records(partition, records, Number(batch.lastOffset()) + 1);
    // Once, inside `eachBatch`: it is what moves the fetch position, and it is neither monotonic nor fenced.
    resolveOffset(batch.lastOffset());
  }

  /** On an offset out of range KafkaJS begins at the start of the log by itself (tulios/kafkajs#1119); twice in a row means that the expected offset is gone. */
  #rewound(partition: number, fetchedOffset: number, expected: number): void {
    const times = (this.#rewinds.get(partition) ?? 0) + 1;
    this.#rewinds.set(partition, times);
    // Once is no fault: after a restart of the client one batch is asked for again, to be able to commit.
    this.#log[times === 1 ? "info" : "warn"](
      { partition, expected, fetchedOffset },
      "a batch began below the expected offset; seeking",
    );
    this.#seek(partition, expected);
    if (times < 3) return;
    this.#onFatal(
      new Error(
        `offset ${expected} of ${this.#topic}/${partition} is no longer in the log: the topic was truncated or created anew; a restart begins where the log does`,
      ),
    );
  }
}
