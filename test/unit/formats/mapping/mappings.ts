/** Mappings of a text, and what they make of records. */

import assert from "node:assert/strict";
import { nearest } from "#src/config/unknown-names.js";
import { apply, type MappedItem } from "#src/formats/mapping/apply.js";
import type { Mapping } from "#src/formats/mapping/compile.js";
import { type Mappings, parseMappings } from "#src/formats/mapping/mapping-file.js";

export const NEAREST = { nearest: (name: string, known: readonly string[]): string => nearest(name, known).name };

export const mappingsOf = (text: string): Mappings => {
  const result = parseMappings(text, "m.yaml", NEAREST);
  return result.ok ? result.value : assert.fail(JSON.stringify(result.errors, null, 1));
};

export const mappingOf = (text: string): Mapping =>
  mappingsOf(`version: 1\n${text}`).mapping ?? assert.fail("no mapping");

export interface Around {
  readonly whole?: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const itemsOf = (text: string, value: unknown, { whole, key, headers }: Around = {}): readonly MappedItem[] =>
  apply(mappingOf(text), { value, whole: whole ?? value, key, header: (name) => headers?.[name] });

/** Of a mapping without `each`. */
export const alertOf = (text: string, value: unknown, around?: Around): Readonly<Record<string, unknown>> => {
  const [item] = itemsOf(text, value, around);
  return item?.kind === "alert" ? item.alert : assert.fail(JSON.stringify(item));
};

/** The errors of a text, as `line:column problem`. */
export const errorsOf = (text: string): readonly string[] => {
  const result = parseMappings(text, "m.yaml", NEAREST);
  return result.ok ? [] : result.errors.map(({ where, problem }) => `${where.replace(/^m\.yaml:?/, "")} ${problem}`);
};
