import { isDeepStrictEqual } from "node:util";
import type { EachBatchPayload } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { SourceListener } from "../runtime/ports.js";
import type { BatchIntake } from "./batch-taking.js";
import type { CorruptBatch } from "./fetch-answer.js";
import { type FetchedMemory, fetchedMemory, type HeldMemory } from "./fetched-memory.js";
import { type LargeBatch, type RecordGroup, recordGroups } from "./large-batch.js";

/**
 * Takes a large batch one group of records after the other, with heartbeats between. After a while the other partitions have their turn: the position is
 * what was taken, and the next fetch, which brings the same batch again, goes on where this one stopped unpacking.
 */
export class LargeIntake {
  readonly #deps: LargeIntakeDeps;
  /** Partition → its batch that is not finished, the oldest first. */
  readonly #begun = new Map<number, Reading>();

  constructor(deps: LargeIntakeDeps) {
    this.#deps = deps;
  }

  /** `from`: where the next fetch would start. Rejects with what KafkaJS has to be told, such as that the group is rebalancing. */
  async take(payload: EachBatchPayload, large: LargeBatch, from: number, listener: SourceListener): Promise<void> {
    const { intake, isPaused, clock } = this.#deps;
    const { partition } = payload.batch;
    const reading = this.#readingOf(partition, large, from);
    let position = from;
    let takenSince: number | undefined;
    while (listener.position(partition) === position && !payload.isStale() && payload.isRunning()) {
      if (takenSince !== undefined && (isPaused(partition) || clock.elapsed() - takenSince > TURN_MS)) return;
      const group = await this.#next(partition, reading, position);
      if (group === undefined) {
        this.#end(partition);
        return;
      }
      if (group.next > position) {
        const begin = position;
        position = group.next;
        const slice = sliceOf(payload, group, begin);
        await listener.ahead?.(slice.batch.messages);
        intake.take(slice, listener);
        // The rest of it is decoded, or wanted, later.
        if (listener.position(partition) !== position) return;
        takenSince ??= clock.elapsed();
        this.#deps.onTaken(partition, position);
      }
      reading.passed(group);
      if (position > large.head.lastOffset) {
        this.#end(partition);
        return;
      }
      await payload.heartbeat();
    }
  }

  /** The partitions may be someone else's. */
  forget(): void {
    for (const partition of [...this.#begun.keys()]) this.#end(partition);
  }

  #readingOf(partition: number, { head, codec, data }: LargeBatch, from: number): Reading {
    const begun = this.#begun.get(partition);
    if (begun !== undefined && begun.from <= from && isSame(begun.batch, head, data)) return begun;
    this.#end(partition);
    const [oldest] = this.#begun.keys();
    if (oldest !== undefined && this.#begun.size >= BEGUN_MAX) this.#end(oldest);
    // A copy: it would keep the whole answer.
    const reading = new Reading({ head, codec, data: Buffer.from(data) }, this.#deps.memory ?? fetchedMemory);
    this.#begun.set(partition, reading);
    return reading;
  }

  async #next(partition: number, reading: Reading, position: number): Promise<RecordGroup | undefined> {
    try {
      return await reading.next();
    } catch (error) {
      this.#end(partition);
      this.#deps.onCorrupt(partition, { offset: position, problem: (error as Error).message });
      return undefined;
    }
  }

  #end(partition: number): void {
    this.#begun.get(partition)?.close();
    this.#begun.delete(partition);
  }
}

interface LargeIntakeDeps {
  readonly intake: Pick<BatchIntake, "take">;
  readonly isPaused: (partition: number) => boolean;
  /** What follows is not as it was written. */
  readonly onCorrupt: (partition: number, corrupt: CorruptBatch) => void;
  /** Records up to here were taken. */
  readonly onTaken: (partition: number, next: number) => void;
  readonly clock: Pick<Clock, "elapsed">;
  /** Default: that of the process. */
  readonly memory?: FetchedMemory;
}

/** A batch, and how far it is unpacked. */
class Reading {
  readonly batch: LargeBatch;
  /** The group under way. */
  group: RecordGroup | undefined;
  /** No record below is had any more. */
  from: number;
  readonly #groups: AsyncGenerator<RecordGroup>;
  readonly #held: HeldMemory;

  constructor(batch: LargeBatch, memory: FetchedMemory) {
    this.batch = batch;
    this.from = batch.head.baseOffset;
    this.#groups = recordGroups(batch);
    this.#held = memory.hold(batch.data.length + UNPACKING_BYTES);
  }

  async next(): Promise<RecordGroup | undefined> {
    if (this.group !== undefined) return this.group;
    const { done, value } = await this.#groups.next();
    if (done === true) return undefined;
    this.from = value.records[0]?.offsetNumber ?? this.from;
    this.group = value;
    return value;
  }

  /** Nothing of the group under way is wanted again. */
  passed({ next }: RecordGroup): void {
    this.group = undefined;
    this.from = next;
  }

  close(): void {
    this.#held.release();
    void this.#groups.return(undefined).catch(() => undefined);
  }
}

/** The head too: records have places and times of their own only by it. */
const isSame = (begun: LargeBatch, head: LargeBatch["head"], data: Buffer): boolean =>
  isDeepStrictEqual(begun.head, head) && begun.data.equals(data);

/** As a fetch would have brought it. */
const sliceOf = (payload: EachBatchPayload, group: RecordGroup, begin: number): EachBatchPayload => {
  const messages = group.records.filter(({ offsetNumber }) => offsetNumber >= begin);
  const batch = {
    topic: payload.batch.topic,
    partition: payload.batch.partition,
    fetchedOffset: String(begin),
    messages,
    messagesWithinOffset: messages,
    lastOffset: () => String(group.next - 1),
  };
  return { ...payload, batch: batch as unknown as EachBatchPayload["batch"] };
};

/** So long a batch is taken before others have their turn. */
const TURN_MS = 1_000;
/** Each keeps what its codec has to remember: up to 128 MB. */
const BEGUN_MAX = 2;
/** A group, and what a codec usually remembers. */
const UNPACKING_BYTES = 4 * 1024 * 1024;
