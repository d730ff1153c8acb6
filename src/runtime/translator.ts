import type { Clock } from "./clock.js";
import type { Logger } from "./log.js";
import { OneQuestion } from "./one-question.js";
import { PartitionTranslation, type PartitionTranslationDeps } from "./partition-translation.js";
import { Preparations } from "./pauses.js";
import type {
  AlertCodec,
  CommittedPartition,
  LogEnd,
  SourceListener,
  SourceRecords,
  TransactionWriter,
  TranslationMetrics,
  ValuedRecord,
} from "./ports.js";

/** What the translation of a topic needs of its membership. */
export interface TranslationSource {
  seek(partition: number, offset: number): void;
  setPaused(partitions: ReadonlySet<number>): void;
  committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]>;
}

export interface TranslatedPartition {
  readonly partition: number;
  readonly position: number | undefined;
  readonly committed: number | undefined;
  readonly end: LogEnd | undefined;
  readonly waitsFor: "buffer" | "registry" | undefined;
}

export interface TranslatorDeps {
  readonly topic: string;
  readonly source: TranslationSource;
  readonly codec: Pick<AlertCodec, "prepare" | "ahead">;
  readonly createWriter: (partition: number) => TransactionWriter;
  readonly createTranslation: (partition: number) => Pick<PartitionTranslationDeps, "translate" | "letterOf">;
  readonly metrics: TranslationMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** The partitions of one input topic that this process owns. */
export class Translator implements SourceListener {
  readonly #source: TranslationSource;
  readonly #deps: TranslatorDeps;
  readonly #commits: OneQuestion<CommittedPartition>;
  readonly #partitions = new Map<number, PartitionTranslation>();
  readonly #preparations: Preparations;
  #ends: ReadonlyMap<number, LogEnd> = new Map();
  #phase: "out" | "member" | "draining" = "out";

  constructor(deps: TranslatorDeps) {
    this.#source = deps.source;
    this.#deps = deps;
    this.#preparations = new Preparations({ ...deps, onChanged: () => this.#pause() });
    // One at a time: whoever owns partition 0 gives every partition without a commit its first one. A late one would undo what was translated meanwhile.
    this.#commits = new OneQuestion((partitions) => deps.source.committed(partitions));
  }

  /** A member of the group, and every assigned partition translates. */
  get ready(): boolean {
    return this.#phase === "member" && [...this.#partitions.values()].every(({ isOpen }) => isOpen);
  }

  get partitions(): readonly TranslatedPartition[] {
    return [...this.#partitions].map(([partition, { position, committed, isFull }]) => {
      const waitsFor = this.#preparations.waits(partition) ? "registry" : isFull ? "buffer" : undefined;
      return { partition, position, committed, end: this.#ends.get(partition), waitsFor };
    });
  }

  /** Partitions of the topic. */
  get partitionCount(): number {
    return this.#ends.size;
  }

  joining(): void {
    // Who gets a partition next shuts this process out before it reads.
  }

  joined(partitions: readonly number[], { sameMember }: { readonly sameMember: boolean }): void {
    if (this.#phase !== "draining") this.#phase = "member";
    for (const [partition, translation] of this.#partitions) {
      if (sameMember && partitions.includes(partition)) {
        if (translation.position !== undefined) this.#source.seek(partition, translation.position);
        continue;
      }
      this.#partitions.delete(partition);
      void translation.close();
    }
    if (this.#phase === "draining") return;
    for (const partition of partitions)
      if (!this.#partitions.has(partition)) this.#partitions.set(partition, this.#open(partition));
    this.#pause();
  }

  held(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  left(): void {
    if (this.#phase === "member") this.#phase = "out";
  }

  position(partition: number): number | undefined {
    return this.#partitions.get(partition)?.position;
  }

  mayTake(): boolean {
    return true;
  }

  takeable(partition: number, records: SourceRecords): number {
    return this.#preparations.decodable(partition, records);
  }

  outOfRange(partition: number): void {
    const end = this.#ends.get(partition);
    if (end !== undefined) this.#partitions.get(partition)?.outOfRange(end);
  }

  ahead(records: readonly ValuedRecord[]): Promise<void> | undefined {
    return this.#deps.codec.ahead?.(records);
  }

  records(partition: number, records: SourceRecords, nextOffset: number): void {
    this.#partitions.get(partition)?.take(records.slice(), nextOffset);
  }

  endOffsets(_at: number, ends: ReadonlyMap<number, LogEnd>): void {
    this.#ends = ends;
  }

  /** Takes nothing more; resolves when no transaction is under way. */
  async drain(): Promise<void> {
    this.#phase = "draining";
    const drained = [...this.#partitions.values()].map((translation) => translation.drain());
    this.#pause();
    await Promise.all(drained);
  }

  async close(): Promise<void> {
    this.#phase = "draining";
    const closed = [...this.#partitions.values()].map((translation) => translation.close());
    this.#partitions.clear();
    await Promise.all(closed);
  }

  #open(partition: number): PartitionTranslation {
    const { topic, createWriter, createTranslation, metrics, clock, log, random } = this.#deps;
    return new PartitionTranslation({
      topic,
      partition,
      ...createTranslation(partition),
      metrics,
      clock,
      log,
      random,
      createWriter: () => createWriter(partition),
      committed: async () => (await this.#commits.of(partition))?.offset,
      seek: (offset) => this.#source.seek(partition, offset),
      onChanged: () => this.#pause(),
    });
  }

  /** Fetches only what can be taken. */
  #pause(): void {
    const paused = [...this.#partitions].filter(
      ([partition, { position }]) => position === undefined || this.#preparations.waits(partition),
    );
    this.#source.setPaused(new Set(paused.map(([partition]) => partition)));
  }
}
