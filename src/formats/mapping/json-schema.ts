/** The shape of `MAPPING_FILE` as JSON Schema, for editors. `compile` is what the product goes by; a test holds the two together. */

import { SEVERITIES, STATUSES } from "../../core/alert.js";
import { ALERT_FIELDS, type AlertField, TIMES, WORDS, type Word } from "./words.js";

const described = (word: Word, schema: object): object => ({ description: WORDS[word].expected, ...schema });

const POINTER = "(/([^~]|~[01])*)";
const pointer = { type: "string", pattern: `^${POINTER}?$`, maxLength: 1_000 };
/** A pointer, the whole record, the key, a header, or a text with one of them in braces. */
const source = {
  type: "string",
  pattern: `^(#?${POINTER}|#|key|header:.+|[^/]*\\{(#?/|#\\}|key\\}|header:)[^}]*\\}?.*)$`,
  maxLength: 2_000,
};
const sources = { anyOf: [source, { type: "array", items: source, minItems: 1, maxItems: 20 }] };
const scalar = { type: ["string", "number", "boolean"] };
const yes = { const: true };

/** What a table or a constant of that field may say. */
const saidOf = (field: AlertField): object => {
  if (field === "severity") return { enum: SEVERITIES };
  if (field === "status") return { enum: STATUSES };
  return field === "value" || field === "threshold" ? { type: "number" } : scalar;
};

const definition = (properties: Readonly<Record<string, object>>, required: readonly string[]): object => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

const from = described("from", sources);

const conversionsOf = (field: AlertField): readonly object[] => {
  switch (field) {
    case "labels":
      return [
        definition({ from: described("from", { anyOf: [{ const: "" }, sources] }), texts: described("texts", yes) }, [
          "from",
          "texts",
        ]),
        definition(
          {
            texts: described("texts", {
              type: "object",
              additionalProperties: sources,
              minProperties: 1,
              maxProperties: 100,
            }),
          },
          ["texts"],
        ),
        definition(
          { from, pairs: described("pairs", { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 }) },
          ["from", "pairs"],
        ),
      ];
    case "value":
    case "threshold":
      return [definition({ from, number: described("number", yes) }, ["from", "number"])];
    case "occurredAt":
      return [definition({ from, time: described("time", { enum: TIMES }) }, ["from", "time"])];
    default:
      return [];
  }
};

const definitionsOf = (field: AlertField): readonly object[] => {
  const said = saidOf(field);
  const table = { type: "object", additionalProperties: said, minProperties: 1, maxProperties: 1_000 };
  const constants =
    field === "labels"
      ? []
      : [
          definition({ always: described("always", { ...said, not: { const: "" } }) }, ["always"]),
          definition({ from, values: described("values", table), otherwise: described("otherwise", said) }, [
            "from",
            "values",
          ]),
        ];
  return [definition({ from }, ["from"]), ...constants, ...conversionsOf(field)];
};

const fieldOf = (field: AlertField): object => {
  const entry = { anyOf: [source, ...definitionsOf(field)] };
  return described(field === "labels" ? "labels" : "field", {
    anyOf: [...entry.anyOf, { type: "array", items: entry, minItems: 1, maxItems: 20 }],
  });
};

const mapping = {
  each: described("each", pointer),
  lines: described("lines", { type: "boolean" }),
  only: described("only", {
    type: "object",
    minProperties: 1,
    maxProperties: 20,
    propertyNames: { pattern: `^(#?${POINTER}|#|key|header:.+)?$` },
    additionalProperties: { anyOf: [scalar, { type: "array", items: scalar, minItems: 1, maxItems: 100 }] },
  }),
  unwrap: described("unwrap", pointer),
  open: described("open", { anyOf: [pointer, { type: "array", items: pointer, minItems: 1, maxItems: 10 }] }),
  fields: described("fields", {
    type: "object",
    additionalProperties: false,
    anyOf: [{ required: ["message"] }, { required: ["type"] }],
    properties: Object.fromEntries(ALERT_FIELDS.map((field) => [field, fieldOf(field)])),
  }),
};

/** As published in `schemas/mapping.schema.json`. */
export const mappingJsonSchema = (): object => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Mappings of alert-digest",
  description: "Where the fields of an alert stand in somebody else's JSON: docs/mapping.md",
  type: "object",
  additionalProperties: false,
  required: ["version"],
  anyOf: [{ required: ["fields"] }, { required: ["topics"] }],
  // What stands beside topics is a mapping of its own, and a mapping has fields.
  dependentRequired: Object.fromEntries(["each", "lines", "only", "unwrap", "open"].map((key) => [key, ["fields"]])),
  properties: {
    version: described("version", { const: 1 }),
    topics: described("topics", {
      type: "object",
      minProperties: 1,
      maxProperties: 1_000,
      additionalProperties: described("mapping", {
        type: "object",
        additionalProperties: false,
        required: ["fields"],
        properties: mapping,
      }),
    }),
    ...mapping,
  },
});
