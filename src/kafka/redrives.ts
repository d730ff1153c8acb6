import type { IHeaders } from "kafkajs";

/**
 * How often an alert was written back from the dead letters. It stands on the record that is written back, and the consumer takes it over into a new
 * dead letter (of a window: the highest of its alerts), so that nothing circles for ever.
 */
export const REDRIVES_HEADER = "dead-letter.redrives";

/** 0 when the header is missing or is no count. */
export const redrivesIn = (headers: IHeaders | undefined): number => {
  const header = headers?.[REDRIVES_HEADER];
  if (header === undefined) return 0;
  const text = String(Array.isArray(header) ? header.at(-1) : header);
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};
