import { backoffMs, type Clock } from "./clock.js";
import type { Logger } from "./log.js";
import {
  type RecordDeadLetter,
  type SourceRecord,
  TRANSLATION_OUTCOMES,
  type Transaction,
  type TransactionWriter,
  type Translated,
  type TranslatedRecord,
  type TranslationMetrics,
} from "./ports.js";

export interface PartitionTranslationDeps {
  readonly topic: string;
  readonly partition: number;
  readonly createWriter: () => TransactionWriter;
  /** Where the group goes on; undefined: nobody can say yet. Asked only while the writer is open. */
  readonly committed: () => Promise<number | undefined>;
  readonly seek: (offset: number) => void;
  readonly translate: (record: SourceRecord) => Translated;
  /** The letter of a record whose translation the broker does not take. */
  readonly letterOf: (record: SourceRecord, detail: string) => RecordDeadLetter;
  readonly metrics: TranslationMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** It takes records now, or takes no more for a while. */
  readonly onChanged: () => void;
}

/** Records that came together, and what became of them. */
interface Pending {
  readonly records: number;
  /** Of its first record; undefined: it has none. */
  readonly firstOffset: number | undefined;
  readonly bytes: number;
  readonly transaction: Transaction;
  readonly counts: { readonly alert: number; readonly ignored: number; readonly invalid: number };
}

/**
 * One input partition: it shuts out its earlier owner, asks where the group goes on, and from there writes each record's alerts and the offset in one
 * transaction. After any doubt it begins again at the committed offset, so nothing is written twice and nothing is left out.
 */
export class PartitionTranslation {
  readonly #deps: PartitionTranslationDeps;
  readonly #waiting: Pending[] = [];
  #waitingBytes = 0;
  #writer: TransactionWriter | undefined;
  #position: number | undefined;
  #committed: number | undefined;
  #writing: Promise<void> | undefined;
  #attempts = 0;
  #phase: "open" | "draining" | "closed" = "open";
  #cancelRetry: () => void = () => undefined;
  /** Until here each record has a transaction of its own: the broker refused one of them, and nobody knows which. */
  #oneByOneUntil = 0;
  /** A record whose translation the broker does not take, and why. */
  #refused: { readonly offset: number; readonly detail: string } | undefined;

  constructor(deps: PartitionTranslationDeps) {
    this.#deps = deps;
    void this.#begin();
  }

  /** Next offset it takes; undefined: none now. */
  get position(): number | undefined {
    return this.#phase === "open" && !this.isFull ? this.#position : undefined;
  }

  /** The group would go on here; undefined: not known yet. */
  get committed(): number | undefined {
    return this.#committed;
  }

  get isOpen(): boolean {
    return this.#position !== undefined && this.#phase === "open";
  }

  get isFull(): boolean {
    return this.#waitingBytes >= WAITING_BYTES_MAX;
  }

  /** Records at `position`, and where the next fetch starts. */
  take(records: readonly SourceRecord[], nextOffset: number): void {
    if (this.position === undefined) return;
    this.#position = nextOffset;
    const offsetAt = (at: number): number => records[at]?.offset ?? nextOffset;
    for (let from = 0; from < records.length; ) {
      const to = offsetAt(from) < this.#oneByOneUntil ? from + 1 : records.length;
      this.#push(records.slice(from, to), offsetAt(to));
      from = to;
    }
    if (records.length === 0) this.#push([], nextOffset);
    if (this.isFull) this.#deps.onChanged();
    this.#write();
  }

  /** The log does not have the position: it begins above it, or ends below. */
  outOfRange({ start, end }: { readonly start: number; readonly end: number }): void {
    const position = this.#position;
    if (position === undefined || (position >= start && position <= end)) return;
    const { log, topic, partition, seek } = this.#deps;
    const goesOnAt = position < start ? start : end;
    log.error(
      { topic, partition, position, goesOnAt },
      position < start
        ? "the broker deleted records before they were translated: retention, or kafka-delete-records"
        : "the log ends below what was translated: it lost its end, or the topic was made anew; to read it from its beginning, stop all instances and reset the group's offset",
    );
    this.#position = goesOnAt;
    seek(goesOnAt);
  }

  /** Takes nothing more; resolves when what is being written has been written, or has failed. */
  async drain(): Promise<void> {
    if (this.#phase === "open") this.#phase = "draining";
    this.#cancelRetry();
    await this.#writing;
  }

  /** At once: what is being written counts only if it was committed. */
  async close(): Promise<void> {
    this.#phase = "closed";
    this.#cancelRetry();
    this.#forget();
    await this.#writer?.close();
  }

  async #begin(): Promise<void> {
    const { createWriter, committed, seek, clock, onChanged } = this.#deps;
    const writer = createWriter();
    this.#writer = writer;
    try {
      await writer.open();
      const offset = this.#phase === "open" ? await committed() : undefined;
      if (this.#phase !== "open") return await writer.close();
      if (offset === undefined) {
        await writer.close();
        this.#cancelRetry = clock.after(ASK_AGAIN_MS, () => void this.#begin());
        return;
      }
      this.#position = offset;
      this.#committed = offset;
      seek(offset);
      onChanged();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** In parts, each of which may be a transaction by itself. */
  #push(records: readonly SourceRecord[], nextOffset: number): void {
    let from = 0;
    do {
      const { transaction, ...rest } = this.#translated(records, from);
      from += rest.records;
      this.#waitingBytes += rest.bytes;
      this.#waiting.push({ ...rest, transaction: { ...transaction, nextOffset: records[from]?.offset ?? nextOffset } });
    } while (from < records.length);
  }

  /** What records from `from` on become, until that is as large as a transaction is to be. */
  #translated(records: readonly SourceRecord[], from: number) {
    const alerts: TranslatedRecord[] = [];
    const letters: RecordDeadLetter[] = [];
    let [bytes, ignored, to] = [0, 0, from];
    while (to < records.length && bytes < TRANSACTION_BYTES_MAX) {
      const record = records[to++] as SourceRecord;
      bytes += record.value?.length ?? 0;
      const translated = this.#translate(record);
      alerts.push(...translated.alerts);
      letters.push(...translated.letters);
      ignored += translated.ignored;
      for (const { value } of [...translated.alerts, ...translated.letters]) bytes += value.length;
    }
    const counts = { alert: alerts.length, ignored, invalid: letters.length };
    return { records: to - from, firstOffset: records[from]?.offset, bytes, transaction: { alerts, letters }, counts };
  }

  #translate(record: SourceRecord): Translated {
    const { translate, letterOf } = this.#deps;
    if (this.#refused?.offset !== record.offset) return translate(record);
    return { alerts: [], letters: [letterOf(record, this.#refused.detail)], ignored: 0 };
  }

  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const writer = this.#writer;
      if (writer === undefined || this.#phase !== "open") return;
      const pending = this.#waiting.splice(0, this.#together());
      if (pending.length === 0) return;
      if (!(await this.#writeOne(writer, pending))) return;
    }
  }

  /** How many of those that wait go into the next transaction. */
  #together(): number {
    let [count, bytes] = [0, 0];
    for (const { bytes: more, transaction } of this.#waiting) {
      if (count > 0 && (transaction.nextOffset <= this.#oneByOneUntil || bytes + more > TRANSACTION_BYTES_MAX)) break;
      bytes += more;
      count++;
      if (transaction.nextOffset <= this.#oneByOneUntil) break;
    }
    return count;
  }

  async #writeOne(writer: TransactionWriter, pending: readonly Pending[]): Promise<boolean> {
    const { clock, metrics, partition, onChanged } = this.#deps;
    const startedAt = clock.elapsed();
    const took = (): number => (clock.elapsed() - startedAt) / 1000;
    const nextOffset = (pending.at(-1) as Pending).transaction.nextOffset;
    try {
      const outcome = await writer.write({
        alerts: pending.flatMap(({ transaction }) => transaction.alerts),
        letters: pending.flatMap(({ transaction }) => transaction.letters),
        nextOffset,
      });
      metrics.transaction(outcome.kind, took());
      if (this.#phase === "closed") return false;
      if (outcome.kind === "refused") {
        this.#refusedBy(pending, outcome.detail);
        return false;
      }
    } catch (error) {
      metrics.transaction("failed", took());
      this.#failed(error);
      return false;
    }
    const wasFull = this.isFull;
    this.#attempts = 0;
    this.#committed = nextOffset;
    for (const { records, bytes, counts } of pending) {
      this.#waitingBytes -= bytes;
      metrics.records(partition, records);
      for (const outcome of TRANSLATION_OUTCOMES) if (counts[outcome] > 0) metrics.translated(outcome, counts[outcome]);
    }
    if (wasFull && !this.isFull) onChanged();
    return true;
  }

  /** Which record it was shows when each goes alone; then it becomes a dead letter. */
  #refusedBy(pending: readonly Pending[], detail: string): void {
    const { log, topic, partition } = this.#deps;
    const records = pending.reduce((sum, one) => sum + one.records, 0);
    const [offset, until] = [pending[0]?.firstOffset, (pending.at(-1) as Pending).transaction.nextOffset];
    log.warn({ topic, partition, offset, until, records, detail }, "the broker refuses what these records became");
    const isKnown = offset !== undefined && this.#refused?.offset !== offset;
    if (records > 1) this.#oneByOneUntil = until;
    else if (isKnown) this.#refused = { offset, detail };
    // Its letter is refused as well: it waits until the topic of dead letters takes it.
    else this.#failed(new Error(detail));
    if (records <= 1 && !isKnown) return;
    this.#leave();
    if (this.#phase === "open") void this.#begin();
  }

  #failed(error: unknown): void {
    if (this.#phase === "closed") return;
    const { topic, partition, clock, log, random } = this.#deps;
    this.#attempts++;
    const waitMs = backoffMs(this.#attempts, 100, 10_000, random);
    log.warn(
      { topic, partition, attempt: this.#attempts, waitMs, error: (error as Error).message },
      "a partition's transaction failed: it begins again at the committed offset",
    );
    this.#leave();
    if (this.#phase === "open") this.#cancelRetry = clock.after(waitMs, () => void this.#begin());
  }

  /** Nothing of what waits is of use: where it begins again is not known. */
  #leave(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#forget();
    void writer?.close();
    this.#deps.onChanged();
  }

  #forget(): void {
    this.#position = undefined;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
}

/** What waits while a transaction is under way; then the partition is paused. */
const WAITING_BYTES_MAX = 2 * 1024 * 1024;
/** A transaction's readers wait for its end: it stays short. */
const TRANSACTION_BYTES_MAX = 1024 * 1024;
/** Nobody could say where the partition begins: the owner of another partition may have to say it first. */
const ASK_AGAIN_MS = 500;
