import { BACKSLASH, CAPITAL_T, CAPITAL_Z, COLON, MINUS, PLUS, POINT, QUOTE, SPACE, TWO } from "../core/ascii.js";
import { isDigit, type JsonCursor } from "./json-cursor.js";

/** Whether the text there may begin with a blank, or with an escape, or ends at once: whether it is all blank is for others to say. */
export const mayBeBlank = (bytes: Uint8Array, at: number): boolean => {
  const first = bytes[at] as number;
  if (first <= SPACE || first === QUOTE || first === BACKSLASH) return true;
  if (first < 0xc2) return false;
  const second = bytes[at + 1] as number;
  switch (first) {
    case 0xc2:
      // U+0080 to U+00A0 and the soft hyphen.
      return second <= 0xa0 || second === 0xad;
    case 0xe1:
      return second === 0x9a || second === 0xa0;
    case 0xe2:
      return second === 0x80 || second === 0x81;
    case 0xe3:
      return second === 0x80 || second === 0x85;
    case 0xef:
      return true;
    default:
      return false;
  }
};

export const isSame = (
  bytes: Uint8Array,
  from: number,
  to: number,
  other: Uint8Array,
  at = 0,
  length = other.length,
): boolean => {
  if (to - from !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== other[at + i]) return false;
  return true;
};

/** Which of these has the name that the cursor has read last, in UTF-8. */
export const namedAs = <T extends { readonly bytes: Uint8Array }>(
  { bytes, textFrom, textTo }: JsonCursor,
  some: readonly T[],
): T | undefined => {
  const length = textTo - textFrom;
  for (let i = 0; i < some.length; i++) {
    const one = some[i] as T;
    const name = one.bytes;
    if (name.length !== length) continue;
    let at = 0;
    while (at < length && name[at] === bytes[textFrom + at]) at++;
    if (at === length) return one;
  }
  return undefined;
};

/** Four bytes at once; `written` has at least four. */
export const isWritten = (view: DataView, at: number, written: DataView): boolean => {
  const last = written.byteLength - 4;
  if (at + last + 4 > view.byteLength) return false;
  for (let i = 0; i < last; i += 4) if (view.getInt32(at + i) !== written.getInt32(i)) return false;
  return view.getInt32(at + last) === written.getInt32(last);
};

/** `2026-11-21T08:30:00`, a fraction of at most nine digits if it likes, and `Z` or `+09:00`: since 2000, on a day that the month has in every year. */
export const isInstant = (bytes: Uint8Array, from: number, to: number): boolean => {
  if (to - from < 20 || bytes[from] !== TWO || !isDigits(bytes, from + 1, from + 4)) return false;
  if (bytes[from + 4] !== MINUS || bytes[from + 7] !== MINUS || bytes[from + 10] !== CAPITAL_T) return false;
  if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return false;
  const month = pair(bytes, from + 5);
  const day = pair(bytes, from + 8);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (DAYS[month] as number))) return false;
  if (!(pair(bytes, from + 11) < 24 && pair(bytes, from + 14) < 60 && pair(bytes, from + 17) < 60)) return false;
  let at = from + 19;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    while (isDigit(bytes[at] as number)) at++;
    if (at === fraction || at > fraction + 9) return false;
  }
  if (bytes[at] === CAPITAL_Z) return at + 1 === to;
  if (bytes[at] !== PLUS && bytes[at] !== MINUS) return false;
  return at + 6 === to && bytes[at + 3] === COLON && pair(bytes, at + 1) < 24 && pair(bytes, at + 4) < 60;
};

/** The number that two digits say; NaN where one of them is none. */
const pair = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  return isDigit(first) && isDigit(second) ? first * 10 + second - 528 : Number.NaN;
};

const isDigits = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (!isDigit(bytes[at] as number)) return false;
  return true;
};

/** By month, from 1 on. */
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
