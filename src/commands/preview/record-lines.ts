/** Records from a file with one a line, read as `run` and `translate` read them. */

import type { Alert } from "../../core/alert.js";
import { BRACE } from "../../core/ascii.js";
import { bounded } from "../../formats/bounded.js";
import { createAlertCodec } from "../../formats/codec.js";
import type { Mapping } from "../../formats/mapping/compile.js";
import { type Mappings, mappingOf } from "../../formats/mapping/mapping-file.js";
import type { ReadingRules } from "../../formats/read-alert.js";
import { recordItems } from "../../formats/record-items.js";
import type { Shape } from "../../formats/shaped-codec.js";
import type { Decoded, EncodedRecord } from "../../runtime/ports.js";
import { type AlertLine, linesOf } from "./alert-lines.js";

export interface ReadRecords {
  readonly alerts: readonly AlertLine[];
  /** What became of each record and of each part of one, a line of text for each. */
  readonly told: readonly string[];
  /** Parts that are no alerts and were not meant to be ignored. */
  readonly bad: number;
  /** Sources of the mapping that were looked at and found nothing in any record: `unit: /unit`. */
  readonly unfound: readonly string[];
}

/** `mappings`: undefined without a mapping. */
export const readRecordLines = (
  file: Buffer,
  {
    rules,
    envelope,
    mappings,
  }: {
    readonly rules: ReadingRules;
    readonly envelope: Shape["envelope"];
    readonly mappings: Mappings | undefined;
  },
): ReadRecords => {
  const codec = createAlertCodec(rules);
  const alerts: AlertLine[] = [];
  const told: string[] = [];
  const seen = new Map<Mapping, Uint8Array>();
  let bad = 0;
  for (const { line, value } of linesOf(file)) {
    const { topic, record } = recordIn(value);
    if (record === undefined) {
      told.push(`line ${line}: ignored: its value is null: a tombstone`);
      continue;
    }
    const mapping = mappings && (topic === undefined ? theOnly(mappings) : mappingOf(mappings, topic));
    if (mappings !== undefined && mapping === undefined) {
      bad++;
      told.push(`line ${line}: the file has no mapping for ${topic ?? "records whose topic is not known"}`);
      continue;
    }
    const seenOf = mapping && (seen.get(mapping) ?? new Uint8Array(mapping.sources.length));
    if (mapping !== undefined && seenOf !== undefined) seen.set(mapping, seenOf);
    const shape: Shape = { registry: undefined, envelope, mapping: () => mapping };
    const items = recordItems(shape, record, rules, seenOf);
    if (items.length === 0) told.push(`line ${line}: no alert, its list is empty`);
    for (const { at, decoded: whole } of items) {
      const decoded = bounded(whole, rules);
      const alert = decoded.kind === "alert" ? codec.parse(decoded.bytes) : undefined;
      if (alert !== undefined) alerts.push({ line, alert });
      if (decoded.kind === "unreadable") bad++;
      told.push(`line ${line}${at === "" ? "" : `, ${at}`}: ${whatBecameOf(decoded, alert)}`);
    }
  }
  return { alerts, told, bad, unfound: [...seen].flatMap(([mapping, of]) => unfoundIn(mapping, of)) };
};

const whatBecameOf = (decoded: Decoded, alert: Alert | undefined): string => {
  if (alert !== undefined) return `${alert.deviceId}: ${alert.severity}, ${alert.status}: ${alert.message}`;
  if (decoded.kind === "unreadable") return `${decoded.reason}: ${decoded.detail}`;
  return decoded.kind === "ignored" ? `ignored: ${decoded.detail}` : "";
};

const theOnly = ({ mapping, topics }: Mappings): Mapping | undefined =>
  mapping ?? (topics.size === 1 ? [...topics.values()][0] : undefined);

/** A record as `kcat -J` prints it, with its key, headers and topic; any other line is the value itself. Undefined: its value is null. */
const recordIn = (line: Buffer): { readonly topic: string | undefined; readonly record: EncodedRecord | undefined } => {
  const plain = { topic: undefined, record: { key: null, value: line } };
  if (line[0] !== BRACE) return plain;
  let json: unknown;
  try {
    json = JSON.parse(line.toString());
  } catch {
    return plain;
  }
  const { topic, partition, offset, key, payload, headers } = json as Readonly<Record<string, unknown>>;
  if (typeof topic !== "string" || typeof partition !== "number" || typeof offset !== "number") return plain;
  if (payload === null) return { topic, record: undefined };
  if (typeof payload !== "string") return plain;
  const value = Buffer.from(payload);
  return {
    topic,
    record: { key: typeof key === "string" ? Buffer.from(key) : null, value, headers: headersIn(headers) },
  };
};

/** Names and values in turn. */
const headersIn = (headers: unknown): Readonly<Record<string, string>> => {
  if (!Array.isArray(headers)) return {};
  const texts = headers.map(String);
  return Object.fromEntries(texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? ""]] : [])));
};

const unfoundIn = ({ sources }: Mapping, seen: Uint8Array): readonly string[] =>
  sources.flatMap(({ field, text }, index) => (seen[index] === LOOKED_AT ? [`${field}: ${text}`] : []));

/** See `Scope.seen`. */
const LOOKED_AT = 1;
