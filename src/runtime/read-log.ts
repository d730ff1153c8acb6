import { knownTo, LeaderEpochs, type LogName, upTo } from "../core/log-history.js";
import type { PartitionStart } from "../core/partition.js";
import type { SourceRecord, SourceRecords } from "./ports.js";

/** The log that a partition was read of: under which leaders, and up to where it still is the one that was read. */
export class ReadLog {
  readonly name: LogName;
  readonly epochs: LeaderEpochs;
  readonly #knownAtStart: number;
  /** From here on the log is not the one that was read. */
  #cutAt = Number.POSITIVE_INFINITY;

  constructor(name: LogName, start: PartitionStart) {
    this.name = name;
    this.epochs = new LeaderEpochs(start.epochs);
    this.#knownAtStart = knownTo(start);
  }

  /** Nothing is known of this offset, or any above: also while what was known at the start is read again. */
  knownTo(position: number): number {
    return Math.max(position, this.#knownAtStart);
  }

  /** Under which leader the record at the offset was written; undefined: not known. */
  epochOf(offset: number): number | undefined {
    return this.epochs.below(offset + 1);
  }

  /**
   * Those of the records, from the first on, of whose offsets something is known under the leaders that wrote them. Behind them begins what another leader
   * put where records were read before: `LogChecks.mayTake` has to judge it, as it has judged the first of these.
   */
  continuing(records: SourceRecords): SourceRecords {
    let before = records.at(0)?.leaderEpoch;
    for (let at = 1; at < records.length; at++) {
      const { offset, leaderEpoch } = records.at(at) as SourceRecord;
      if (offset >= this.#knownAtStart) break;
      const isAnother = leaderEpoch !== undefined && leaderEpoch !== before;
      if (isAnother && (this.epochOf(offset) ?? leaderEpoch) !== leaderEpoch) return records.slice(0, at);
      before = leaderEpoch;
    }
    return records;
  }

  cutOff(at: number): void {
    this.#cutAt = Math.min(this.#cutAt, at);
  }

  /** The log still has the record that was read at the offset. */
  has(offset: number): boolean {
    return offset < this.#cutAt;
  }

  /** What is known of the partition, as far as it is about this log. */
  known(start: PartitionStart): PartitionStart {
    const { starts } = this.epochs;
    return upTo(starts.length === 0 ? start : { ...start, epochs: [...starts] }, this.#cutAt);
  }
}
