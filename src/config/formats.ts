/** How records are written: `RECORD_ENVELOPE` and `MAPPING_FILE`. */

import type { EnvReader } from "./reader.js";
import { readRules } from "./records.js";
import { type Config, RECORD_ENVELOPES } from "./shape.js";
import { oneOf, yamlPath } from "./values.js";
import { optional, variables, withDefault } from "./variable.js";

export const FORMATS = variables({
  RECORD_ENVELOPE: withDefault(oneOf(RECORD_ENVELOPES), {
    says: "what an alert is wrapped in",
    more: "See [record formats](record-formats.md).",
    default: "none",
    example: "connect",
    readBy: ["dead-letters", "preview", "translate"],
  }),
  MAPPING_FILE: optional(yamlPath, {
    says: "YAML file: where an alert's fields stand in other JSON",
    more: "See [mapping](mapping.md).",
    unset: "they have our names",
    example: "/etc/alert-digest/mapping.yaml",
    readBy: ["dead-letters", "preview", "translate"],
  }),
});

export const readFormats = (reader: EnvReader): Config["formats"] => {
  const envelope = reader.read(FORMATS.RECORD_ENVELOPE);
  return {
    rules: readRules(reader),
    envelope: envelope === "none" ? undefined : envelope,
    mappingFile: reader.read(FORMATS.MAPPING_FILE),
  };
};
