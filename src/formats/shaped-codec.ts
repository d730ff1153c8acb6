import { MAX_VALUE_BYTES, tooLarge } from "../core/alert.js";
import type { Room } from "../core/alert-buffer.js";
import type { AlertCodec, Decoded, EncodedRecord } from "../runtime/ports.js";
import { AlertWords } from "./alert-words.js";
import { bounded } from "./bounded.js";
import { createAlertCodec } from "./codec.js";
import { decodedOf } from "./decoded.js";
import { type Envelope, headerText, type Opened, type ReadValue } from "./envelopes/envelope.js";
import { FORM_HEADER, OWN_FORM } from "./form-header.js";
import { createKeyNames } from "./key-names.js";
import { apply, type MappedItem } from "./mapping/apply.js";
import type { Mapping } from "./mapping/compile.js";
import type { LookingOn } from "./mapping/first-records.js";
import { readSparse } from "./mapping/sparse.js";
import { readPlainJson } from "./plain-json.js";
import { type ReadingRules, readAlert } from "./read-alert.js";
import { keyOf } from "./record-key.js";
import type { RegistryReader } from "./registry/registry-reader.js";

/** The stages between a record's bytes and the object that is read as an alert. */
export interface Shape {
  /** Undefined: every record is JSON. */
  readonly registry: RegistryReader | undefined;
  /** Undefined: the value is the alert, or what is mapped. */
  readonly envelope: Envelope | undefined;
  /** Asked for each record: it may change. Undefined: the fields have their names already. */
  readonly mapping: () => Mapping | undefined;
  readonly firstRecords?: LookingOn | undefined;
}

/** Records that are not written as alerts: bytes → a plain value → what the envelope holds → what the mapping makes of it → an alert. */
export const createShapedCodec = (shape: Shape, rules: ReadingRules): AlertCodec => {
  const plain = createAlertCodec(rules);
  const words = new AlertWords(rules);
  return {
    // The alert's own form is the same for all records; schemas are asked for as without a shape.
    ...createAlertCodec(rules, shape.registry),
    deviceOf: createKeyNames(shape.registry, shape.envelope?.keyIn).deviceOf,
    decode: (record, room) =>
      isOwnForm(record) ? plain.decode(record) : bounded(decodeShaped(shape, record, words, room), rules),
  };
};

const isOwnForm = ({ headers }: EncodedRecord): boolean => headerText(headers, FORM_HEADER) === OWN_FORM;

const decodeShaped = (shape: Shape, record: EncodedRecord, words: AlertWords, room: Room | undefined): Decoded => {
  if (record.value.length > MAX_VALUE_BYTES)
    return { kind: "unreadable", reason: "too-large", detail: tooLarge(record.value.length) };
  const short = shortly(shape, record, words, room);
  if (short !== undefined) return short;
  const opened = sparselyOpened(shape, record) ?? openedBy(shape, record);
  return opened.kind === "content" ? decodedAs(shape, record, opened, words.rules) : opened;
};

/** Undefined: it has no such way, or somebody looks on. */
const shortly = (
  shape: Shape,
  record: EncodedRecord,
  words: AlertWords,
  room: Room | undefined,
): Decoded | undefined => {
  const { registry, envelope, firstRecords } = shape;
  const mapping = registry === undefined && envelope === undefined ? shape.mapping() : undefined;
  if (mapping?.short === undefined || firstRecords?.seen(mapping) !== undefined) return undefined;
  return mapping.short.decode(record, words, room);
};

/** Undefined: more of the record is needed than some of its parts. */
const sparselyOpened = ({ registry, envelope, mapping }: Shape, { key, value }: EncodedRecord): Content | undefined => {
  const wanted = mapping()?.wanted;
  if (wanted === undefined || registry !== undefined || envelope !== undefined) return undefined;
  const sparse = readSparse(value, wanted);
  return sparse === undefined ? undefined : { kind: "content", value: sparse, whole: sparse, key: keyOf(key) };
};

type Content = Extract<Opened, { kind: "content" }>;

/** Without an envelope the value is what there is. */
export const openedBy = (
  { registry, envelope }: Pick<Shape, "registry" | "envelope">,
  record: EncodedRecord,
): Opened => {
  const read = registry === undefined ? readJson : framed(registry);
  // Not a copy by spread: a record may make its value only when it is asked.
  const keyed =
    registry === undefined ? record : { key: registry.key(record), value: record.value, headers: record.headers };
  if (envelope !== undefined) return envelope.open(keyed, read);
  const value = read(keyed);
  if (!value.ok) return { kind: "unreadable", reason: value.reason, detail: value.detail };
  return { kind: "content", value: value.value, whole: value.value, key: keyOf(keyed.key) };
};

/** JSON in UTF-8. */
export const readJson: ReadValue = ({ value }) => readPlainJson(value);

const framed =
  (registry: RegistryReader): ReadValue =>
  (record) => {
    const value = registry.read(record);
    if (value === undefined) return readPlainJson(record.value);
    if (value.kind === "json") return readPlainJson(value.body);
    return value.kind === "value" ? { ok: true, value: value.value } : { ok: false, ...value };
  };

const decodedAs = (shape: Shape, record: EncodedRecord, content: Content, rules: ReadingRules): Decoded => {
  const { value, key } = content;
  const mapping = shape.mapping();
  if (mapping === undefined) return alertOf(shape.envelope?.alertOf(value, key, rules.key) ?? value, key, rules);
  const seen = shape.firstRecords?.seen(mapping);
  const [item] = apply(mapping, mappedOf(content, record), seen);
  if (seen !== undefined) shape.firstRecords?.mapped(item);
  return item === undefined ? { kind: "ignored", detail: "its list is empty" } : decodedItem(item, key, rules);
};

/** What a mapping made of an item. */
export const decodedItem = (item: MappedItem, key: Content["key"], rules: ReadingRules): Decoded => {
  if (item.kind === "alert") return alertOf(item.alert, key, rules);
  const { detail } = item;
  return item.kind === "ignored" ? { kind: "ignored", detail } : { kind: "unreadable", reason: "not-an-alert", detail };
};

/** An alert of its fields, whatever they were found by. */
export const alertOf = (fields: unknown, key: Content["key"], rules: ReadingRules): Decoded =>
  decodedOf(readAlert(fields, key, rules));

/** What a mapping is applied to. */
export const mappedOf = ({ value, whole, key }: Content, { headers }: EncodedRecord) => ({
  value,
  whole,
  key: key?.text,
  header: (name: string) => headerText(headers, name),
});
