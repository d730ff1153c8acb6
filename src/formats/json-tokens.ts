/** Whether there can be anything to do: nearly never. */
import { BACKSLASH, MINUS, NINE, PLUS, POINT, QUOTE, ZERO } from "../core/ascii.js";

const SUSPECT = /NaN|Infinity|\d{16}|\d[eE][+-]?\d{2}/;

/**
 * A JSON text in which every number that a JavaScript number cannot hold, and every bare `NaN`, `Infinity` and `-Infinity`, is a string of the same
 * characters. Strings stay as they are; so does what is no JSON. Takes time in proportion to the text.
 */
export const withExactNumbers = (text: string): string => {
  if (!SUSPECT.test(text)) return text;
  const parts: string[] = [];
  let [at, copied] = [0, 0];
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (isTokenStart(code)) {
      const end = endOfToken(text, at);
      const token = text.slice(at, end);
      if (!isHeld(token)) {
        parts.push(text.slice(copied, at), `"${token}"`);
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  return copied === 0 ? text : parts.join("") + text.slice(copied);
};

const endOfString = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
};

/** A digit, a minus, or the first letter of a word. */
const isTokenStart = (code: number): boolean =>
  (code >= ZERO && code <= NINE) || code === MINUS || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

const endOfToken = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (!isTokenStart(code) && code !== PLUS && code !== POINT) break;
    at++;
  }
  return at;
};

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** What is no number and none of the three words is left to whoever parses it. */
const isHeld = (token: string): boolean => {
  if (token === "NaN" || token === "Infinity" || token === "-Infinity") return false;
  if (!NUMBER.test(token)) return true;
  const value = Number(token);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value) || /[.eE]/.test(token));
};
