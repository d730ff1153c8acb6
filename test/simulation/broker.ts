import assert from "node:assert/strict";
import { CHECKPOINT_MAX_CHARS, decodeCheckpoint } from "#src/core/checkpoint.js";
import { type LogName, logName } from "#src/core/log-name.js";
import type { Reached } from "#src/core/reached.js";
import type { CommitRequest, SourceRecord } from "#src/runtime/ports.js";
import type { Ledger } from "./ledger.js";
import type { Produced, RecordKind } from "./scenario.js";

export interface LogRecord extends SourceRecord {
  readonly kind: RecordKind;
  readonly appendedAt: number;
}

interface Committed {
  readonly offset: number;
  readonly metadata: string;
  readonly settled: readonly (readonly [number, number])[];
  readonly reached: readonly Reached[];
}

/** A topic's log and what the group committed of it. Whatever is committed is held against the ledger. */
export class Broker {
  readonly clusterId = "cluster-1";
  readonly logs: LogRecord[][];
  readonly committed = new Map<number, Committed>();
  readonly #ledger: Ledger;
  /** First offsets of open transactions, by partition. */
  readonly #transactions: number[][];
  /** Everything below was seen to be settled: what is settled stays so. */
  readonly #checked: number[];
  readonly #commits: number[];

  constructor(partitions: number, ledger: Ledger) {
    this.logs = Array.from({ length: partitions }, () => []);
    this.#transactions = this.logs.map(() => []);
    this.#checked = this.logs.map(() => 0);
    this.#commits = this.logs.map(() => 0);
    this.#ledger = ledger;
  }

  append(partition: number, { kind, device, agoMs, critical }: Produced, wallMs: number, appendedAt: number): void {
    const log = this.logs[partition] as LogRecord[];
    const offset = log.length;
    const severity = critical === undefined ? {} : { severity: "critical", status: critical };
    const json = kind === "alert" ? JSON.stringify({ deviceId: device, message: `m${offset}`, ...severity }) : "{";
    const value = kind === "tombstone" ? null : Buffer.from(json);
    log.push({ kind, offset, timestampMs: wallMs - agoMs, key: Buffer.from(device), value, appendedAt });
  }

  logOf(partition: number): LogName {
    return logName(this.clusterId, "alerts", partition);
  }

  endOf(partition: number): number {
    return (this.logs[partition] as LogRecord[]).length;
  }

  /** Where what can be read ends: from the first offset of the oldest open transaction on, nobody is given anything. */
  stableOf(partition: number): number {
    return Math.min(this.endOf(partition), ...(this.#transactions[partition] as number[]));
  }

  /** Begins with the next record. Returns how it ends. */
  openTransaction(partition: number): () => void {
    const open = this.#transactions[partition] as number[];
    const first = this.endOf(partition);
    open.push(first);
    return () => void open.splice(open.indexOf(first), 1);
  }

  /** The group has already agreed that the committer may commit. */
  apply(requests: readonly CommitRequest[]): void {
    for (const { partition, offset, metadata } of requests) {
      assert.ok(offset <= this.endOf(partition), "no offset beyond the end is committed");
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS, `G6: a checkpoint of ${metadata.length} characters`);
      const checked = this.#checked[partition] as number;
      this.#checkSettled(partition, checked, offset - 1, "below the committed offset");
      this.#checked[partition] = Math.max(checked, offset);
      const checkpoint = decodeCheckpoint(metadata, offset, this.logOf(partition));
      assert.ok(checkpoint !== undefined, "what is committed can be read back");
      for (const [first, last] of checkpoint.settled)
        this.#checkSettled(partition, Math.max(first, checked), last, "settled in the checkpoint");
      const { settled, reached = [] } = checkpoint;
      this.committed.set(partition, { offset, metadata, settled, reached });
      this.#commits[partition] = this.commitsOf(partition) + 1;
    }
  }

  /** How many there were. */
  commitsOf(partition: number): number {
    return this.#commits[partition] as number;
  }

  /** Whether the committed offset or its checkpoint say that the offset is settled. */
  isCommitted(partition: number, offset: number): boolean {
    const committed = this.committed.get(partition);
    if (committed === undefined) return false;
    return offset < committed.offset || committed.settled.some(([first, last]) => first <= offset && offset <= last);
  }

  get done(): boolean {
    return this.logs.every((log, partition) => (this.committed.get(partition)?.offset ?? 0) === log.length);
  }

  #checkSettled(partition: number, first: number, last: number, where: string): void {
    for (let offset = first; offset <= last; offset++) {
      const record = this.logs[partition]?.[offset] as LogRecord;
      assert.ok(
        this.#ledger.isSettled(record.kind, partition, offset),
        `G1: ${record.kind} ${partition}/${offset} is ${where}, but in no accepted mail and no dead letter`,
      );
    }
  }
}
