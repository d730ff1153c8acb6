/** The fields of a mapping: for each field of an alert, what makes it of a record. */

import { SEVERITIES, STATUSES } from "../../core/alert.js";
import type { DataPath } from "../../yaml-file/yaml-text.js";
import { namedTextsOf, numberOf, pairsOf, tableOf, textsOf, timeOf } from "./conversions.js";
import { type Faults, isObject, isScalar, nameOf, scalarText, whatIs } from "./faults.js";
import type { Source } from "./scope.js";
import { type NamedSource, Sources } from "./source.js";
import { withShape } from "./source-shape.js";
import { ALERT_FIELDS, type AlertField, FIELD_KEYS, TIMES } from "./words.js";

export type CompiledField = readonly [field: AlertField, source: Source];

/** `named`: gets every source of them. */
export const compileFields = (
  value: unknown,
  path: DataPath,
  faults: Faults,
  named: NamedSource[],
): readonly CompiledField[] => {
  const fields = faults.object(value, path, ALERT_FIELDS, "fields");
  if (fields === undefined) return [];
  if (!("message" in fields) && !("type" in fields))
    faults.add(path, "neither message nor type is mapped: no alert could be read", "fields");
  return ALERT_FIELDS.filter((field) => Object.hasOwn(fields, field)).map((field) => {
    const one = new FieldCompiler(field, faults, named);
    return [field, one.compile(fields[field], [...path, field])];
  });
};

class FieldCompiler {
  readonly #field: AlertField;
  readonly #faults: Faults;
  readonly #sources: Sources;

  constructor(field: AlertField, faults: Faults, named: NamedSource[]) {
    this.#field = field;
    this.#faults = faults;
    this.#sources = new Sources(field, faults, named);
  }

  compile(value: unknown, path: DataPath): Source {
    if (isObject(value)) return this.#definition(value, path);
    return this.#sources.oneOrMany(value, path, (inner, at) => this.#definition(inner, at));
  }

  #definition(value: unknown, path: DataPath): Source {
    const definition = this.#faults.object(value, path, FIELD_KEYS, "field");
    if (definition === undefined) return nothing;
    const keys = FIELD_KEYS.filter((key) => Object.hasOwn(definition, key));
    if (keys.includes("always")) return this.#always(definition["always"], keys, path);
    const conversions = CONVERSIONS.filter((key) => keys.includes(key));
    if (conversions.length > 1) {
      this.#faults.add(path, `${conversions.join(" and ")} are both given`, "field", conversions[1]);
      return nothing;
    }
    if (keys.includes("otherwise") && !keys.includes("values"))
      this.#faults.add(path, "otherwise stands without values", "otherwise", "otherwise");
    const [conversion] = conversions;
    if (conversion === "texts" && isObject(definition["texts"])) return this.#namedTexts(definition, path);
    const source = this.#from(definition["from"], path, conversion === "texts");
    if (conversion === undefined) return source;
    return this.#converted(source, conversion, definition, path);
  }

  #from(from: unknown, path: DataPath, whole: boolean): Source {
    if (from === undefined) {
      this.#faults.add(path, `${nameOf(path)} says neither from nor always`, "field");
      return nothing;
    }
    if (whole && from === "") return this.#sources.text("", [...path, "from"], true);
    return this.#sources.oneOrMany(from, [...path, "from"]);
  }

  #always(value: unknown, keys: readonly string[], path: DataPath): Source {
    const [other] = keys.filter((key) => key !== "always");
    if (other !== undefined) this.#faults.add(path, `always and ${other} are both given`, "always", other);
    const at = [...path, "always"];
    if (!isScalar(value) || value === "") {
      this.#faults.add(at, `always ${value === "" ? "is empty" : whatIs(value)}`, "always");
      return nothing;
    }
    this.#known(value, at);
    return withShape({ kind: "always", value }, () => value);
  }

  #converted(source: Source, conversion: Conversion, definition: Definition, path: DataPath): Source {
    const value = definition[conversion];
    const at = [...path, conversion];
    const fields = FOR[conversion];
    if (fields !== undefined && !fields.includes(this.#field)) {
      this.#faults.add(
        path,
        `${conversion} is for ${fields.join(" and ")}, not for ${this.#field}`,
        conversion,
        conversion,
      );
      return nothing;
    }
    switch (conversion) {
      case "values":
        return this.#table(source, definition, at);
      case "time": {
        const form = this.#faults.oneOf(value, at, TIMES, "time");
        return form === undefined ? nothing : timeOf(source, form);
      }
      case "pairs": {
        const isPair = Array.isArray(value) && value.length === 2 && value.every((name) => typeof name === "string");
        if (isPair) return pairsOf(source, value as [string, string]);
        this.#faults.add(at, `pairs ${Array.isArray(value) ? "has not two names" : whatIs(value)}`, "pairs");
        return nothing;
      }
      case "number":
      case "texts":
        if (value === true) return conversion === "number" ? numberOf(source) : textsOf(source);
        this.#faults.add(at, `${conversion} ${whatIs(value)}`, conversion);
        return nothing;
    }
  }

  #table(source: Source, definition: Definition, at: DataPath): Source {
    const table = this.#faults.table(definition["values"], at);
    for (const [text, to] of table) this.#known(to, [...at, text]);
    const { otherwise } = definition;
    const path = [...at.slice(0, -1), "otherwise"];
    if (otherwise !== undefined && !isScalar(otherwise))
      this.#faults.add(path, `otherwise ${whatIs(otherwise)}`, "otherwise");
    else if (otherwise !== undefined) this.#known(otherwise, path);
    return tableOf(source, table, otherwise);
  }

  #namedTexts(definition: Definition, path: DataPath): Source {
    if (this.#field !== "labels")
      this.#faults.add(path, `texts is for labels, not for ${this.#field}`, "texts", "texts");
    if (definition["from"] !== undefined)
      this.#faults.add(
        path,
        "from and texts with names are both given: each name says where its text stands",
        "texts",
        "from",
      );
    const at = [...path, "texts"];
    const entries = Object.entries(definition["texts"] as Definition);
    if (entries.length === 0 || entries.length > LABELS_MAX)
      this.#faults.add(
        at,
        entries.length === 0 ? "texts is empty" : `texts has more than ${LABELS_MAX} names`,
        "texts",
      );
    return namedTextsOf(
      entries
        .slice(0, LABELS_MAX)
        .map(([name, source]) => [name, this.#sources.oneOrMany(source, [...at, name])] as const),
    );
  }

  /** What is the same for every alert can be checked here. */
  #known(value: unknown, path: DataPath): void {
    const words = this.#field === "severity" ? SEVERITIES : this.#field === "status" ? STATUSES : undefined;
    if (words !== undefined) this.#faults.oneOf(value, path, words, "values");
    else if ((this.#field === "value" || this.#field === "threshold") && typeof value !== "number")
      this.#faults.add(path, `${scalarText(value)} is no number, as ${this.#field} is`, "values");
    else if (this.#field === "labels") this.#faults.add(path, "labels are made by texts or pairs", "labels");
  }
}

type Definition = Readonly<Record<string, unknown>>;
const CONVERSIONS = ["values", "number", "time", "texts", "pairs"] as const;
type Conversion = (typeof CONVERSIONS)[number];

/** Conversions that only these fields have a use for. */
const FOR: Readonly<Record<Conversion, readonly AlertField[] | undefined>> = {
  values: undefined,
  number: ["value", "threshold"],
  time: ["occurredAt"],
  texts: ["labels"],
  pairs: ["labels"],
};

const nothing: Source = () => undefined;
const LABELS_MAX = 100;
