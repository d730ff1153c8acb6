import type { IHeaders } from "kafkajs";
import { REDRIVES_HEADER } from "../runtime/record-headers.js";

/** A header that the product sets on dead letters and on records that go back; all others are the producer's. */
export const isOfRedrive = (name: string): boolean =>
  name.startsWith("dead-letter.") || name.startsWith("alert-digest.only-");

/** 0 when the header is missing or is no count. */
export const redrivesIn = (headers: IHeaders | undefined): number => {
  const header = headers?.[REDRIVES_HEADER];
  if (header === undefined) return 0;
  const text = String(Array.isArray(header) ? header.at(-1) : header);
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

/** The group by which `translate` reads an input topic. One for each topic: their partitions are shared out apart. */
export const translationGroup = (groupId: string, topic: string): string => `${groupId}.translate.${topic}`;

/** Whom the alert is for, where it went back only to those who missed it: addresses, comma separated. */
export const ONLY_TO_HEADER = "alert-digest.only-to";

export const ONLY_TO_MAX_BYTES = 8 * 1024;

/** Undefined: they are too many, or one cannot stand in a header; then it can go back to everybody only. */
export const onlyToHeader = (addresses: readonly string[]): string | undefined => {
  const text = [...new Set(addresses)].sort().join(",");
  return addressesIn(text) === undefined ? undefined : text;
};

/**
 * Only on a record that was written back; a header that is none is passed over, for then everybody is told rather than nobody. Ascending, so that the
 * same people are the same text.
 */
export const onlyToIn = (headers: IHeaders | undefined): readonly string[] | undefined => {
  const header = headers?.[ONLY_TO_HEADER];
  if (header === undefined || redrivesIn(headers) === 0) return undefined;
  return addressesIn(String(Array.isArray(header) ? header.at(-1) : header));
};

const addressesIn = (text: string): readonly string[] | undefined => {
  if (Buffer.byteLength(text) > ONLY_TO_MAX_BYTES) return undefined;
  const addresses = text.split(",");
  return addresses.every((address) => ADDRESS.test(address)) ? [...new Set(addresses)].sort() : undefined;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they stand in no address
const ADDRESS = /^[^\x00-\x20\x7f<>,@]+@[^\x00-\x20\x7f<>,@]+$/;
