import assert from "node:assert/strict";
import type { Checkpoint } from "#src/core/checkpoint.js";
import type { Delivered } from "#src/core/delivered.js";
import { type EpochEnd, type EpochStart, LogInquiry, type LogName, logName } from "#src/core/log-history.js";
import { CHECKPOINT_MAX_CHARS, decodeCheckpoint } from "#src/runtime/commit-metadata.js";
import type { CommitRequest, Digest, SourceRecord } from "#src/runtime/ports.js";
import type { Ledger } from "./ledger.js";
import type { Produced, RecordKind } from "./scenario.js";

export interface LogRecord extends SourceRecord {
  readonly kind: RecordKind;
  readonly appendedAt: number;
  /** Counts the partition's records, also those that the log lost: what the ledger knows a record by. Its offset, until then. */
  readonly serial: number;
  readonly leaderEpoch: number;
}

/** The type of alerts that nobody is to be mailed of. */
export const MUTED = "MUTED";

/** Which record an alert's message, or the bytes of one that cannot be read, come from. */
export const serialOf = (text: string): number => Number(text.slice(1));

/** A mail as the ledger knows its alerts. */
export const withSerials = (digest: Digest): Digest => ({
  ...digest,
  listed: digest.listed.map((entry) => ({ ...entry, offset: serialOf(entry.alert.message) })),
});

interface Committed {
  readonly offset: number;
  readonly metadata: string;
  readonly settled: readonly (readonly [number, number])[];
  readonly delivered: readonly Delivered[];
}

/** A topic's log and what the group committed of it. Whatever is committed is held against the ledger. */
export class Broker {
  clusterId = "cluster-1";
  /** Counts the moves to another cluster: what was sent to one before does not reach the next. */
  moves = 0;
  readonly logs: LogRecord[][];
  readonly committed = new Map<number, Committed>();
  readonly #ledger: Ledger;
  /** First offsets of open transactions, by partition. */
  readonly #transactions: number[][];
  /** Everything below was seen to be settled: what is settled stays so. */
  readonly #checked: number[];
  readonly #commits: number[];
  /** Partition → serial → offset; undefined: lost. */
  readonly #places: (number | undefined)[][];
  /** Partition → where each leader epoch of its log begins, as its leader knows it. */
  readonly #epochs: EpochStart[][];

  constructor(partitions: number, ledger: Ledger) {
    this.logs = Array.from({ length: partitions }, () => []);
    this.#transactions = this.logs.map(() => []);
    this.#checked = this.logs.map(() => 0);
    this.#commits = this.logs.map(() => 0);
    this.#places = this.logs.map(() => []);
    this.#epochs = this.logs.map(() => [{ epoch: 0, offset: 0 }]);
    this.#ledger = ledger;
  }

  append(partition: number, { kind, device, agoMs, critical }: Produced, wallMs: number, appendedAt: number): void {
    const log = this.logs[partition] as LogRecord[];
    const offset = log.length;
    const places = this.#places[partition] as (number | undefined)[];
    const serial = places.push(offset) - 1;
    const leaderEpoch = this.#epochs[partition]?.at(-1)?.epoch ?? 0;
    const severity = critical === undefined ? {} : { severity: "critical", status: critical };
    const json =
      kind === "alert" || kind === "muted"
        ? JSON.stringify({
            deviceId: device,
            message: `m${serial}`,
            ...severity,
            ...(kind === "muted" && { type: MUTED }),
          })
        : `{${serial}`;
    const value = kind === "tombstone" ? null : Buffer.from(json);
    const timestampMs = wallMs - agoMs;
    log.push({ kind, offset, timestampMs, key: Buffer.from(device), value, appendedAt, serial, leaderEpoch });
  }

  /** The log has not lost it. */
  has(partition: number, serial: number): boolean {
    return this.#places[partition]?.[serial] !== undefined;
  }

  logOf(partition: number): LogName {
    return logName(this.clusterId, "alerts", partition);
  }

  /** Another replica leads that does not have the last records. */
  loseEnd(partition: number, records: number): void {
    const log = this.logs[partition] as LogRecord[];
    const lost = log.splice(Math.max(0, log.length - records));
    for (const { serial } of lost) (this.#places[partition] as (number | undefined)[])[serial] = undefined;
    const epochs = this.#epochs[partition] as EpochStart[];
    const epoch = (epochs.at(-1)?.epoch ?? 0) + 1;
    this.#epochs[partition] = [...epochs.filter(({ offset }) => offset < log.length), { epoch, offset: log.length }];
    this.#checked[partition] = Math.min(this.#checked[partition] as number, log.length);
  }

  /**
   * The group goes on in another cluster, to which a mirror copied the records, but no markers of transactions, so that offsets are others there. The
   * group's offsets were translated, and its metadata copied word for word. `named`: the cluster has an ID of its own.
   */
  moveToMirror(named: boolean): void {
    this.moves++;
    if (named) this.clusterId = `cluster-${this.moves + 1}`;
    for (const [partition, log] of this.logs.entries()) {
      const translated = (offset: number): number =>
        log.slice(0, offset).filter(({ kind }) => kind !== "marker").length;
      const committed = this.committed.get(partition);
      if (committed !== undefined) {
        const offset = translated(committed.offset);
        this.committed.set(partition, { offset, metadata: committed.metadata, settled: [], delivered: [] });
      }
      this.#checked[partition] = translated(this.#checked[partition] as number);
      const mirrored = log
        .filter(({ kind }) => kind !== "marker")
        .map((record, offset) => ({ ...record, offset, leaderEpoch: 0 }));
      const places = this.#places[partition] as (number | undefined)[];
      places.fill(undefined);
      for (const { serial, offset } of mirrored) places[serial] = offset;
      log.splice(0, log.length, ...mirrored);
      this.#epochs[partition] = [{ epoch: 0, offset: 0 }];
    }
  }

  /** As a real leader answers (`LeaderEpochFileCache.endOffsetFor`). */
  endOfEpoch(partition: number, epoch: number): { readonly end: EpochEnd; readonly sameLeader: boolean } {
    const epochs = this.#epochs[partition] as EpochStart[];
    const above = epochs.find((start) => start.epoch > epoch);
    if (above === undefined) return { end: { epoch, endOffset: this.endOf(partition) }, sameLeader: true };
    const floor = epochs.findLast((start) => start.epoch <= epoch);
    return { end: { epoch: floor?.epoch ?? epoch, endOffset: above.offset }, sameLeader: false };
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
      assert.ok(metadata.length <= CHECKPOINT_MAX_CHARS, `G6: a checkpoint of ${metadata.length} characters`);
      const checkpoint = decodeCheckpoint(metadata, offset, this.logOf(partition));
      assert.ok(checkpoint !== undefined, "what is committed can be read back");
      const end = this.#sharedEnd(partition, checkpoint);
      if (end === undefined) assert.ok(offset <= this.endOf(partition), "no offset beyond the end is committed");
      const checked = this.#checked[partition] as number;
      const below = Math.min(offset, end ?? offset);
      this.#checkSettled(partition, checked, below - 1, "below the committed offset");
      this.#checked[partition] = Math.max(checked, below);
      for (const [first, last] of checkpoint.settled)
        this.#checkSettled(
          partition,
          Math.max(first, checked),
          Math.min(last, (end ?? last + 1) - 1),
          "settled in the checkpoint",
        );
      const { settled, delivered = [] } = checkpoint;
      this.committed.set(partition, { offset, metadata, settled, delivered });
      this.#commits[partition] = this.commitsOf(partition) + 1;
    }
  }

  /** How many there were. */
  commitsOf(partition: number): number {
    return this.#commits[partition] as number;
  }

  /** Whether the committed offset or its checkpoint say that the offset is settled. */
  isCommitted(partition: number, serial: number): boolean {
    const committed = this.committed.get(partition);
    const offset = this.#places[partition]?.[serial];
    if (offset === undefined) return true;
    if (committed === undefined) return false;
    return offset < committed.offset || committed.settled.some(([first, last]) => first <= offset && offset <= last);
  }

  get done(): boolean {
    // Beyond the end: the owner begins where the log was cut off, and KafkaJS commits once a batch has come.
    const isCommitted = this.logs.every((log, at) => (this.committed.get(at)?.offset ?? 0) >= log.length);
    // What was committed of a log that has lost its end since may look like it.
    return (
      isCommitted &&
      this.logs.every((log, at) => log.every(({ kind, serial }) => this.#ledger.isSettled(kind, at, serial)))
    );
  }

  /** Up to where a checkpoint speaks of the log as it is now; whoever reads it is told, so what lies above does no harm. Undefined: to its end. */
  #sharedEnd(partition: number, { epochs = [], position, readTo = position }: Checkpoint): number | undefined {
    const inquiry = LogInquiry.of(epochs, readTo);
    for (;;) {
      if (inquiry === undefined) return undefined;
      const { end, sameLeader } = this.endOfEpoch(partition, inquiry.epoch);
      const shared = inquiry.answer(end, sameLeader);
      if (typeof shared === "number") return shared < readTo ? shared : undefined;
    }
  }

  #checkSettled(partition: number, first: number, last: number, where: string): void {
    for (let offset = first; offset <= last; offset++) {
      const record = this.logs[partition]?.[offset] as LogRecord;
      assert.ok(
        this.#ledger.isSettled(record.kind, partition, record.serial),
        `G1: ${record.kind} ${partition}/${offset} is ${where}, but in no accepted mail and no dead letter`,
      );
    }
  }
}
