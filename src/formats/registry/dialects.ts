import {
  type Dialect,
  type Document,
  type HttpReply,
  type Judged,
  jsonIn,
  judgeTrouble,
  objectIn,
  type Reference,
  type SchemaType,
} from "./answers.js";
import type { RegistryApi, SchemaName } from "./framing.js";

/**
 * Confluent's API, which Karapace has too and Apicurio under `/apis/ccompat/v7`.
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
const CONFLUENT: Dialect = {
  locate(schema) {
    const [kind, id] = partsOf(schema);
    return { content: kind === "guid" ? `/schemas/guids/${id}` : `/schemas/ids/${id}` };
  },

  // A schema may refer to one that was deleted since: records were written with it.
  locateReference: ({ subject, version }) => ({
    content: `/subjects/${encodeURIComponent(subject)}/versions/${encodeURIComponent(version)}?deleted=true`,
  }),

  judgeContent(reply) {
    const answer = objectIn(reply.body);
    // Only this code says that the ID does not exist; a proxy, another path and a deleted subject have others.
    if (reply.status === 404 && answer?.["error_code"] === 40403) return { kind: "missing" };
    const type = answer?.["schemaType"] ?? "AVRO";
    const text = answer?.["schema"];
    const references = confluentReferences(answer?.["references"]);
    if (reply.status !== 200 || typeof type !== "string" || typeof text !== "string" || references === undefined) {
      return judgeTrouble(reply);
    }
    return { kind: "found", value: { type, text, references } };
  },

  judgeReferences: judgeTrouble,
};

/** Apicurio's own API, version 3. https://www.apicur.io/registry/docs/apicurio-registry/3.0.x/assets-attachments/registry-rest-api.htm */
const APICURIO: Dialect = {
  locate(schema) {
    const [kind, id] = partsOf(schema);
    const content = `/ids/${kind === "global" ? "globalIds" : "contentIds"}/${id}`;
    return { content, references: `${content}/references` };
  },

  locateReference({ group, subject, version }) {
    const [groupId, artifact, number] = [group, subject, version].map(encodeURIComponent);
    const at = `/groups/${groupId}/artifacts/${artifact}/versions/${number}`;
    return { content: `${at}/content`, references: `${at}/references` };
  },

  judgeContent(reply) {
    if (isApicurioMissing(reply)) return { kind: "missing" };
    const type = reply.status === 200 ? apicurioType(reply) : undefined;
    return type === undefined
      ? judgeTrouble(reply)
      : { kind: "found", value: { type, text: reply.body, references: [] } };
  },

  judgeReferences(reply) {
    const references = reply.status === 200 ? apicurioReferences(jsonIn(reply.body)) : undefined;
    return references === undefined ? judgeTrouble(reply) : { kind: "found", value: references };
  },
};

export const DIALECTS: Readonly<Record<RegistryApi, Dialect>> = { confluent: CONFLUENT, apicurio: APICURIO };

const partsOf = (schema: SchemaName): readonly [string, string] => {
  const colon = schema.indexOf(":");
  return [schema.slice(0, colon), schema.slice(colon + 1)];
};

const confluentReferences = (given: unknown): Document["references"] | undefined => {
  if (given === undefined || given === null) return [];
  return listOf(given, ({ name, subject, version }) =>
    typeof name === "string" && typeof subject === "string" && Number.isInteger(version)
      ? { name, group: "", subject, version: String(version) }
      : undefined,
  );
};

const apicurioReferences = (given: unknown): Document["references"] | undefined =>
  listOf(given, ({ name, groupId, artifactId, version }) =>
    typeof name === "string" && typeof artifactId === "string" && typeof version === "string"
      ? { name, group: typeof groupId === "string" ? groupId : "default", subject: artifactId, version }
      : undefined,
  );

const listOf = (
  given: unknown,
  read: (entry: Readonly<Record<string, unknown>>) => Reference | undefined,
): readonly Reference[] | undefined => {
  if (!Array.isArray(given)) return undefined;
  const read1 = given.map((entry) => (typeof entry === "object" && entry !== null ? read(entry) : undefined));
  return read1.every((reference) => reference !== undefined) ? read1 : undefined;
};

/** The registry's own word that there is no such ID. A path that is not the registry's has no such name. */
const isApicurioMissing = ({ status, body }: HttpReply): boolean =>
  status === 404 && ["ContentNotFoundException", "VersionNotFoundException"].includes(String(objectIn(body)?.["name"]));

/** The answer to an ID does not say which kind of schema it is. */
const apicurioType = ({ contentType, body }: HttpReply): SchemaType | undefined => {
  if (/html/.test(contentType)) return undefined;
  if (/protobuf/.test(contentType)) return "PROTOBUF";
  const json = jsonIn(body);
  if (json === undefined) return undefined;
  return isJsonSchema(json) ? "JSON" : "AVRO";
};

/** `object` is a type of JSON Schema and a name that no Avro type has. */
const isJsonSchema = (json: unknown): boolean => {
  if (typeof json === "boolean") return true;
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  return (
    ["$schema", "$ref", "properties", "allOf", "anyOf", "oneOf", "$defs"].some((name) => name in json) ||
    (json as { type?: unknown }).type === "object"
  );
};

export type { Judged };
