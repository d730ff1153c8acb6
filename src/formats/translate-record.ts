import { tooLarge } from "../core/alert.js";
import { BRACE } from "../core/ascii.js";
import type {
  AlertCodec,
  Decoded,
  EncodedRecord,
  RecordDeadLetter,
  RecordHeaders,
  SourceRecord,
  Translated,
  TranslatedRecord,
} from "../runtime/ports.js";
import { copiedHeaders, REDRIVES_HEADER } from "../runtime/record-headers.js";
import { headerText, lastHeader } from "./envelopes/envelope.js";
import { FORM_HEADER, OWN_FORM } from "./form-header.js";

/** What one alert of a record became. `at`: a JSON Pointer to it in the record; empty where the record is one alert. */
export interface RecordItem {
  readonly at: string;
  readonly decoded: Decoded;
}

/** Names where an alert came from: `topic/partition/offset`, and `#pointer` where the record holds several. */
export const SOURCE_HEADER = "alert-digest.source";

/** On a record that was written back from the dead letters: a JSON Pointer to the one alert of it that is still to be translated. */
export const ONLY_ITEM_HEADER = "alert-digest.only-item";

/** What is taken over from the record: it belongs to the trace that the producer began (W3C Trace Context). */
const PASSED_ON = ["traceparent", "tracestate"];

/** How a record of an input topic becomes alerts that are keyed by device. Pure. */
export const createTranslation = (deps: {
  readonly topic: string;
  readonly partition: number;
  /** Every alert of a record. */
  readonly readItems: (record: EncodedRecord) => readonly RecordItem[];
  readonly codec: Pick<AlertCodec, "parse" | "deviceOf">;
}) => {
  const { topic, partition, readItems, codec } = deps;

  const letterOf = (record: SourceRecord, { at, reason, detail, severity }: UnreadableItem): RecordDeadLetter => ({
    kind: "record",
    stage: "decode",
    reason,
    detail: at === "" ? detail : `${at}: ${detail}`,
    ...(severity !== undefined && { severity }),
    topic,
    partition,
    offset: record.offset,
    timestampMs: record.timestampMs,
    key: record.key === null ? null : Buffer.from(record.key),
    device: codec.deviceOf?.(record),
    value: record.value ?? NOTHING,
    ...(record.unkeptBytes !== undefined && { isUnkept: true as const }),
    ...(record.headers !== undefined && { headers: copiedHeaders(record.headers) }),
    redrives: record.redrives ?? 0,
    ...(at !== "" && { item: at }),
  });

  const alertOf = (record: SourceRecord, at: string, decoded: Decoded & { kind: "alert" }): TranslatedRecord => {
    const { offset, timestampMs, redrives = 0, headers } = record;
    return {
      key: Buffer.from(decoded.deviceId),
      value: asJson(decoded.bytes, codec),
      timestampMs: timestampMs < 0 ? undefined : timestampMs,
      headers: {
        ...passedOn(headers),
        ...(redrives > 0 && { [REDRIVES_HEADER]: String(redrives) }),
        // Whoever reads both topics with the same settings takes no envelope off it, and maps it no more.
        [FORM_HEADER]: OWN_FORM,
        [SOURCE_HEADER]: `${topic}/${partition}/${offset}${at === "" ? "" : `#${at}`}`,
      },
    };
  };

  const withoutValue = (record: SourceRecord): Translated => {
    if (record.unkeptBytes === undefined) return { alerts: [], letters: [], ignored: 1 };
    return { alerts: [], letters: [letterOf(record, wholly(tooLarge(record.unkeptBytes)))], ignored: 0 };
  };

  /** A letter for each; where they are many one for the record, and then none of its alerts is written: a redrive brings all of them back. */
  const unreadable = (record: SourceRecord, items: readonly UnreadableItem[], alerts: readonly TranslatedRecord[]) => {
    const [first] = items;
    if (first === undefined || items.length <= LETTERS_MAX)
      return { alerts, letters: items.map((item) => letterOf(record, item)) };
    const of = `of its ${items.length + alerts.length} alerts`;
    const what =
      alerts.length === 0 ? `none ${of} can be read` : `${items.length} ${of} cannot be read, so none is written`;
    const letter = letterOf(record, { ...first, at: "", detail: `${what}: ${first.at}: ${first.detail}` });
    return { alerts: [], letters: [letter] };
  };

  /** The good alerts of a record go on, whatever is wrong with a few others. */
  const translate = (source: SourceRecord): Translated => {
    const { key, headers } = source;
    if (source.value === null) return withoutValue(source);
    const wanted = headerText(headers, ONLY_ITEM_HEADER);
    const alerts: TranslatedRecord[] = [];
    const bad: UnreadableItem[] = [];
    let ignored = 0;
    for (const { at, decoded } of readItems({ key, value: source.value, headers })) {
      if (wanted !== undefined && at !== "" && at !== wanted) continue;
      if (decoded.kind === "alert") alerts.push(alertOf(source, at, decoded));
      else if (decoded.kind === "ignored") ignored++;
      else bad.push({ at, ...decoded });
    }
    return bad.length === 0 ? { alerts, letters: [], ignored } : { ...unreadable(kept(source), bad, alerts), ignored };
  };

  return {
    translate,
    letterOf: (record: SourceRecord, detail: string) => letterOf(kept(record), wholly(detail)),
  };
};

type UnreadableItem = { readonly at: string } & (Decoded & { readonly kind: "unreadable" });

/** The record itself is too large, whatever is in it. */
const wholly = (detail: string): UnreadableItem => ({ kind: "unreadable", at: "", reason: "too-large", detail });

/** Each letter has the whole record. */
const LETTERS_MAX = 16;
const NOTHING = Buffer.alloc(0);

/** With a copy of its value, for all letters of it: the record's is a slice of a whole fetch. A spread has neither key nor value of what makes them when asked. */
const kept = (record: SourceRecord): SourceRecord =>
  record.value === null ? record : { ...record, key: record.key, value: Buffer.from(record.value) };

const asJson = (bytes: Buffer, codec: Pick<AlertCodec, "parse">): Buffer =>
  bytes[0] === BRACE ? Buffer.from(bytes) : Buffer.from(JSON.stringify(codec.parse(bytes)));

const passedOn = (headers: RecordHeaders | undefined): Record<string, Buffer> => {
  const found: Record<string, Buffer> = {};
  for (const name of PASSED_ON) {
    const value = lastHeader(headers, name);
    if (value !== undefined) found[name] = Buffer.from(value as Buffer);
  }
  return found;
};
