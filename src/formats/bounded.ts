/**
 * What of an alert is kept. A value may have a megabyte, and a window hundreds of alerts: mails, files and routes are to take as long as people can read.
 * The record itself stays as it is, in its topic and as a dead letter.
 */

import type { Alert, CutFields } from "../core/alert.js";
import { atMost } from "../core/at-most.js";
import { hash53 } from "../core/hash.js";
import type { Decoded, DecodedAlert, EncodedRecord, RepairedField } from "../runtime/ports.js";
import { LABEL_MAX, LABELS_CHARS_MAX, LABELS_MAX } from "./brief-json.js";
import { decodedOf, unreadable } from "./decoded.js";
import { readBriefJson } from "./plain-json.js";
import { type Reading, type ReadingRules, readAlert } from "./read-alert.js";
import { keyOf } from "./record-key.js";
import { comparable } from "./words.js";
import { cutWritten, WRITTEN_MAX } from "./written-text.js";

/** Below it nothing is cut, and nobody looks: nearly all alerts have a few hundred bytes. Also how many characters of a message are kept. */
export const WHOLE_BYTES = 4_096;
const MESSAGE_MAX = WHOLE_BYTES;
/** Of a name, as patterns of routes look at it. */
export const TEXT_MAX = 1_024;
/** Of the time's fraction: nanoseconds. */
const LONG_FRACTION = /([.,]\d{9})\d+/;

/** The same with its long texts cut, which its own form says too, so that whoever reads it again comes to the same; what is no field of an alert is gone. */
export const bounded = (decoded: Decoded, rules: ReadingRules): Decoded => {
  if (decoded.kind !== "alert" || sizeOf(decoded) <= WHOLE_BYTES) return decoded;
  const made = decodeLong({ key: null, value: decoded.bytes }, rules);
  // It is what a reader made, or was content with.
  if (made.kind !== "alert") return decoded;
  return { ...made, repairs: [...new Set<RepairedField>([...decoded.repairs, ...made.repairs])] };
};

/** Of plain JSON. What is not kept of it is not made either. */
export const decodeLong = ({ key, value }: Pick<EncodedRecord, "key" | "value">, rules: ReadingRules): Decoded => {
  const json = readBriefJson(value);
  if (!json.ok) return unreadable(json.reason, json.detail);
  return decodedOf(cutReading(readAlert(json.value, keyOf(key), rules), json.labelsLeftOut));
};

const cutReading = (reading: Reading, labelsLeftOut: number): Reading => {
  if (!reading.ok) return reading;
  const cuts = new Cuts(reading.alert.cut, labelsLeftOut);
  const alert = cutAlert(reading.alert, cuts);
  const { cut } = cuts;
  const repairs = [...new Set<RepairedField>([...reading.repairs, ...cuts.fields])];
  const severityWord = shortWord(reading.severityWord, alert);
  return { ok: true, alert: cut === undefined ? alert : { ...alert, cut }, repairs, severityWord };
};

const sizeOf = (decoded: DecodedAlert): number => {
  const { written } = decoded;
  return written === undefined ? decoded.bytes.length : written.to - written.from;
};

const cutAlert = (alert: Alert, cuts: Cuts): Alert => {
  const { deviceName, type, unit, occurredAt, alertId, labels } = alert;
  return {
    ...alert,
    message: cuts.text("message", alert.message, MESSAGE_MAX),
    deviceName: deviceName && cuts.text("deviceName", deviceName, TEXT_MAX),
    type: type && cuts.text("type", type, TEXT_MAX),
    unit: unit && cuts.text("unit", unit, TEXT_MAX),
    occurredAt: occurredAt?.replace(LONG_FRACTION, "$1"),
    alertId: alertId && cuts.id(alertId),
    labels: labels && cuts.labels(labels),
  };
};

/** As it is looked up, where blanks made it long. */
const shortWord = (word: string | undefined, { asWritten }: Alert): string | undefined => {
  if (word === undefined || word.length <= WRITTEN_MAX) return word;
  return asWritten?.severity ?? cutWritten(comparable(word));
};

/** What is cut of one alert. A text that was cut ends with an ellipsis, which its length does not count: cut again, it is the same. */
class Cuts {
  /** Now; what was cut before is known. */
  readonly fields: (keyof CutFields)[] = [];
  #cut: { -readonly [field in keyof CutFields]: CutFields[field] } | undefined;
  readonly #labelsLeftOut: number;

  /** `labelsLeftOut`: there are so many more than the alert has. */
  constructor(before: CutFields | undefined, labelsLeftOut: number) {
    this.#cut = before && { ...before };
    this.#labelsLeftOut = labelsLeftOut;
  }

  get cut(): CutFields | undefined {
    return this.#cut;
  }

  text(field: keyof CutFields, text: string, max: number): string {
    const short = cutText(text, max);
    if (short.length < text.length) this.#note(field, text.length);
    return short;
  }

  /** Two that begin alike stay two. */
  id(id: string): string {
    if (id.length <= LABEL_MAX) return id;
    this.#note("alertId", id.length);
    return `${cutText(id, LABEL_MAX - ID_END_MAX)}${hash53(id).toString(36)}`;
  }

  /** The first ones that there is room for: a large one does not push out those behind it. */
  labels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const kept: [string, string][] = [];
    let [left, missing, cut] = [LABELS_CHARS_MAX, this.#labelsLeftOut, 0];
    for (const name of Object.keys(labels)) {
      const text = labels[name] as string;
      const short = cutText(text, LABEL_MAX);
      const size = name.length + Math.min(short.length, LABEL_MAX);
      if (kept.length >= LABELS_MAX || size > left) {
        missing++;
        continue;
      }
      left -= size;
      if (short.length < text.length) cut++;
      kept.push([name, short]);
    }
    if (missing + cut === 0) return labels;
    this.#note("labels", missing + cut);
    return Object.fromEntries(kept);
  }

  /** A text that was cut before keeps its first length. */
  #note(field: keyof CutFields, count: number): void {
    this.#cut ??= {};
    this.#cut[field] = Math.max(count, this.#cut[field] ?? 0);
    this.fields.push(field);
  }
}

/** At most so many characters, and an ellipsis. */
const cutText = (text: string, max: number): string => {
  if (text.length <= max || (text.length === max + 1 && text.endsWith("…"))) return text;
  return `${atMost(text, max)}…`;
};

/** The ellipsis, and 53 bits in 36 digits. */
const ID_END_MAX = 12;
