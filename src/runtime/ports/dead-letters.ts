/** What cannot be read or delivered. */

import type { Severity } from "../../core/alert.js";
import type { RecordHeaders } from "./alert-source.js";
import type { Digest } from "./mail.js";
import { type RecipientFailure, SMTP_REASONS, type SmtpFailure } from "./sending.js";

/** A window whose mail cannot be delivered, as the dead letter tells it. */
export interface WindowDeadLetter {
  readonly kind: "window";
  readonly stage: "route" | "render" | "smtp";
  readonly reason: string;
  readonly detail: string;
  readonly digest: Digest;
  /** Every offset of the window, as inclusive runs, ascending. */
  readonly offsetRuns: readonly (readonly [number, number])[];
  readonly attempts: number;
  readonly messageId: string | undefined;
  /** Recipients that failed; empty for stages before `smtp`. */
  readonly recipients: readonly RecipientFailure[];
  readonly failure: SmtpFailure | undefined;
  /** The highest of its alerts'; absent: 0. */
  readonly redrives?: number;
}

/** A record that cannot be read. `value` and `key` are its bytes, untouched, but where it was too large to be kept. */
export interface RecordDeadLetter {
  readonly kind: "record";
  readonly stage: "decode";
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  /** What the record says of itself, by all the words that alerts have for it; absent: it is looked for among the three documented ones. */
  readonly severity?: Severity;
  /** Whom the key names, where that is not the text it is; absent: it is. */
  readonly device?: string | undefined;
  /** Empty where it was not kept. */
  readonly value: Buffer;
  /** It was too large to be kept, and lies in its topic; absent: it is here. */
  readonly isUnkept?: true;
  /** The record's own; absent: it has none. */
  readonly headers?: RecordHeaders | undefined;
  /** As the record had it; absent: 0. */
  readonly redrives?: number;
  /** A JSON Pointer to the one alert of it that cannot be read, where the others could; absent: it is about the whole record. */
  readonly item?: string;
}

export interface DeadLetterSink {
  /**
   * Resolves once the dead-letter topic has it on all replicas, with its place there where that is known; rejects when one attempt failed (the
   * caller retries).
   */
  write(letter: WindowDeadLetter | RecordDeadLetter): Promise<LetterPosition | undefined>;
}

/** In the dead-letter topic. */
export interface LetterPosition {
  readonly partition: number;
  readonly offset: number;
}

/** Why a record cannot be read (dead letters of stage `decode`). */
const DECODE_REASONS = [
  "too-large",
  "not-utf8",
  "not-json",
  "not-an-alert",
  "key-mismatch",
  "unknown-schema",
  "unusable-schema",
  "not-as-schema",
] as const;
export type DecodeReason = (typeof DECODE_REASONS)[number];

/** Every pair of stage and reason a dead letter can have. */
export const DEAD_LETTER_REASONS = {
  decode: DECODE_REASONS,
  route: ["no-recipient"],
  render: ["render-failed"],
  smtp: SMTP_REASONS,
} as const;
export type DeadLetterStage = keyof typeof DEAD_LETTER_REASONS;
