/** The text of `MAPPING_FILE` → its mappings, or everything that is wrong with it. Format: docs/mapping.md. Pure. */

import { type Document, type FileReader, inOrder, type Parsed, readDocument } from "../../yaml-file/document.js";
import { compileMapping, type Mapping } from "./compile.js";
import { Faults, isObject, type Nearest, nameOf, scalarText, whatIs } from "./faults.js";
import { WORDS } from "./words.js";

/** What only others know. */
export interface MappingChecks {
  /** The known name that differs least. */
  readonly nearest: Nearest;
  /** Why a file cannot be read, for people. */
  fileProblem(error: unknown): string;
}

export interface Mappings {
  /** Of every topic that has none of its own; undefined: the file has only those. */
  readonly mapping: Mapping | undefined;
  readonly topics: ReadonlyMap<string, Mapping>;
  /** Line and column in the file, as errors name them. */
  readonly where: Document["where"];
}

/** Undefined: the file has nothing for that topic. */
export const mappingOf = ({ mapping, topics }: Mappings, topic: string): Mapping | undefined =>
  topics.get(topic) ?? mapping;

/** `path`: as errors name the file. */
export const parseMappings = (
  text: string,
  path: string,
  { nearest }: Pick<MappingChecks, "nearest">,
): Parsed<Mappings> => {
  const read = readDocument(text, path, { what: "mappings", example: WORDS.file.example });
  if (!read.ok) return read;
  const faults = new Faults(nearest);
  const mappings = mappingsOf(read.value.data, faults);
  if (faults.all.length > 0) return { ok: false, errors: inOrder(read.value, faults.all) };
  return { ok: true, value: { ...mappings, where: read.value.where } };
};

export const mappingsReader = (checks: MappingChecks): FileReader<Mappings> => ({
  parse: (text, path) => parseMappings(text, path, checks),
  unreadable: (path, error) => ({
    where: path,
    problem: checks.fileProblem(error),
    expected: "a readable YAML file",
    example: "/etc/alert-digest/mapping.yaml",
  }),
});

const mappingsOf = (data: unknown, faults: Faults): Omit<Mappings, "where"> => {
  const none = { mapping: undefined, topics: new Map<string, Mapping>() };
  if (!isObject(data)) {
    faults.add([], data === null || data === undefined ? "the file is empty" : `the file ${whatIs(data)}`, "file");
    return none;
  }
  if (data["version"] !== 1) {
    const problem =
      "version" in data
        ? `version ${data["version"] === null ? "has no value" : `is ${scalarText(data["version"])}`}`
        : "version is missing";
    faults.add("version" in data ? ["version"] : [], problem, "version");
  }
  const topics = topicsOf(data, faults);
  const isOnlyTopics = "topics" in data && Object.keys(data).every((key) => key === "version" || key === "topics");
  return { mapping: isOnlyTopics ? undefined : compileMapping(data, [], faults, ["version", "topics"]), topics };
};

const topicsOf = (data: Readonly<Record<string, unknown>>, faults: Faults): ReadonlyMap<string, Mapping> => {
  if (!("topics" in data)) return new Map();
  const { topics } = data;
  if (!isObject(topics) || Object.keys(topics).length === 0) {
    faults.add(["topics"], isObject(topics) ? "topics is empty" : `${nameOf(["topics"])} ${whatIs(topics)}`, "topics");
    return new Map();
  }
  const entries = Object.entries(topics);
  if (entries.length > TOPICS_MAX) faults.add(["topics"], `topics has more than ${TOPICS_MAX} names`, "topics");
  return new Map(
    entries.slice(0, TOPICS_MAX).map(([name, mapping]) => [name, compileMapping(mapping, ["topics", name], faults)]),
  );
};

const TOPICS_MAX = 1_000;
