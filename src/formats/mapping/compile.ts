/** A mapping of the file → what `apply` runs. Everything that is wrong with it is told at once. */

import type { DataPath } from "../../yaml-file/yaml-text.js";
import { Faults, isScalar, nameOf, shown, whatIs } from "./faults.js";
import { type CompiledField, compileFields } from "./fields.js";
import { type Pointer, parsePointer } from "./pointer.js";
import { plainText, type Source } from "./scope.js";
import { type ShortMapping, shortMapping } from "./short-mapping.js";
import { isOfRecord, type NamedSource, placeOf } from "./source.js";
import { type Wanted, wantedOf } from "./sparse.js";
import { MAPPING_KEYS, type Word } from "./words.js";

/** What a record has to say at one place to be an alert; others are ignored. */
export interface Condition {
  /** As the file has it. */
  readonly text: string;
  readonly source: Source;
  readonly values: ReadonlySet<string>;
  /** What is said of a record that is ignored because of it. */
  readonly elsewhere: string;
}

export interface Mapping {
  /** What it was compiled of. */
  readonly asWritten: unknown;
  /** Each line of a record is a JSON text of its own. */
  readonly lines: boolean;
  readonly unwrap: NamedPointer | undefined;
  /** Where the list is whose items are alerts. */
  readonly each: NamedPointer | undefined;
  /** In each item: texts that hold JSON. */
  readonly open: readonly NamedPointer[];
  /** Those of the whole record, and those of an item. */
  readonly only: { readonly record: readonly Condition[]; readonly item: readonly Condition[] };
  readonly fields: readonly CompiledField[];
  /** By their numbers in `Scope.seen`. */
  readonly sources: readonly NamedSource[];
  /** All that it looks at in a record; undefined: all of the record, or what that is only the record says. */
  readonly wanted: Wanted | undefined;
  /** By the bytes of a record; undefined: it has no such way. */
  readonly short: ShortMapping | undefined;
}

export interface NamedPointer {
  readonly text: string;
  readonly pointer: Pointer;
}

export const compileMapping = (
  value: unknown,
  path: DataPath,
  faults: Faults,
  more: readonly string[] = [],
): Mapping => {
  const mapping = faults.object(value, path, [...more, ...MAPPING_KEYS], "mapping") ?? {};
  const sources: NamedSource[] = [];
  const at = (key: string): DataPath => [...path, key];
  const pointer = (key: "each" | "unwrap"): NamedPointer | undefined =>
    Object.hasOwn(mapping, key) ? pointerOf(mapping[key], at(key), key, faults) : undefined;
  const { lines = false } = mapping;
  if (typeof lines !== "boolean") faults.add(at("lines"), `lines ${whatIs(lines)}`, "lines");
  const only = Object.hasOwn(mapping, "only") ? conditionsOf(mapping["only"], at("only"), faults) : [];
  if (!Object.hasOwn(mapping, "fields")) faults.add(path, `${nameOf(path)} says nothing of fields`, "fields");
  const compiled = {
    asWritten: value,
    lines: lines === true,
    unwrap: pointer("unwrap"),
    each: pointer("each"),
    open: Object.hasOwn(mapping, "open") ? pointersOf(mapping["open"], at("open"), faults) : [],
    only: { record: only.filter(({ text }) => isOfRecord(text)), item: only.filter(({ text }) => !isOfRecord(text)) },
    fields: Object.hasOwn(mapping, "fields") ? compileFields(mapping["fields"], at("fields"), faults, sources) : [],
    sources,
  };
  return {
    ...compiled,
    wanted: compiled.lines ? undefined : lookedAt(compiled),
    short: isOneObject(compiled)
      ? shortMapping(compiled.fields, [...compiled.only.record, ...compiled.only.item])
      : undefined,
  };
};

/** Of what was compiled before, without a fault. */
export const compiledAgain = (asWritten: unknown): Mapping =>
  compileMapping(asWritten, [], new Faults((name) => name), ["version", "topics"]);

const isOneObject = ({ lines, unwrap, each, open }: Omit<Mapping, "wanted" | "short">): boolean =>
  !lines && unwrap === undefined && each === undefined && open.length === 0;

const lookedAt = ({ unwrap, each, open, only, sources }: Omit<Mapping, "wanted" | "short">): Wanted | undefined => {
  if (unwrap !== undefined || each !== undefined) return undefined;
  const places = [...open, ...only.record, ...only.item, ...sources].map(({ text }) => text);
  return wantedOf(places.filter((text) => text !== "key" && !text.startsWith("header:")));
};

const pointerOf = (value: unknown, path: DataPath, word: Word, faults: Faults): NamedPointer | undefined => {
  const pointer = typeof value === "string" ? parsePointer(value) : whatIs(value);
  if (typeof pointer !== "string") return { text: value as string, pointer };
  faults.add(path, typeof value === "string" ? `${shown(value)}: ${pointer}` : `${nameOf(path)} ${pointer}`, word);
  return undefined;
};

const pointersOf = (value: unknown, path: DataPath, faults: Faults): readonly NamedPointer[] => {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > OPEN_MAX)
    faults.add(path, list.length === 0 ? "open is an empty list" : `open has more than ${OPEN_MAX} pointers`, "open");
  return list.slice(0, OPEN_MAX).flatMap((one: unknown, index) => {
    const pointer = pointerOf(one, Array.isArray(value) ? [...path, index] : path, "open", faults);
    return pointer === undefined ? [] : [pointer];
  });
};

const conditionsOf = (value: unknown, path: DataPath, faults: Faults): readonly Condition[] => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    faults.add(path, Array.isArray(value) ? "only is a list" : `only ${whatIs(value)}, without a condition`, "only");
    return [];
  }
  const entries = Object.entries(value);
  if (entries.length > CONDITIONS_MAX) faults.add(path, `only has more than ${CONDITIONS_MAX} conditions`, "only");
  return entries.slice(0, CONDITIONS_MAX).flatMap(([text, wanted]: [string, unknown]) => {
    const source = placeOf(text);
    if (typeof source === "string") {
      faults.add(path, `${shown(text)}: ${source}`, "only", text);
      return [];
    }
    const values = Array.isArray(wanted) ? wanted : [wanted];
    const wrong = values.findIndex((one) => !isScalar(one));
    if (wrong >= 0 || values.length === 0 || values.length > CONDITION_VALUES_MAX) {
      const at = Array.isArray(wanted) && wrong >= 0 ? [...path, text, wrong] : [...path, text];
      const problem =
        wrong >= 0
          ? `${nameOf(at)} ${whatIs(values[wrong])}`
          : `${shown(text)} has no value, or more than ${CONDITION_VALUES_MAX}`;
      faults.add(at, problem, "only");
      return [];
    }
    const elsewhere = `only: ${text} has another value`;
    return [{ text, source, values: new Set(values.map((one) => plainText(one) as string)), elsewhere }];
  });
};

const OPEN_MAX = 10;
const CONDITIONS_MAX = 20;
const CONDITION_VALUES_MAX = 100;
