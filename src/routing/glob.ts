/**
 * Patterns of device IDs, types and labels: `*` stands for any characters, also none; `?` for one. Case counts. How a character is composed does not:
 * what comes from a Mac may write `부` as three (NFD). Of a longer text the first 1,024 are looked at, as it is written: a label may have a megabyte.
 */

export interface Glob {
  readonly pattern: string;
  matches(text: string): boolean;
}

export const glob = (pattern: string): Glob => {
  const wanted = composed(pattern);
  return {
    pattern,
    matches: !/[*?]/.test(pattern)
      ? (text) => isSame(text, wanted)
      : wanted.includes("?")
        ? (text) => isLike(composed(beginning(text)), wanted)
        : hasParts(wanted.split("*")),
  };
};

/** Whether a text begins with the first part, ends with the last one, and has the others between in their order. Searched for natively: in a twentieth of the time. */
const hasParts = ([first = "", ...parts]: readonly string[]): Glob["matches"] => {
  const last = parts.pop() ?? "";
  return (whole) => {
    const text = composed(beginning(whole));
    let at = first.length;
    const end = text.length - last.length;
    if (at > end || !text.startsWith(first) || !text.endsWith(last)) return false;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
};

/** In NFC. Below U+0300 there is nothing to be composed. */
export const composed = (text: string): string => (/[\u0300-\uffff]/.test(text) ? text.normalize("NFC") : text);

/** So much of a text is looked at, in UTF-16 units. No half of a pair at its end. */
export const LOOKED_AT_MAX = 1_024;

export const beginning = (text: string): string => {
  if (text.length <= LOOKED_AT_MAX) return text;
  const last = text.charCodeAt(LOOKED_AT_MAX - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? LOOKED_AT_MAX - 1 : LOOKED_AT_MAX);
};

/** In UTF-16 a text is at most four times as long decomposed as it is composed (Unicode FAQ on normalization). */
const isSame = (text: string, wanted: string): boolean =>
  text === wanted || (text.length <= 4 * wanted.length && composed(text) === wanted);

/**
 * Not a regular expression: what a device calls itself must not make one backtrack. At a mismatch only the last `*` takes one character more, so
 * the time is at most the product of the two lengths.
 */
const isLike = (text: string, pattern: string): boolean => {
  let [at, next] = [0, 0];
  let [star, taken] = [-1, 0];
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === "*") {
      star = next++;
      taken = at;
    } else if (wanted === "?") {
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      next++;
    } else if (wanted === text[at]) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++taken;
    } else return false;
  }
  while (pattern[next] === "*") next++;
  return next === pattern.length;
};
