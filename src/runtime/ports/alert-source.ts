/** The alerts topic and the group. */

import type { Alert, AsWritten, Severity, Status } from "../../core/alert.js";
import type { Room } from "../../core/alert-buffer.js";
import type { EpochEnd, LogName } from "../../core/log-history.js";
import type { WrittenBytes } from "../../core/partition-types.js";
import type { DecodeReason } from "./dead-letters.js";
import type { CommitAnswer, RepairedField } from "./metrics.js";

/** One Kafka record. Its buffers belong to the fetch: copy what is kept. */
export interface SourceRecord {
  readonly offset: number;
  /** Negative when the record has none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** See `EncodedRecord`: it has a value. */
  readonly place?: RecordPlace | undefined;
  /** It was too large to be kept: its value had so many bytes, and neither it nor the headers are here. Absent: all of it is here. */
  readonly unkeptBytes?: number;
  /** Absent: it has none. */
  readonly headers?: RecordHeaders | undefined;
  /** How often it was written back from the dead letters; absent: 0. */
  readonly redrives?: number;
  /** It was written back only for these, ascending; absent: for everybody. */
  readonly onlyTo?: readonly string[] | undefined;
  /** Of the leader that took it; absent: unknown. */
  readonly leaderEpoch?: number;
}

/** Records in offset order, from 0 on: a list, or something that makes each of them when it is asked for. */
export type SourceRecords = {
  readonly [member in "length" | "at" | "slice"]: (readonly SourceRecord[])[member];
};

/** As Kafka has them: of several of a name an array. Bytes belong to the fetch. */
export type RecordHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | null | undefined>>;

/** What an alert is read of. */
export interface EncodedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Where the value and the key stand, if to ask for them makes something; absent: nobody says. */
  readonly place?: RecordPlace | undefined;
  /** Absent: it has none. */
  readonly headers?: RecordHeaders | undefined;
}

/** Where a record's value stands, and in the same memory its key: it has none where `keyTo` is less than `keyFrom`. */
export interface RecordPlace extends WrittenBytes {
  readonly keyFrom: number;
  readonly keyTo: number;
}

/** What the core, and whoever decides what is urgent, need of an alert. */
export interface DecodedAlert {
  readonly kind: "alert";
  readonly deviceId: string;
  /** The same in UTF-8; it belongs to the fetch. */
  readonly device: WrittenBytes;
  readonly severity: Severity;
  readonly status: Status;
  readonly type: string | undefined;
  /** `typeWord` of the type, where it costs less than making one of the text. */
  readonly typeWord?: number;
  /** As the alert has it. */
  readonly occurredAt: string | undefined;
  /** It has no such time, or one of the record's day or the day before; absent: nobody knows. */
  isOfThatDay?(eventTimeMs: number): boolean;
  /** Optional fields that were read kindly, or could not be read. */
  readonly repairs: readonly RepairedField[];
  /** Those of them that could not be read; absent: none. */
  readonly asWritten?: AsWritten | undefined;
  /** The alert's own form, which `parse` reads: the record's value where that is the documented JSON; it belongs to the fetch then. */
  readonly bytes: Buffer;
  /** See `AlertFacts`; right until the next record is decoded into the same room. */
  readonly written?: WrittenBytes | undefined;
}

/** `ignored`: it tells of no alert, by the settings, and is settled. `unreadable`: it becomes a dead letter. */
export type Decoded =
  | DecodedAlert
  | { readonly kind: "ignored"; readonly detail: string }
  | {
      readonly kind: "unreadable";
      readonly reason: DecodeReason;
      readonly detail: string;
      /** What it says of itself; absent: it says nothing that is known. */
      readonly severity?: Severity;
    };

/** Reads records, each once: what is kept of one, and read again, is the alert's own form. Nothing of it throws at any record's bytes. */
export interface AlertCodec {
  /** `room`: where the alert's own form may be written, if it has to be. */
  decode(record: EncodedRecord, room?: Room): Decoded;
  /** The whole alert, from the bytes of a `DecodedAlert`, or from those that are kept of it (`written`), which need not say again whose it is: `deviceId`. */
  parse(bytes: Uint8Array, deviceId?: string): Alert;
  /** Whom the key of a record names that cannot be decoded; undefined: nobody. Absent: it is the text it is. */
  deviceOf?(record: Pick<EncodedRecord, "key" | "headers">): string | undefined;
  /** Asks for what `decode` needs of the outside, such as schemas. Undefined: nothing is missing. Absent: nothing ever is. */
  prepare?(records: readonly Pick<SourceRecord, "key" | "value" | "headers">[]): Preparation | undefined;
  /** Reads those of them that would take long, beside everything else: `decode` has them at once. Undefined: there are none. Absent: none takes long. Never rejects. */
  ahead?(records: readonly ValuedRecord[]): Promise<void> | undefined;
}

/** A record before it is decoded. */
export type ValuedRecord = Pick<SourceRecord, "key" | "value" | "headers"> & {
  /** Of its value, known before that is made; negative: it has none. Absent: nobody says. */
  readonly valueBytes?: number;
};

/** What has to be had before some records can be decoded. */
export interface Preparation {
  /** How many of the records, from the first on, can be decoded now. */
  readonly decodable: number;
  /** Resolves once the next one can, however long that takes. Never rejects. */
  readonly ready: Promise<void>;
}

/** Where a partition's log begins and ends. */
export interface LogEnd {
  /** First offset the log still has. */
  readonly start: number;
  /** The high watermark: the offset after the last that is in the log. */
  readonly end: number;
  /** The last stable offset, at most the end: records from here on are given to no reader before an open transaction ends. */
  readonly stable: number;
}

/** What is committed of a partition, as read back from the group. */
export interface CommittedPartition {
  readonly partition: number;
  /** Which log it is; a checkpoint made for another one says nothing of it. */
  readonly log: LogName;
  /** Undefined: nothing was ever committed. */
  readonly offset: number | undefined;
  readonly metadata: string | null;
  /** First offset the log still has, the one after its last, and the one after the last that can be read: see `LogEnd`. */
  readonly logStart: number;
  readonly logEnd: number;
  readonly logStable: number;
}

export interface CommitRequest {
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** Where does `epoch` end in the log of whoever leads the partition now? Only a leader of the epoch `atLeast`, or a later one, may answer. */
export interface EpochQuestion {
  readonly partition: number;
  readonly epoch: number;
  readonly atLeast: number;
}

export type EpochAnswer =
  /** `sameLeader`: nobody has led since that epoch. */
  | {
      readonly kind: "end";
      readonly partition: number;
      readonly epoch: number;
      readonly end: EpochEnd;
      readonly sameLeader: boolean;
    }
  /** Whoever says that it leads has not come to that epoch: it has not heard yet that it leads no more, or the log is another one. */
  | { readonly kind: "behind"; readonly partition: number; readonly epoch: number }
  /** The broker is too old for the question. */
  | { readonly kind: "unsupported"; readonly partition: number; readonly epoch: number };

/** The group membership and the partitions it gives, as the runtime drives them. Calls are synchronous and idempotent. */
export interface AlertSource {
  /** Next fetch of the partition starts here. Also makes batches that are under way stale. */
  seek(partition: number, offset: number): void;
  /** Partitions whose next batch is not as it was written, also after another fetch: they wait until it is. */
  readonly unreadable: ReadonlySet<number>;
  /** What is fetched and not taken yet, in bytes, unpacked. */
  readonly fetchedBytes: number;
  /** Exactly these partitions are not fetched. */
  setPaused(partitions: ReadonlySet<number>): void;
  /** The group confirmed the membership within half the session timeout: nobody else can have been given the partitions. */
  readonly hasLease: boolean;
  /** The client can commit only after a batch of this membership has come. */
  readonly canCommit: boolean;
  /** Fenced: `rejected` when the group gave the partitions to a newer generation, `failed` when it is worth trying again. */
  commit(requests: readonly CommitRequest[]): Promise<CommitAnswer>;
  /**
   * Committed offset and checkpoint, and the ends of the log. A partition whose ends cannot be had, for it has no leader, is left out. Rejects when
   * the broker does not answer.
   */
  committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]>;
  /** Whose leader does not answer is left out. May reject. */
  endsOfEpochs(questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]>;
}

/** What the source tells the runtime. All synchronous: nothing here may wait, nothing may throw. */
export interface SourceListener {
  /** The group is being rebalanced: partitions may be lost, no new mail may start. */
  joining(): void;
  /**
   * A new generation. `sameMember`: the partitions held before and now were never given to anyone else. `alone`: the group has no other
   * member, so nobody is handing anything over.
   */
  joined(partitions: readonly number[], how: { readonly sameMember: boolean; readonly alone: boolean }): void;
  /** Partitions whose windows are in memory, also those of a membership that is gone: a join claims them, and no others. */
  held(): readonly number[];
  /** The membership is gone; a new one will follow with `joined`. */
  left(): void;
  /** Next offset expected, or undefined when the partition takes no records now. */
  position(partition: number): number | undefined;
  /**
   * Whether records at the expected offset, the first of which was taken by the leader of this epoch, continue what was read. False: the log may have
   * lost its end; they are not taken, and the partition is paused until that is known.
   */
  mayTake(partition: number, leaderEpoch: number | undefined): boolean;
  /**
   * How many of the partition's next records, from the first on, can be taken now: those that can be decoded, and continue what was read as the first of
   * them does. Only those are taken. Where the next one needs a schema, the partition is paused until that is there.
   */
  takeable(partition: number, records: SourceRecords): number;
  /** Records that come next are read ahead of their turn: see `AlertCodec`. Once it resolves they are taken, if they still can be. */
  readonly ahead?: AlertCodec["ahead"] | undefined;
  /** The broker has nothing at the expected offset, neither now nor later: the log begins above it, or ends below. */
  outOfRange(partition: number): void;
  /** Everything from the expected offset up to `nextOffset` was deleted from the log before it was read. */
  deletedUnread?(partition: number, nextOffset: number): void;
  /** Records in offset order, and where the next fetch will start. */
  records(partition: number, records: SourceRecords, nextOffset: number): void;
  /** Everything written before `at` lies below the partition's end offset. */
  endOffsets(at: number, ends: ReadonlyMap<number, LogEnd>): void;
}
