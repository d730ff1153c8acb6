/** Measurements as a language writes them: its decimal mark, its grouping of long whole parts, and every digit that JSON had. */

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
      const text = String(value);
      if (decimal === "." && value > -10_000 && value < 10_000) return text;
      const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
      if (match === null) return decimal === "." ? text : text.replace(".", decimal);
      const [, sign = "", whole = "", fraction] = match;
      return sign + grouped(whole, group) + (fraction === undefined ? "" : decimal + fraction);
    },
  };
}

/** Four digits stay together: they are read at a glance, and may be a year or a code. */
function grouped(whole: string, mark: string): string {
  return whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, mark);
}
