/**
 * A mapping by the bytes of its records: found by one walk, written into the alert's own form, and nothing made in between. What it answers is what `apply`
 * and `readAlert` come to. Mappings with lists, with JSON in texts, with keys or headers have no such way, nor has a record that is written in a rare one.
 */

import type { Room } from "../../core/alert-buffer.js";
import type { Decoded, EncodedRecord } from "../../runtime/ports.js";
import { alertForm } from "../alert-form.js";
import type { AlertWords } from "../alert-words.js";
import type { Condition } from "./compile.js";
import type { CompiledField } from "./fields.js";
import { Places } from "./places.js";
import { type Plan, planOf, type Take, type TakeField } from "./plan.js";
import { Remembered } from "./remembered.js";
import { plainText } from "./scope.js";
import { takeField } from "./short-fields.js";
import { ABSENT, NUMBER, TEXT } from "./value-kinds.js";

export interface ShortMapping {
  /** Undefined: the record has to be read as others are. */
  decode(record: EncodedRecord, words: AlertWords, room?: Room): Decoded | undefined;
}

/** `only`: in the order in which they are asked. */
export const shortMapping = (
  fields: readonly CompiledField[],
  only: readonly Condition[],
): ShortMapping | undefined => {
  const places = new Places();
  const takes: Take[] = [];
  for (const [field, source] of fields) {
    const [take, looksAt] = places.addedBy(() => takeField(field, source, places));
    if (take === undefined) return undefined;
    takes.push({ field, looksAt, take });
  }
  const allFields = takes.map(({ take }) => take);
  const asks: Ask[] = [];
  for (const condition of only) {
    const ask = askOf(condition, places);
    if (ask === undefined) return undefined;
    asks.push(ask);
  }
  const planFor = (value: Buffer, words: AlertWords): Plan | undefined => {
    const { outline } = places;
    if (outline !== undefined && outline.plan?.words !== words)
      outline.plan = planOf(takes, outline.varying, words, value, places.bytes);
    return outline?.plan;
  };
  return {
    decode({ key, value }, words, room) {
      if (!places.find(value)) return undefined;
      for (let i = 0; i < asks.length; i++) {
        const answer = (asks[i] as Ask)();
        if (answer !== true) return answer;
      }
      const plan = planFor(value, words);
      if (!alertForm.begin(value, places.bytes, room)) return undefined;
      if (plan?.fixed !== undefined && !alertForm.addPart(plan.fixed)) return alertForm.undo();
      const left = plan === undefined ? allFields : plan.takes;
      for (let i = 0; i < left.length; i++) if (!(left[i] as TakeField)(words)) return alertForm.undo();
      return alertForm.alert(words.rules.key === "any" ? null : key);
    },
  };
};

/** True: it holds; undefined: nobody knows. */
type Ask = () => true | Decoded | undefined;

const askOf = ({ text, values, elsewhere: detail }: Condition, places: Places): Ask | undefined => {
  const place = places.add(text.replace(/^#/, ""));
  if (place === undefined) return undefined;
  const remembered = new Remembered<boolean>((value) => values.has(plainText(value) as string));
  const elsewhere: Decoded = { kind: "ignored", detail };
  return () => {
    const is = places.is[place];
    if (is === ABSENT) return elsewhere;
    if (is !== TEXT && is !== NUMBER) return undefined;
    return remembered.of(places, place) || elsewhere;
  };
};
