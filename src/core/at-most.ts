/** The beginning of a text, of at most so many UTF-16 units: a pair of surrogates is never cut. */
export const atMost = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max);

/** A longer text ends with an ellipsis behind its first `max` units. */
export const cutAfter = (text: string, max: number): string => (text.length > max ? `${atMost(text, max)}…` : text);

/** The same, and the ellipsis is one of the `max` units. */
export const cutWithin = (text: string, max: number): string =>
  text.length > max ? `${atMost(text, max - 1)}…` : text;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
