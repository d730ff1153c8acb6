/** Patterns of device IDs, types and labels: `*` stands for any characters, also none; `?` for one. Case counts. */

export interface Glob {
  readonly pattern: string;
  matches(text: string): boolean;
}

export const glob = (pattern: string): Glob => ({
  pattern,
  matches: /[*?]/.test(pattern) ? (text) => isLike(text, pattern) : (text) => text === pattern,
});

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
