/** A record → the alerts that a mapping makes of it. Pure; bounded by the length of the record and of the mapping. */

import { opened } from "../opened.js";
import type { Condition, Mapping } from "./compile.js";
import { follow, replaced } from "./pointer.js";
import { plainText, ROOM, type Scope } from "./scope.js";

/** What is mapped. `value`: what `/pointer` points into, before `unwrap` and `each`; `whole`: what `#/pointer` points into. */
export interface MappedRecord {
  readonly value: unknown;
  readonly whole: unknown;
  /** As text. */
  readonly key: string | undefined;
  /** Of the last header of that name. */
  readonly header: (name: string) => string | undefined;
}

/** What became of one item. `at`: a pointer to it in what was unwrapped; empty where the record is one item. */
export type MappedItem = { readonly at: string } & (
  | { readonly kind: "alert"; readonly alert: Readonly<Record<string, unknown>> }
  | { readonly kind: "ignored"; readonly detail: string }
  | { readonly kind: "unreadable"; readonly detail: string }
);

/**
 * One item without `each`; with it one for each item of the list, and none of an empty one. An item that cannot be read does not keep the others back.
 * `seen`: see `Scope`. Never throws.
 */
export const apply = (mapping: Mapping, record: MappedRecord, seen?: Uint8Array): readonly MappedItem[] => {
  const { unwrap, each, only } = mapping;
  const { whole, key, header } = record;
  const remembered = each === undefined ? header : once(header);
  const scope: Scope = { item: record.value, whole, key, header: remembered, room: ROOM, seen };
  const failed = only.record.find((condition) => !holds(condition, scope));
  if (failed !== undefined) return [{ at: "", kind: "ignored", detail: failed.elsewhere }];
  let root = record.value;
  if (unwrap !== undefined) {
    const found = follow(unwrap.pointer, root);
    if (found === undefined || found === null) return [unreadable("", `unwrap: nothing is at ${unwrap.text}`)];
    root = typeof found === "string" ? (opened(found) ?? found) : found;
  }
  if (each === undefined) return [mapped(mapping, root, scope, "")];
  const list = follow(each.pointer, root);
  if (!Array.isArray(list)) {
    const what = list === undefined ? "is not there" : "is no list";
    return [unreadable("", `each: ${each.text === "" ? "the record" : each.text} ${what}`)];
  }
  if (list.length > ITEMS_MAX)
    return [unreadable("", `each: ${list.length} items are more than the ${ITEMS_MAX} that are read of a record`)];
  return list.map((item: unknown, index) => mapped(mapping, item, scope, `${each.text}/${index}`));
};

const mapped = (mapping: Mapping, root: unknown, scope: Scope, at: string): MappedItem => {
  if (scope.room < 0) return unreadable(at, TOO_LONG);
  const unopened: string[] = [];
  let item = root;
  for (const { text, pointer } of mapping.open) {
    const closed = follow(pointer, item);
    if (typeof closed !== "string" && !(closed instanceof Uint8Array)) continue;
    const inside = opened(typeof closed === "string" ? closed : Buffer.from(closed).toString());
    if (inside === undefined) unopened.push(text);
    else item = replaced(pointer, item, inside);
  }
  scope.item = item;
  const failed = mapping.only.item.find((condition) => !holds(condition, scope));
  if (failed !== undefined) return { at, kind: "ignored", detail: failed.elsewhere };
  const alert: Record<string, unknown> = {};
  for (const [field, source] of mapping.fields) {
    const found = source(scope);
    if (found !== undefined) alert[field] = found;
  }
  if (scope.room < 0) return unreadable(at, TOO_LONG);
  if (alert["message"] === undefined && alert["type"] === undefined)
    return unreadable(at, nothingSaid(mapping, unopened));
  return { at, kind: "alert", alert };
};

/** Many items ask for the same. */
const once = (header: MappedRecord["header"]): MappedRecord["header"] => {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, header(name));
    return known.get(name);
  };
};

const holds = ({ source, values }: Condition, scope: Scope): boolean => {
  const text = plainText(source(scope));
  return text !== undefined && values.has(text);
};

const unreadable = (at: string, detail: string): MappedItem => ({ at, kind: "unreadable", detail });

const nothingSaid = ({ sources }: Mapping, unopened: readonly string[]): string => {
  const looked = sources.filter(({ field }) => field === "message" || field === "type").map(({ text }) => text);
  const shut = unopened.length > 0 ? `; what is at ${unopened.join(", ")} is neither JSON nor base64 of JSON` : "";
  return `the mapping found neither message nor type: nothing is at ${looked.join(", ")}${shut}`;
};

const TOO_LONG = `the texts of the record's alerts together are longer than ${ROOM} characters`;
/** A record of 1 MiB that has more has alerts of under 100 bytes. */
export const ITEMS_MAX = 10_000;
