import assert from "node:assert/strict";
import { decodeCheckpoint } from "#src/core/checkpoint.js";
import type { CommitRequest, SourceRecord } from "#src/runtime/ports.js";
import type { Ledger } from "./ledger.js";

export interface LogRecord extends SourceRecord {
  readonly kind: "alert" | "tombstone" | "unreadable" | "marker";
}

/** A topic's log and what the group committed of it. Whatever is committed is held against the ledger. */
export class Broker {
  readonly logs: LogRecord[][];
  readonly committed = new Map<number, { offset: number; metadata: string }>();
  /** Partition → the generation and member that own it. Commits of others are rejected. */
  generation = 0;
  readonly #ledger: Ledger;

  constructor(partitions: number, ledger: Ledger) {
    this.logs = Array.from({ length: partitions }, () => []);
    this.#ledger = ledger;
  }

  append(partition: number, kind: LogRecord["kind"], timestampMs: number, device: string): void {
    const log = this.logs[partition] as LogRecord[];
    const offset = log.length;
    const key = Buffer.from(device);
    const value =
      kind === "tombstone"
        ? null
        : Buffer.from(kind === "alert" ? JSON.stringify({ deviceId: device, message: `m${offset}` }) : "{");
    log.push({ kind, offset, timestampMs, key, value });
  }

  endOf(partition: number): number {
    return (this.logs[partition] as LogRecord[]).length;
  }

  apply(requests: readonly CommitRequest[], generation: number): boolean {
    if (generation !== this.generation) return false;
    for (const { partition, offset, metadata } of requests) {
      assert.ok(offset <= this.endOf(partition), "no offset beyond the end is committed");
      this.#checkSettled(partition, 0, offset - 1, "below the committed offset");
      const checkpoint = decodeCheckpoint(metadata, offset);
      assert.ok(checkpoint !== undefined, "what is committed can be read back");
      for (const [first, last] of checkpoint.settled)
        this.#checkSettled(partition, first, last, "settled in the checkpoint");
      this.committed.set(partition, { offset, metadata });
    }
    return true;
  }

  /** Whether the committed offset or its checkpoint say that the offset is settled. */
  isCommitted(partition: number, offset: number): boolean {
    const committed = this.committed.get(partition);
    if (committed === undefined) return false;
    const runs = decodeCheckpoint(committed.metadata, committed.offset)?.settled ?? [];
    return offset < committed.offset || runs.some(([first, last]) => first <= offset && offset <= last);
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
