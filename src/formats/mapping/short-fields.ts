/** How each field of an alert is made of the bytes that its sources point to. */

import type { Severity, Status } from "../../core/alert.js";
import { ANY_TEXT, alertForm, DEVICE_ID, MESSAGE, TYPE } from "../alert-form.js";
import { type AlertWords, PIECES, type Said } from "../alert-words.js";
import { type Piece, pieceOf } from "../piece.js";
import { mayBeBlank } from "../scanned-text.js";
import { writtenText } from "../written-text.js";
import { chainOf, firstOf, NOTHING, placeIn, UNKNOWN } from "./chain.js";
import { isDecimal, type Places } from "./places.js";
import type { TakeField } from "./plan.js";
import { Remembered } from "./remembered.js";
import type { Source } from "./scope.js";
import { type SourceShape, shapeOf } from "./source-shape.js";
import { ABSENT, ESCAPED, NUMBER, OTHER, PLAIN_NUMBER, TEXT } from "./value-kinds.js";
import type { AlertField, TimeForm } from "./words.js";

/** Undefined: this field has no short way. */
export const takeField = (field: AlertField, source: Source, places: Places): TakeField | undefined => {
  switch (field) {
    case "deviceId":
      return textField(source, DEVICE_ID, PIECES.deviceId, places);
    case "message":
      return textField(source, MESSAGE, PIECES.message, places);
    case "type":
      return textField(source, TYPE, PIECES.type, places);
    case "deviceName":
    case "unit":
    case "alertId":
      return textField(source, ANY_TEXT, PIECES[field], places);
    case "severity":
      return wordField(
        source,
        places,
        (word, words) => words.severity(word),
        (said) => alertForm.saySeverity(said as Said<Severity>),
      );
    case "status":
      return wordField(
        source,
        places,
        (word, words) => words.status(word),
        (said) => alertForm.sayStatus(said as Said<Status>),
      );
    case "value":
    case "threshold":
      return numberField(source, PIECES[field], places);
    case "occurredAt":
      return timeField(source, places);
    case "labels":
      return labelsField(source, places);
  }
};

const WRITTEN = 1;

/** Writes a text: `WRITTEN`, `NOTHING` or `UNKNOWN`. */
type WriteText = (piece: Piece) => number;

const textField = (source: Source, is: number, piece: Piece, places: Places): TakeField | undefined => {
  const shape = shapeOf(source);
  if (shape?.kind === "always") return constantText(shape.value, is, piece);
  const sources = shape?.kind === "first" ? shape.sources : [source];
  const writes: WriteText[] = [];
  for (const one of sources) {
    const write = writeText(one, is, places);
    if (write === undefined) return undefined;
    writes.push(write);
  }
  return () => {
    for (let i = 0; i < writes.length; i++) {
      const written = (writes[i] as WriteText)(piece);
      if (written !== NOTHING) return written === WRITTEN;
    }
    return true;
  };
};

const constantText = (value: unknown, is: number, piece: Piece): TakeField | undefined => {
  if (typeof value !== "string" || value.trim() === "" || (is !== ANY_TEXT && is !== MESSAGE)) return undefined;
  const rest = pieceOf(JSON.stringify(value).slice(1));
  return () => {
    alertForm.openText(piece);
    return alertForm.constant(rest, is === MESSAGE);
  };
};

const writeText = (source: Source, is: number, places: Places): WriteText | undefined => {
  const shape = shapeOf(source);
  if (shape?.kind === "template") return templateText(shape, is, places);
  if (shape?.kind !== "place") return undefined;
  const place = placeIn(shape.text, places);
  if (place === undefined) return undefined;
  return (piece) => {
    const kind = places.is[place];
    if (kind === ABSENT) return NOTHING;
    if (kind !== TEXT && kind !== ESCAPED) return UNKNOWN;
    const [from, to] = [places.from[place] as number, places.to[place] as number];
    if (from === to) return NOTHING;
    if (mayBeBlank(places.bytes, from)) return UNKNOWN;
    alertForm.openText(piece);
    return alertForm.addJson(from, to) && alertForm.closeText(is, kind === ESCAPED) ? WRITTEN : UNKNOWN;
  };
};

const templateText = (
  { parts }: Extract<SourceShape, { kind: "template" }>,
  is: number,
  places: Places,
): WriteText | undefined => {
  const steps: { readonly fixed: Piece; readonly place: number; readonly hasEscapes: boolean }[] = [];
  for (const { fixed, source } of parts) {
    const chain = source === undefined ? [NOTHING] : chainOf(source, places);
    if (chain === undefined) return undefined;
    const written = JSON.stringify(fixed).slice(1, -1);
    steps.push({ fixed: pieceOf(written), place: chain[0] as number, hasEscapes: written.includes("\\") });
  }
  return (piece) => {
    let found = false;
    let escaped = false;
    alertForm.openText(piece);
    for (let i = 0; i < steps.length; i++) {
      const { fixed, place, hasEscapes } = steps[i] as (typeof steps)[number];
      escaped ||= hasEscapes;
      if (!alertForm.addPiece(fixed)) return UNKNOWN;
      if (place === NOTHING) continue;
      const added = addPart(place, places);
      if (added === UNKNOWN) return UNKNOWN;
      if (added === WRITTEN) found = true;
      if (places.is[place] === ESCAPED) escaped = true;
    }
    if (!found) {
      alertForm.dropText(piece);
      return NOTHING;
    }
    return alertForm.closeText(is, escaped) ? WRITTEN : UNKNOWN;
  };
};

const MISSING = pieceOf("-");

/** Of a text with parts: what stands there, or a dash. */
const addPart = (place: number, places: Places): number => {
  const is = places.is[place];
  const [from, to] = [places.from[place] as number, places.to[place] as number];
  if (is === ABSENT || ((is === TEXT || is === ESCAPED) && from === to))
    return alertForm.addPiece(MISSING) ? NOTHING : UNKNOWN;
  if (is === PLAIN_NUMBER || is === OTHER || to - from > TEXT_MAX) return UNKNOWN;
  if (is !== NUMBER && mayBeBlank(places.bytes, from)) return UNKNOWN;
  return alertForm.addJson(from, to) ? WRITTEN : UNKNOWN;
};

/** `look`: what a word says; `say`: puts it into the form. */
const wordField = (
  source: Source,
  places: Places,
  look: (word: string, words: AlertWords) => Said<unknown> | undefined,
  say: (said: Said<unknown>) => void,
): TakeField | undefined => {
  const shape = shapeOf(source);
  const table = shape?.kind === "table" ? shape : undefined;
  const chain = shape?.kind === "always" ? [] : chainOf(table?.of ?? source, places);
  if (chain === undefined) return undefined;
  const constant = shape?.kind === "always" ? shape.value : undefined;
  let by: AlertWords | undefined;
  const saidOf = (value: unknown): Said<unknown> | typeof NOTHING | undefined => {
    const converted = table === undefined ? value : table.look(value);
    if (converted === undefined || converted === null) return NOTHING;
    const word = writtenText(converted);
    return word.trim() === "" ? NOTHING : look(word, by as AlertWords);
  };
  const remembered = new Remembered(saidOf);
  let otherwise: ReturnType<typeof saidOf>;
  return (words) => {
    if (words !== by) {
      by = words;
      remembered.forget();
      otherwise = saidOf(constant);
    }
    const place = firstOf(chain, places);
    if (place === UNKNOWN) return false;
    const is = place === NOTHING ? ABSENT : places.is[place];
    if (is === ESCAPED || is === PLAIN_NUMBER || is === OTHER) return false;
    const said = place === NOTHING ? otherwise : remembered.of(places, place);
    if (said === undefined) return false;
    if (said !== NOTHING) say(said);
    return true;
  };
};

const numberField = (source: Source, piece: Piece, places: Places): TakeField | undefined => {
  const shape = shapeOf(source);
  if (shape?.kind === "always") {
    const { value } = shape;
    return typeof value === "number" ? () => alertForm.number(piece, value) : undefined;
  }
  const converts = shape?.kind === "number";
  const chain = chainOf(converts ? shape.of : source, places);
  if (chain === undefined) return undefined;
  return () => {
    const place = firstOf(chain, places);
    if (place === NOTHING) return true;
    if (place === UNKNOWN) return false;
    const is = places.is[place];
    const [from, to] = [places.from[place] as number, places.to[place] as number];
    const isNumber =
      is === NUMBER || is === PLAIN_NUMBER || (converts && is === TEXT && isDecimal(places.bytes, from, to));
    return isNumber && alertForm.numberAsWritten(piece, from, to);
  };
};

const timeField = (source: Source, places: Places): TakeField | undefined => {
  const shape = shapeOf(source);
  const form = shape?.kind === "time" ? shape.form : undefined;
  const chain = chainOf(shape?.kind === "time" ? shape.of : source, places);
  if (chain === undefined) return undefined;
  return () => {
    const place = firstOf(chain, places);
    if (place === NOTHING) return true;
    if (place === UNKNOWN) return false;
    const is = places.is[place];
    const [from, to] = [places.from[place] as number, places.to[place] as number];
    if (form === undefined) return is === TEXT && alertForm.time(from, to);
    const digits = is === TEXT || is === NUMBER ? digitsOf(places.bytes, from, to) : Number.NaN;
    return alertForm.instant(millisecondsOf(digits, form), 0, 0);
  };
};

/** NaN where one of them is none, or there are more than a number holds. */
const digitsOf = (bytes: Uint8Array, from: number, to: number): number => {
  if (to - from > 15) return Number.NaN;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

const millisecondsOf = (number: number, form: TimeForm): number => {
  switch (form) {
    case "epoch-s":
      return number * 1_000;
    case "epoch-us":
      return Math.trunc(number / 1e3);
    case "epoch-ns":
      return Math.trunc(number / 1e6);
    default:
      return number;
  }
};

const labelsField = (source: Source, places: Places): TakeField | undefined => {
  const shape = shapeOf(source);
  if (shape?.kind !== "named-texts") return undefined;
  const labels: { readonly name: Piece; readonly chain: readonly number[] }[] = [];
  for (const [name, one] of shape.sources) {
    const chain = chainOf(one, places);
    if (chain === undefined) return undefined;
    labels.push({ name: pieceOf(`${JSON.stringify(name)}:"`), chain });
  }
  return () => {
    let found = false;
    for (let i = 0; i < labels.length; i++) {
      const { name, chain } = labels[i] as (typeof labels)[number];
      const place = firstOf(chain, places);
      if (place === NOTHING) continue;
      const is = place === UNKNOWN ? OTHER : places.is[place];
      if (is === OTHER || is === PLAIN_NUMBER) return false;
      const [from, to] = [places.from[place] as number, places.to[place] as number];
      if (!found) alertForm.beginLabels();
      found = true;
      if (to - from > TEXT_MAX || !alertForm.namedLabel(name, from, to)) return false;
    }
    if (found) alertForm.endLabels();
    return true;
  };
};

/** Longer ones are cut where they are part of another text. */
const TEXT_MAX = 10_000;
