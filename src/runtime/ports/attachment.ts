/** The whole window, read back from Kafka, as a file. */

import type { EventTime } from "../../core/time.js";
import type { ListedAlert } from "./mail.js";

/** An alert read back from its topic. Its record does not tell whether it was late. */
export type ArchivedAlert = Omit<ListedAlert, "late">;

/** What a mail carries beside what it says: the alerts of its whole window, for a file. */
export interface Attachment {
  /** In offset order. */
  readonly alerts: readonly (ListedAlert | ArchivedAlert)[];
  /** How many more the window has that could not be had, and how many that were too many to be read. */
  readonly unread: number;
  readonly beyond: number;
}

/** What became of an attachment: all alerts of the window are in the file; some had no room; some could not be had. */
export const ATTACHMENT_OUTCOMES = ["whole", "cut", "missing"] as const;
export type AttachmentOutcome = (typeof ATTACHMENT_OUTCOMES)[number];

/** Which alerts are to be read back from the alerts topic. */
export interface ArchiveRequest {
  readonly partition: number;
  /** Inclusive runs of offsets, ascending. */
  readonly runs: readonly (readonly [number, number])[];
  /** Records of other devices are none of them. */
  readonly deviceId: string;
  /** Their window's end: no event time is later. */
  readonly windowEnd: EventTime;
  /** Of the leader under which the record at the offset was written, when the window was read; undefined: unknown. Records of another one are none of them. */
  epochOf(offset: number): number | undefined;
  /** Of their records' values, at most. */
  readonly maxBytes: number;
}

export interface ArchiveAnswer {
  /** In offset order. */
  readonly alerts: readonly ArchivedAlert[];
  /** Deleted or overwritten meanwhile, or not had in time. */
  readonly missing: number;
  /** Not read: a limit of rows or bytes was reached. */
  readonly beyond: number;
}

export interface WindowArchive {
  /** Never rejects, and resolves within a few seconds whatever the broker does. */
  read(request: ArchiveRequest): Promise<ArchiveAnswer>;
}
