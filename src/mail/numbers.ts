/** Measurements as a language writes them: its decimal mark, its grouping of long whole parts, and every digit that somebody wrote. */

export interface Numbers {
  format(value: number): string;
}

/** `lang`: BCP 47. `Intl` is asked once, for its marks: it would round, and costs more than the rest of an alert's line. */
export function createNumbers(lang: string): Numbers {
  const parts = new Intl.NumberFormat(lang, { numberingSystem: "latn", useGrouping: true }).formatToParts(1_234_567.8);
  const of = (type: Intl.NumberFormatPartTypes, otherwise: string) =>
    parts.find((part) => part.type === type)?.value ?? otherwise;
  const decimal = of("decimal", ".");
  const group = of("group", "");

  return {
    format(value) {
      // The shortest text that reads back as the same number; very small and very large ones have an exponent.
      const text = withoutNoise(value, String(value));
      if (decimal === "." && value > -10_000 && value < 10_000) return text;
      const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
      if (match === null) return decimal === "." ? text : text.replace(".", decimal);
      const [, sign = "", whole = "", fraction] = match;
      return sign + grouped(whole, group) + (fraction === undefined ? "" : decimal + fraction);
    },
  };
}

/**
 * Nobody wrote `31.599999999999998`: it is 31.4 + 0.2 in binary, and `36.20000076293945` a sensor's 36.2 in 32 bits. What is as near to it, and far
 * shorter, was meant. Digits that somebody did write are hardly ever so many zeros or nines.
 */
function withoutNoise(value: number, text: string): string {
  if (text.length <= SHORT || Number.isInteger(value)) return text;
  for (const digits of Math.fround(value) === value ? [6, 7, 8, 9] : [15]) {
    const rounded = Number(value.toPrecision(digits));
    const isMeant = digits === 15 || Math.fround(rounded) === value;
    const shorter = String(rounded);
    if (isMeant && text.length - shorter.length >= NOISE_DIGITS) return shorter;
  }
  return text;
}

/** Neither has room for noise in so few characters. */
const SHORT = 9;
const NOISE_DIGITS = 4;

/** Four digits stay together: they are read at a glance, and may be a year or a code. */
function grouped(whole: string, mark: string): string {
  return whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, mark);
}
