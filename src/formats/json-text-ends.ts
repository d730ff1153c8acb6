/** Inside a JSON text: which bytes stand for themselves, and where what is no plain byte ends. */

import { SMALL_U } from "../core/ascii.js";

/** Where something ends that is none. */
export const NONE = -1;

/** Four bytes that stand in a JSON text as they are; of some that do it is not sure. */
export const isPlainAscii = (four: number): boolean => {
  const quotes = four ^ 0x22222222;
  const backslashes = four ^ 0x5c5c5c5c;
  const special =
    ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | (four - 0x20202020) | four;
  return (special & 0x80808080) === 0;
};

/** `at`: after the backslash. */
export const escapeEnd = (bytes: Uint8Array, at: number): number => {
  const letter = bytes[at] as number;
  if (letter !== SMALL_U) return SHORT_ESCAPES[letter] === 1 ? at + 1 : NONE;
  for (let i = 1; i <= 4; i++) if (HEX_DIGITS[bytes[at + i] as number] !== 1) return NONE;
  return at + 5;
};

/** Of a character of two bytes or more, by the table of well-formed UTF-8 (Unicode, 3-7). */
export const characterEnd = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] as number;
  const second = bytes[at + 1] as number;
  if (lead < 0xe0) return lead >= 0xc2 && isContinuation(second) ? at + 2 : NONE;
  if (!isContinuation(second) || !isContinuation(bytes[at + 2] as number)) return NONE;
  if (lead < 0xf0) {
    if (lead === 0xe0 && second < 0xa0) return NONE;
    return lead === 0xed && second > 0x9f ? NONE : at + 3;
  }
  if (lead > 0xf4 || !isContinuation(bytes[at + 3] as number)) return NONE;
  if (lead === 0xf0 && second < 0x90) return NONE;
  return lead === 0xf4 && second > 0x8f ? NONE : at + 4;
};

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

const marked = (letters: string): Uint8Array => {
  const table = new Uint8Array(256);
  for (let i = 0; i < letters.length; i++) table[letters.charCodeAt(i)] = 1;
  return table;
};
const SHORT_ESCAPES = marked('"\\/bfnrt');
const HEX_DIGITS = marked("0123456789abcdefABCDEF");
