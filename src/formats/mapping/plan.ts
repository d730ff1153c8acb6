/** What a mapping makes of records that are written alike: the fields that are the same in all of them are written at once. */

import { alertForm, type FormPart } from "../alert-form.js";
import type { AlertWords } from "../alert-words.js";
import type { AlertField } from "./words.js";

export interface Plan {
  /** They say what the words of the fixed fields mean. */
  readonly words: AlertWords;
  /** Undefined: one of them cannot be written, and all fields are taken. */
  readonly fixed: FormPart | undefined;
  /** The other fields. */
  readonly takes: readonly TakeField[];
}

/** Puts a field into `alertForm`. False: it cannot. */
export type TakeField = (words: AlertWords) => boolean;

/** `take` looks at these places and at no other. */
export interface Take {
  readonly field: AlertField;
  readonly looksAt: ReadonlySet<number>;
  readonly take: TakeField;
}

/** By a record that is found in `source`, which has the values that are fixed. `varying`: the places at which others have something else. */
export const planOf = (
  takes: readonly Take[],
  varying: ReadonlySet<number>,
  words: AlertWords,
  source: Buffer,
  memory: Buffer,
): Plan => {
  const isFixed = ({ field, looksAt }: Take): boolean =>
    !OF_EACH.has(field) && [...looksAt].every((place) => !varying.has(place));
  const fixed = writtenBy(takes.filter(isFixed), words, source, memory);
  const others = fixed === undefined ? takes : takes.filter((one) => !isFixed(one));
  return { words, fixed, takes: others.map(({ take }) => take) };
};

const writtenBy = (takes: readonly Take[], words: AlertWords, source: Buffer, memory: Buffer): FormPart | undefined => {
  if (!alertForm.begin(source, memory)) return undefined;
  const part = takes.every(({ take }) => take(words)) ? alertForm.part() : undefined;
  alertForm.undo();
  return part;
};

/** Fields of which a form has to say where they stand. Hardly a topic has one device. */
const OF_EACH: ReadonlySet<AlertField> = new Set(["deviceId", "occurredAt"]);
