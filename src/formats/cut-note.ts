import { type Alert, CUT_FIELDS, type CutFields } from "../core/alert.js";

/** By which an alert's own form says what of it was cut. No producer has a field of this name by chance. */
export const CUT_NOTE = "alert-digest.cut";

/** What an object says of it. Nothing else is taken: a producer may have written it. */
export const cutIn = (fields: object): Pick<Alert, "cut"> | undefined => {
  const note = (fields as Readonly<Record<string, unknown>>)[CUT_NOTE];
  return note === undefined ? undefined : cutOf(note);
};

const cutOf = (note: unknown): Pick<Alert, "cut"> | undefined => {
  if (typeof note !== "object" || note === null) return undefined;
  const said = note as Readonly<Record<string, unknown>>;
  const cut: { -readonly [field in keyof CutFields]: CutFields[field] } = {};
  for (const field of CUT_FIELDS) {
    const count = Object.hasOwn(said, field) ? said[field] : undefined;
    if (typeof count === "number" && Number.isSafeInteger(count) && count > 0) cut[field] = count;
  }
  return Object.keys(cut).length === 0 ? undefined : { cut };
};

/** The same, as an object for JSON. */
export const cutNote = (cut: CutFields | undefined): Readonly<Record<string, CutFields>> | undefined =>
  cut === undefined ? undefined : { [CUT_NOTE]: cut };
