/** The beginning of a text, of at most so many UTF-16 units: a pair of surrogates is never cut. */
export const atMost = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max);

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
