/** All alerts of a record, for those that may hold several: `alert-digest translate` and `preview`. */

import { MAX_VALUE_BYTES, tooLarge } from "../core/alert.js";
import { NEWLINE, RETURN, SPACE, TAB } from "../core/ascii.js";
import type { EncodedRecord } from "../runtime/ports.js";
import { apply, ITEMS_MAX } from "./mapping/apply.js";
import type { ReadingRules } from "./read-alert.js";
import { alertOf, decodedItem, mappedOf, openedBy, type Shape } from "./shaped-codec.js";
import type { RecordItem } from "./translate-record.js";

/** `firstRecords` of the shape looks on. */
export const createItemReader =
  (shape: Shape, rules: ReadingRules) =>
  (record: EncodedRecord): readonly RecordItem[] => {
    const { mapping, firstRecords } = shape;
    const mapped = mapping();
    const seen = mapped && firstRecords?.seen(mapped);
    const items = recordItems(shape, record, rules, seen);
    if (seen !== undefined) firstRecords?.mapped(items[0]?.decoded);
    return items;
  };

/**
 * In the order of the record; none of an empty list or of lines without text. `at` of an item: `line 3` or `/alerts/0`, empty where the record is one.
 * `seen`: see `Scope`. Never throws.
 */
export const recordItems = (
  shape: Shape,
  record: EncodedRecord,
  rules: ReadingRules,
  seen?: Uint8Array,
): readonly RecordItem[] => {
  const { key, value, headers } = record;
  if (value.length > MAX_VALUE_BYTES)
    return [{ at: "", decoded: { kind: "unreadable", reason: "too-large", detail: tooLarge(value.length) } }];
  if (shape.mapping()?.lines !== true) return itemsOf(shape, record, rules, seen);
  const items: RecordItem[] = [];
  for (const { number, text } of linesOf(value)) {
    for (const { at, decoded } of itemsOf(shape, { key, value: text, headers }, rules, seen))
      items.push({ at: `line ${number} ${at}`.trim(), decoded });
    if (items.length > ITEMS_MAX) return [tooMany(number)];
  }
  return items;
};

const tooMany = (line: number): RecordItem => {
  const detail = `lines: the record has more than the ${ITEMS_MAX} alerts that are read of one; there were as many at line ${line}`;
  return { at: "", decoded: { kind: "unreadable", reason: "not-an-alert", detail } };
};

const itemsOf = (
  shape: Shape,
  record: EncodedRecord,
  rules: ReadingRules,
  seen?: Uint8Array,
): readonly RecordItem[] => {
  const content = openedBy(shape, record);
  if (content.kind !== "content") return [{ at: "", decoded: content }];
  const mapping = shape.mapping();
  const { value, key } = content;
  if (mapping === undefined)
    return [{ at: "", decoded: alertOf(shape.envelope?.alertOf(value, key, rules.key) ?? value, key, rules) }];
  return apply(mapping, mappedOf(content, record), seen).map((item) => ({
    at: item.at,
    decoded: decodedItem(item, key, rules),
  }));
};

/** Lines with something in them, numbered from 1. */
function* linesOf(value: Buffer): Iterable<{ readonly number: number; readonly text: Buffer }> {
  for (let [number, start] = [1, 0]; start < value.length; number++) {
    const newline = value.indexOf(NEWLINE, start);
    const end = newline < 0 ? value.length : newline;
    const text = value.subarray(start, end);
    if (text.some((byte) => !BLANK.has(byte))) yield { number, text };
    start = end + 1;
  }
}

const BLANK: ReadonlySet<number> = new Set([SPACE, TAB, RETURN]);
