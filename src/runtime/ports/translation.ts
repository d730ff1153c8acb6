/** What a translation needs from Kafka. */

import type { RecordDeadLetter } from "./dead-letters.js";

/** A record that is written in a transaction. */
export interface TranslatedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Undefined: now. */
  readonly timestampMs: number | undefined;
  readonly headers: Readonly<Record<string, string | Buffer>>;
}

/** What one record of an input topic becomes, in its own order. */
export interface Translated {
  /** For the alerts topic. */
  readonly alerts: readonly TranslatedRecord[];
  readonly letters: readonly RecordDeadLetter[];
  /** What is no alert and nobody's fault: a deletion, a tombstone, what a mapping's `only` leaves out. */
  readonly ignored: number;
}

/** What goes into one transaction. */
export interface Transaction {
  /** For the alerts topic. */
  readonly alerts: readonly TranslatedRecord[];
  readonly letters: readonly RecordDeadLetter[];
  /** Of the input partition: where the next transaction begins. */
  readonly nextOffset: number;
}

export type TransactionOutcome =
  | { readonly kind: "committed" }
  /** The broker does not take one of these records, now or later. */
  | { readonly kind: "refused"; readonly detail: string };

/**
 * Writes what one input partition became, in Kafka transactions with the offsets. There is one transactional ID for an input partition: whoever
 * opens it shuts out all who had it before, so a process that was frozen writes nothing after its partition has gone to another.
 */
export interface TransactionWriter {
  /** Ends what an earlier owner left open, and shuts it out. Committed offsets that are read after this are the last word. */
  open(): Promise<void>;
  /** All of it or nothing. Rejects when it is not known which; then this writer is of no more use. After `refused` as well. */
  write(transaction: Transaction): Promise<TransactionOutcome>;
  /** Never rejects. */
  close(): Promise<void>;
}

export const TRANSLATION_OUTCOMES = ["alert", "ignored", "invalid"] as const;
export const TRANSACTION_OUTCOMES = ["committed", "refused", "failed"] as const;

/** One method per event that is counted. Durations in seconds. */
export interface TranslationMetrics {
  /** Records read, of any kind. */
  records(partition: number, count: number): void;
  translated(outcome: (typeof TRANSLATION_OUTCOMES)[number], count: number): void;
  transaction(outcome: (typeof TRANSACTION_OUTCOMES)[number], seconds: number): void;
}
