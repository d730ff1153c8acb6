/** The mappings that `translate` reads its topics with: one for each, or one for all. */

import type { FileError, FileReader } from "../../yaml-file/document.js";
import { type MappingChecks, type Mappings, mappingOf, mappingsReader } from "./mapping-file.js";

/** `topics`: what is read. */
export const translateMappingReader = (checks: MappingChecks, topics: readonly string[]): FileReader<Mappings> => {
  const { parse, unreadable } = mappingsReader(checks);
  return {
    unreadable,
    parse(text, path) {
      const result = parse(text, path);
      if (!result.ok) return result;
      const errors = topics
        .filter((topic) => mappingOf(result.value, topic) === undefined)
        .map(
          (topic): FileError => ({
            where: result.value.where(["topics"]),
            problem: `it has no mapping for the topic ${topic}, which TRANSLATE_FROM names`,
            expected: "a mapping for each topic under topics, or one for all of them",
            example: `topics: { ${topic}: { fields: { … } } }`,
          }),
        );
      return errors.length > 0 ? { ok: false, errors } : result;
    },
  };
};
