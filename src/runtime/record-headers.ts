import type { RecordHeaders } from "./ports.js";

/**
 * How often an alert was written back from the dead letters. It stands on the record that is written back, and the consumer takes it over into a new
 * dead letter (of a window: the highest of its alerts), so that nothing circles for ever.
 */
export const REDRIVES_HEADER = "dead-letter.redrives";

/** Name and content, of a dead letter whose record was too large to be kept. */
export const UNKEPT_HEADER = ["dead-letter.value", "not kept"] as const;

/** With bytes of their own: those of a record are slices of a whole fetch. */
export const copiedHeaders = (headers: RecordHeaders): RecordHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map(copied) : copied(value)]),
  );

/** Together with their names, about. */
export const headersLength = (headers: RecordHeaders | undefined): number => {
  let length = 0;
  for (const [name, value] of Object.entries(headers ?? {}))
    for (const one of Array.isArray(value) ? value : [value]) length += name.length + (one?.length ?? 0);
  return length;
};

const copied = <T extends Buffer | string | null | undefined>(value: T): T =>
  Buffer.isBuffer(value) ? (Buffer.from(value) as T) : value;
