/** When reading pauses and when it goes on, per reason. Pure; who asks keeps what was answered last. */

/** Pauses at `high`, goes on at `low`: in between it stays as it was, so that not every mail switches reading on and off. */
export interface Marks {
  readonly high: number;
  readonly low: number;
}

/** Shares of `BUFFER_MAX_ALERTS` and `BUFFER_MAX_BYTES`, whichever is nearer to its limit. */
export const BUFFER_MARKS: Marks = { high: 1, low: 0.8 };
/** Shares of the characters a commit's metadata may have; beyond the whole, settled offsets are left out. */
export const CHECKPOINT_MARKS: Marks = { high: 0.75, low: 0.5 };

export const isPaused = (wasPaused: boolean, level: number, { high, low }: Marks): boolean =>
  wasPaused ? level > low : level >= high;

/** What is in memory, all partitions together. */
export interface Held {
  readonly alerts: number;
  readonly bytes: number;
  /** Of the alerts, those in windows that are closed and not settled: what answers of the SMTP server will free. */
  readonly pendingAlerts: number;
}

export const heldBy = (
  workers: Iterable<{ bufferedAlerts: number; bufferedBytes: number; pendingAlerts: number }>,
): Held => {
  const held = { alerts: 0, bytes: 0, pendingAlerts: 0 };
  for (const worker of workers) {
    held.alerts += worker.bufferedAlerts;
    held.bytes += worker.bufferedBytes;
    held.pendingAlerts += worker.pendingAlerts;
  }
  return held;
};

export const bufferLevel = (
  held: Held,
  limits: { readonly bufferMaxAlerts: number; readonly bufferMaxBytes: number },
): number => Math.max(held.alerts / limits.bufferMaxAlerts, held.bytes / limits.bufferMaxBytes);

/**
 * Of a full buffer: is it full because the SMTP server cannot be reached? A cause beside `buffer` and never alone, so the whole buffer serves an
 * outage, and nothing that ends the one pause has to wait for the other.
 */
export const isHeldBySmtp = ({ alerts, pendingAlerts }: Held, circuitOpen: boolean): boolean =>
  circuitOpen && pendingAlerts > 0 && pendingAlerts * 2 >= alerts;

/** Once the mails that wait are answered, the buffer is below its low mark: nothing else has to give way. */
export const answersMakeRoom = ({ alerts, pendingAlerts }: Held): boolean =>
  pendingAlerts > 0 && pendingAlerts >= (BUFFER_MARKS.high - BUFFER_MARKS.low) * alerts;
