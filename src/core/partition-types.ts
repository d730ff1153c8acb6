/** What goes into a partition's steps, what comes out of them, and what it starts from. */

import type { Severity } from "./alert.js";
import type { FaultFacts } from "./checkpoint-faults.js";
import type { HoldId } from "./commit-frontier.js";
import type { Delivered } from "./delivered.js";
import type { EarlyFact } from "./early-parts.js";
import type { CountedFacts } from "./full-windows.js";
import type { EpochStart } from "./log-history.js";
import type { EventTime, WallTime } from "./time.js";
import type { TimeMark } from "./watermark.js";
import type { Folded, Window } from "./window.js";

export interface PartitionOptions {
  readonly windowSizeMs: number;
  readonly graceMs: number;
  /** `MAIL_MAX_ALERTS`. */
  readonly maxListed: number;
  /** Bytes of the buffer up to which it is never compacted; absent: 2 MiB. */
  readonly compactAboveBytes?: number | undefined;
  /** `CATCH_UP_AFTER`, or Infinity for `CATCH_UP=separate`. */
  readonly catchUpAfterMs: number;
  /** `FIRING_FORGET`: a fault of which nothing was heard for longer is over; absent: 1 h. */
  readonly firingForgetMs?: number | undefined;
  /** `REPEAT_INTERVALS`; absent: windows that tell nothing new leave like the others. Not together with an infinite `catchUpAfterMs`. */
  readonly repeatIntervalsMs?: readonly number[] | undefined;
}

/** What a partition starts from: nothing, or the checkpoint beside the committed offset. Also used to pass on what an earlier owner knows to be settled. */
export interface PartitionStart {
  /** First offset to read. */
  readonly position: number;
  /** The partition's time before the record at `position`. */
  readonly time: EventTime | undefined;
  readonly marks: readonly TimeMark[];
  /** Inclusive runs at or above `position`, ascending: settled before, to be skipped. */
  readonly settled: readonly (readonly [number, number])[];
  /** Half-delivered alerts at or above the position; absent: none. */
  readonly delivered?: readonly Delivered[];
  /** Early mails of windows that are not over, ascending; absent: none. */
  readonly early?: readonly EarlyFact[];
  /**
   * The position of whoever told this, if it lay above its frontier: mails with anything below may have been accepted since. Until a replay has come
   * so far, it lets none go, so that windows that left as one mail do so again.
   */
  readonly readTo?: number;
  /** Under which leaders it was read, from the record below the position on; absent: unknown. */
  readonly epochs?: readonly EpochStart[];
  /** Which types of which devices fire, and since when; absent: nobody knows. */
  readonly faults?: FaultFacts;
}

export type Input =
  /** Records come in offset order, each offset once. All bytes are copied, never kept. */
  | {
      readonly kind: "alert";
      readonly offset: number;
      readonly eventTime: EventTime;
      /** The device's ID in UTF-8. */
      readonly device: WrittenBytes;
      readonly says: AlertFacts;
      /** How often it came back from the dead letters; absent: 0. */
      readonly redrives?: number;
      /** Its window is to be mailed at once, as it is so far: once per device and window. */
      readonly urgent?: boolean;
    }
  | { readonly kind: "tombstone"; readonly offset: number; readonly eventTime: EventTime }
  /** A record that cannot be read: held until its dead letter is acknowledged. */
  | { readonly kind: "unreadable"; readonly offset: number; readonly eventTime: EventTime }
  /** An alert that nobody is mailed of: it joins no window. Held by `hold`, which is not settled yet, or undefined: by one that more may join. */
  | {
      readonly kind: "muted";
      readonly offset: number;
      readonly eventTime: EventTime;
      readonly hold: HoldId | undefined;
      /** As an alert has them: whoever is mailed of the device later is told since when it fires. */
      readonly device: WrittenBytes;
      readonly says: CountedFacts;
    }
  /** Nothing to read below this offset (control records, compaction, a batch that was filtered empty). */
  | { readonly kind: "gap"; readonly nextOffset: number; readonly now: WallTime }
  /** Records below this offset are gone, and nobody has read them: what they said of faults is not known. A gap, or a record, follows. */
  | { readonly kind: "missed"; readonly nextOffset: number }
  /** Everything written before `at` has an offset below `endOffset`. */
  | { readonly kind: "known-end"; readonly at: WallTime; readonly endOffset: number }
  /** Some recipients have a mail, others are still to get it. `recipients`: their tags (`recipientTag`). */
  | { readonly kind: "reached"; readonly id: HoldId; readonly recipients: readonly number[] }
  /**
   * Somebody has a mail, and somebody else is still to get it, for whom it waits alone: the device's next mail need not wait for that. Its windows are
   * held until it is `settled`.
   */
  | { readonly kind: "passed"; readonly id: HoldId; readonly now: WallTime }
  /** A replay cannot read on: closed windows need not wait for it to come to `readTo`. */
  | { readonly kind: "release"; readonly now: WallTime }
  /** Held windows leave before their time: those held for longest, with at least so many alerts in memory; Infinity: all. */
  | { readonly kind: "let-go"; readonly alerts: number }
  /** Nothing more comes: whatever is open leaves as it is. */
  | { readonly kind: "close-all"; readonly now: WallTime }
  /** A mail, a dead letter, or the muted alerts of a hold, need nothing more. */
  | {
      readonly kind: "settled";
      readonly id: HoldId;
      readonly now: WallTime;
      /** Of a mail: it was given up, and nobody has it. */
      readonly untold?: boolean;
    };

/** What an alert says, as far as the core has to know. It asks for texts where it needs them only: whoever reads records need not make them of each. */
export interface AlertFacts extends CountedFacts {
  /** Of the whole alert. */
  readonly bytes: Uint8Array;
  /** Where the bytes stand that are kept of it, perhaps in `Partition.room`; absent: they are `bytes`. */
  readonly written?: WrittenBytes | undefined;
}

/** Bytes in a larger piece of memory. */
export interface WrittenBytes {
  readonly memory: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Those bytes, not a copy. */
export const bytesOf = ({ memory, from, to }: WrittenBytes): Uint8Array => memory.subarray(from, to);

/** All of `memory`. */
export const wholeOf = (memory: Uint8Array): WrittenBytes => ({ memory, from: 0, to: memory.length });

export type Effect =
  /** `untimed`: see `Window.isUntimed`. */
  | {
      readonly kind: "closed";
      readonly windowEnd: EventTime;
      readonly byWallClock: boolean;
      readonly alerts: number;
      readonly untimed: boolean;
    }
  | { readonly kind: "mail"; readonly mail: PendingMail }
  | { readonly kind: "dead-letter"; readonly id: HoldId; readonly offset: number }
  /** A muted alert was held: it is to be put on record, and then `settled`. */
  | { readonly kind: "muted"; readonly id: HoldId };

/** One or more closed windows of one device that leave as one mail. A handle: the contents are read when it is composed. */
export interface PendingMail {
  readonly id: HoldId;
  readonly deviceId: string;
  readonly windows: readonly Window[];
  /** Has a critical alert, or an urgent one closed it: leaves before others that wait. */
  readonly critical: boolean;
  /**
   * Send only after the next commit. A replay can rebuild this mail only with the checkpoint's help: it needs `readTo` (merged windows) or the clock
   * mark (a late alert whose window the wall clock closed).
   */
  readonly commitFirst: boolean;
  /** Somebody has the device's mail before, as far as is known here: what tells nothing new was told of. */
  readonly isFollowUp: boolean;
  /** Of several mails that left one by one (`mergePending`). */
  readonly ofSeveral?: boolean;
}

export interface MailEntry {
  readonly offset: number;
  readonly eventTime: EventTime;
  readonly late: boolean;
  readonly bytes: Uint8Array;
  /** Counted in `full`. */
  readonly counted: boolean;
  /** Of such a window (`Window.isUntimed`). */
  readonly untimed: boolean;
}

export interface MailContents {
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  /** First offset of the first window. Unlike the first offset of all, it stays when more windows join. */
  readonly idOffset: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** All alerts. */
  readonly count: number;
  /** Those in memory, in offset order: of each window at most as many as a mail lists. `bytes` is valid until the next step. */
  readonly entries: readonly MailEntry[];
  /** All alerts of the windows that have more; undefined: none has. */
  readonly full: Folded | undefined;
  /** Not a whole window: what was told at once because of an urgent alert, or what came after that. See `Digest.part`. */
  readonly part?: "early" | "rest";
  /** Of a rest: how many alerts were told early, where that is known. */
  readonly toldEarly?: number;
}

/** Counted since the start; whoever publishes them takes differences. */
export interface PartitionCounts {
  windowed: number;
  late: number;
  replayed: number;
  tombstone: number;
  muted: number;
  /** Of the windowed and the late ones. */
  readonly bySeverity: Record<Severity, number>;
}

export const noCounts = (): PartitionCounts => ({
  windowed: 0,
  late: 0,
  replayed: 0,
  tombstone: 0,
  muted: 0,
  bySeverity: { info: 0, warning: 0, critical: 0 },
});
