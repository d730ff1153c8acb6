/** What a mapping does to a value on its way into an alert. What cannot be converted stays as it was written: the alert shows it so. */

import { isThere, plainText, type Scope, type Source, textOf } from "./scope.js";
import { withShape } from "./source-shape.js";
import type { TimeForm } from "./words.js";

/** Compared exactly first, then without case and blanks around it. */
export const tableOf = (source: Source, table: ReadonlyMap<string, unknown>, otherwise: unknown): Source => {
  const loose = new Map([...table].map(([text, to]) => [text.trim().toLowerCase(), to]));
  const look = (found: unknown): unknown => {
    const text = plainText(found);
    if (text !== undefined && text.length <= WORD_MAX) {
      if (table.has(text)) return table.get(text);
      const like = text.trim().toLowerCase();
      if (loose.has(like)) return loose.get(like);
    }
    return otherwise ?? found;
  };
  return withShape({ kind: "table", of: source, look }, (scope) => look(source(scope)));
};

export const numberOf = (source: Source): Source =>
  withShape({ kind: "number", of: source }, (scope) => {
    const found = source(scope);
    return typeof found === "string" ? (numberIn(found) ?? found) : found;
  });

const numberIn = (text: string): number | undefined => {
  if (text.length > WORD_MAX || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
};

/** As ISO 8601 in UTC. */
export const timeOf = (source: Source, form: TimeForm): Source => {
  if (form === "iso") return source;
  const isoOf = isoTimes();
  const perMs = { "epoch-s": 1e-3, "epoch-ms": 1, "epoch-us": 1e3, "epoch-ns": 1e6 }[form];
  return withShape({ kind: "time", of: source, form }, (scope) => {
    const found = source(scope);
    const number = typeof found === "string" ? numberIn(found) : typeof found === "bigint" ? Number(found) : found;
    if (typeof number !== "number") return found;
    const ms = perMs < 1 ? number * 1_000 : number / perMs;
    return Math.abs(ms) <= DATE_MAX_MS ? isoOf(ms) : found;
  });
};

/** As `toISOString`, in a quarter of its time: most times of a topic are of one day. */
export const isoTimes = (): ((ms: number) => string) => {
  let day = Number.NaN;
  let date = "";
  return (ms) => {
    const whole = Math.trunc(ms);
    const of = Math.floor(whole / DAY_MS);
    if (of !== day) {
      date = new Date(of * DAY_MS).toISOString().slice(0, -"00:00:00.000Z".length);
      day = of;
    }
    const rest = whole - of * DAY_MS;
    const minutes = Math.floor(rest / 60_000);
    const inMinute = rest - minutes * 60_000;
    const [hour, minute, second] = [Math.floor(minutes / 60), minutes % 60, Math.floor(inMinute / 1_000)];
    return `${date}${padded(hour, 2)}:${padded(minute, 2)}:${padded(second, 2)}.${padded(inMinute % 1_000, 3)}Z`;
  };
};

const padded = (number: number, width: number): string => String(number).padStart(width, "0");

/** Of an object: its values as texts. */
export const textsOf =
  (source: Source): Source =>
  (scope) => {
    const found = source(scope);
    if (typeof found !== "object" || found === null || Array.isArray(found)) return found;
    if (scope.room < 0) return undefined;
    return labels(Object.entries(found), scope);
  };

/** Of names, each with a source of its own. Undefined: not one is there. */
export const namedTextsOf = (sources: readonly (readonly [name: string, Source])[]): Source => {
  return withShape({ kind: "named-texts", sources }, (scope) => {
    const made = labels(
      sources.map(([name, source]) => [name, source(scope)] as const),
      scope,
    );
    return Object.keys(made).length > 0 ? made : undefined;
  });
};

/** Of a list of objects: the text of one property named by another; the last of a name counts. */
export const pairsOf =
  (source: Source, [nameKey, textKey]: readonly [string, string]): Source =>
  (scope) => {
    const found = source(scope);
    if (!Array.isArray(found)) return found;
    scope.room -= found.length;
    if (scope.room < 0) return undefined;
    const entries = found.flatMap((pair: unknown) => {
      if (typeof pair !== "object" || pair === null) return [];
      const name = Object.hasOwn(pair, nameKey) ? plainText((pair as Record<string, unknown>)[nameKey]) : undefined;
      if (name === undefined) return [];
      const text = Object.hasOwn(pair, textKey) ? (pair as Record<string, unknown>)[textKey] : undefined;
      return [[name, text ?? ""] as const];
    });
    return labels(entries, scope);
  };

/** Entries make `__proto__` a label like any other. */
const labels = (entries: readonly (readonly [string, unknown])[], scope: Scope): Record<string, string> =>
  Object.fromEntries(
    entries.flatMap(([name, value]) => {
      scope.room -= name.length + 1;
      if (value !== "" && !isThere(value)) return [];
      const text = textOf(value, scope);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );

const WORD_MAX = 300;
const DAY_MS = 86_400_000;
/** ECMA-262: the last millisecond that a date can be. */
const DATE_MAX_MS = 8.64e15;
