/** The mapping that `run` reads a topic with: one alert, at most, from each record. */

import type { FileError, FileReader, Parsed } from "../../yaml-file/document.js";
import type { Mapping } from "./compile.js";
import { type MappingChecks, type Mappings, mappingOf, mappingsReader } from "./mapping-file.js";

/** `topic`: what is read. */
export const runMappingReader = (checks: MappingChecks, topic: string): FileReader<Mapping> => {
  const { parse, unreadable } = mappingsReader(checks);
  return {
    unreadable,
    parse(text, path) {
      const result = parse(text, path);
      return result.ok ? forRun(result.value, topic) : result;
    },
  };
};

const forRun = (mappings: Mappings, topic: string): Parsed<Mapping> => {
  const mapping = mappingOf(mappings, topic);
  if (mapping === undefined) {
    const problem = `it has no mapping for the topic ${topic}, only for ${[...mappings.topics.keys()].join(", ")}`;
    return {
      ok: false,
      errors: [
        {
          where: mappings.where(["topics"]),
          problem,
          expected: "a mapping for the topic under topics, or one for all of them beside topics (KAFKA_ALERTS_TOPIC)",
          example: `topics: { ${topic}: { fields: { … } } }`,
        },
      ],
    };
  }
  const path = mappings.topics.has(topic) ? ["topics", topic] : [];
  const several = [...(mapping.each === undefined ? [] : ["each"]), ...(mapping.lines ? ["lines"] : [])].map(
    (key): FileError => ({
      where: mappings.where(path, key),
      problem: `${key} makes several alerts of one record, and run reads one alert from each`,
      ...RIGHT,
    }),
  );
  return several.length > 0 ? { ok: false, errors: several } : { ok: true, value: mapping };
};

const RIGHT = {
  expected:
    "a mapping of one record to one alert; alert-digest translate reads several, and writes them to the topic that run reads",
  example: "alert-digest translate",
};
