import { tooLarge } from "../core/value-limit.js";
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

  const letterOf = (record: SourceRecord, reason: string, detail: string, at = ""): RecordDeadLetter => ({
    kind: "record",
    stage: "decode",
    reason,
    detail: at === "" ? detail : `${at}: ${detail}`,
    topic,
    partition,
    offset: record.offset,
    timestampMs: record.timestampMs,
    // Copies: the record's buffers are slices of a whole fetch.
    key: record.key === null ? null : Buffer.from(record.key),
    device: codec.deviceOf?.(record),
    value: Buffer.from(record.value ?? Buffer.alloc(0)),
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
    const letter = letterOf(record, "too-large", tooLarge(record.unkeptBytes));
    return { alerts: [], letters: [letter], ignored: 0 };
  };

  /** The good alerts of a record go on, whatever is wrong with the others. */
  const translate = (record: SourceRecord): Translated => {
    const { key, value, headers } = record;
    if (value === null) return withoutValue(record);
    const wanted = headerText(headers, ONLY_ITEM_HEADER);
    const alerts: TranslatedRecord[] = [];
    const letters: RecordDeadLetter[] = [];
    let ignored = 0;
    for (const { at, decoded } of readItems({ key, value, headers })) {
      if (wanted !== undefined && at !== "" && at !== wanted) continue;
      if (decoded.kind === "alert") alerts.push(alertOf(record, at, decoded));
      else if (decoded.kind === "ignored") ignored++;
      else {
        const { reason, detail, severity } = decoded;
        letters.push({ ...letterOf(record, reason, detail, at), ...(severity !== undefined && { severity }) });
      }
    }
    return { alerts, letters, ignored };
  };

  return {
    translate,
    letterOf: (record: SourceRecord, detail: string) => letterOf(record, "too-large", detail),
  };
};

const asJson = (bytes: Buffer, codec: Pick<AlertCodec, "parse">): Buffer =>
  bytes[0] === OPENING_BRACE ? Buffer.from(bytes) : Buffer.from(JSON.stringify(codec.parse(bytes)));

const OPENING_BRACE = 0x7b;

const passedOn = (headers: RecordHeaders | undefined): Record<string, Buffer> => {
  const found: Record<string, Buffer> = {};
  for (const name of PASSED_ON) {
    const value = lastHeader(headers, name);
    if (value !== undefined) found[name] = Buffer.from(value as Buffer);
  }
  return found;
};
