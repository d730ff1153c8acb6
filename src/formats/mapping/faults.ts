/** Gathers what is wrong with a document while it is compiled. */

import { cutAfter } from "../../core/at-most.js";
import type { DataPath } from "../../yaml-file/yaml-text.js";
import { type Right, WORDS, type Word } from "./words.js";

export interface Fault extends Right {
  readonly path: DataPath;
  /** It is this key of what is at `path`. */
  readonly key?: string;
  readonly problem: string;
}

export type Nearest = (name: string, known: readonly string[]) => string;

export class Faults {
  readonly all: Fault[] = [];
  readonly #nearest: Nearest;

  constructor(nearest: Nearest) {
    this.#nearest = nearest;
  }

  add(path: DataPath, problem: string, word: Word, key?: string): void {
    if (this.all.length >= FAULTS_MAX) return;
    this.all.push({ path, problem, ...WORDS[word], ...(key === undefined ? {} : { key }) });
  }

  /** A mapping whose keys are known. Undefined: it is none, and that is told. */
  object(
    value: unknown,
    path: DataPath,
    known: readonly string[],
    word: Word,
  ): Readonly<Record<string, unknown>> | undefined {
    if (!isObject(value)) {
      this.add(path, `${nameOf(path)} ${whatIs(value)}`, word);
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = this.#nearest(key, known);
      this.add(path, `unknown key ${shown(key)}; the nearest known is ${near}`, word, key);
    }
    return value;
  }

  /** Texts, each with a text, a number, true or false. What is none of that is told. */
  table(value: unknown, path: DataPath): ReadonlyMap<string, Scalar> {
    const table = new Map<string, Scalar>();
    if (!isObject(value)) {
      this.add(path, `${nameOf(path)} ${whatIs(value)}`, "values");
      return table;
    }
    const entries = Object.entries(value);
    if (entries.length === 0) this.add(path, `${nameOf(path)} is empty`, "values");
    if (entries.length > TABLE_MAX) this.add(path, `${nameOf(path)} has more than ${TABLE_MAX} lines`, "values");
    for (const [text, to] of entries.slice(0, TABLE_MAX)) {
      if (isScalar(to)) table.set(text, to);
      else this.add([...path, text], `${shown(text)} ${whatIs(to)}`, "values");
    }
    return table;
  }

  /** One of some words; undefined: it is none, and that is told. */
  oneOf<T extends string>(value: unknown, path: DataPath, words: readonly T[], word: Word): T | undefined {
    if (typeof value === "string" && words.includes(value as T)) return value as T;
    this.add(path, `${scalarText(value)} is none of ${words.join(", ")}`, word);
    return undefined;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type Scalar = string | number | boolean;
export const isScalar = (value: unknown): value is Scalar =>
  typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));

/** After the name of a thing: what it is instead of what it should be. */
export const whatIs = (value: unknown): string => {
  if (value === undefined) return "is missing";
  if (value === null) return "has no value";
  if (Array.isArray(value)) return value.length === 0 ? "is an empty list" : "is a list";
  return typeof value === "object" ? "is a mapping" : `is ${scalarText(value)}`;
};

export const scalarText = (value: unknown): string =>
  typeof value === "string"
    ? shown(value)
    : isObject(value)
      ? "a mapping"
      : Array.isArray(value)
        ? "a list"
        : String(value);

export const nameOf = (path: DataPath): string => {
  const last = path.at(-1);
  if (last === undefined) return "the file";
  return typeof last === "number" ? `entry ${last + 1} of ${path.at(-2) ?? "the list"}` : last;
};

/** One line, bounded. */
export const shown = (text: string): string => JSON.stringify(cutAfter(text, 80));

/** What follows from the first ones is not told. */
const FAULTS_MAX = 50;
const TABLE_MAX = 1_000;
