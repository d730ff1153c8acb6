import type { Dialect, Document, HttpReply, Judged, Location } from "./answers.js";
import type { SchemaName } from "./framing.js";
import { UnusableSchema } from "./unreadable.js";

/** Documents that one schema is made of, at most. */
const REFERENCES_MAX = 100;

/** A schema with all that it refers to. */
export interface RegisteredSchema {
  readonly type: string;
  readonly text: string;
  /** Each after those that it refers to itself. `name`: as the schema that refers to it has it. */
  readonly references: readonly { readonly name: string; readonly text: string }[];
}

export type Ask = <T>(path: string, judge: (reply: HttpReply) => Judged<T>) => Promise<Judged<T>>;

/** One schema and, one after the other, what it refers to. Throws `UnusableSchema` where that is too much. */
export const fetchSchema = async (
  ask: Ask,
  dialect: Dialect,
  schema: SchemaName,
): Promise<Judged<RegisteredSchema>> => {
  const main = await fetchDocument(ask, dialect, dialect.locate(schema));
  if (main.kind !== "found") return main;
  const references: { name: string; text: string }[] = [];
  const seen = new Set<string>();
  const trouble = await fetchReferences(main.value, { ask, dialect, seen, references });
  return trouble ?? { kind: "found", value: { type: main.value.type, text: main.value.text, references } };
};

interface Gathering {
  readonly ask: Ask;
  readonly dialect: Dialect;
  readonly seen: Set<string>;
  readonly references: { name: string; text: string }[];
}

/** Undefined: all of them were had. */
const fetchReferences = async (document: Document, gathering: Gathering): Promise<Judged<never> | undefined> => {
  const { ask, dialect, seen, references } = gathering;
  for (const reference of document.references) {
    const location = dialect.locateReference(reference);
    const key = JSON.stringify([reference.name, location.content]);
    if (seen.has(key)) continue;
    if (seen.size >= REFERENCES_MAX)
      throw new UnusableSchema(`the schema refers to more than ${REFERENCES_MAX} others`);
    seen.add(key);
    const found = await fetchDocument(ask, dialect, location);
    if (found.kind === "away") return found;
    // The registry takes no schema that refers to nothing: it has lost something, and may find it again.
    if (found.kind === "missing") {
      return {
        kind: "away",
        outcome: "failed",
        why: `it does not have ${reference.subject} ${reference.version}, which the schema refers to`,
      };
    }
    const trouble = await fetchReferences(found.value, gathering);
    if (trouble !== undefined) return trouble;
    references.push({ name: reference.name, text: found.value.text });
  }
  return undefined;
};

const fetchDocument = async (ask: Ask, dialect: Dialect, location: Location): Promise<Judged<Document>> => {
  const content = await ask(location.content, (reply) => dialect.judgeContent(reply));
  if (content.kind !== "found" || location.references === undefined) return content;
  const references = await ask(location.references, (reply) => dialect.judgeReferences(reply));
  return references.kind === "found"
    ? { kind: "found", value: { ...content.value, references: references.value } }
    : references;
};
