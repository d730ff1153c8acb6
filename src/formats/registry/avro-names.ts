import type { Read } from "./avro-types.js";
import { UnusableSchema } from "./unreadable.js";

/** Named types of one schema and of those that it refers to, at most. */
const NAMES_MAX = 2_000;

/** The named types of a schema, which may be used before their own description has ended. */
export class AvroNames {
  readonly #reads = new Map<string, Read>();

  /** By full name. */
  find(full: string): Read | undefined {
    return this.#reads.get(full);
  }

  /** The description of a named type begins. `define` says how it is read; types within it can name it as soon as that is called. */
  open(
    type: { readonly name?: unknown; readonly namespace?: unknown },
    outer: string,
  ): { readonly full: string; readonly namespace: string; readonly define: (read: Read) => Read } {
    if (typeof type.name !== "string" || type.name === "") throw new UnusableSchema("a named type has no name");
    const namespace = typeof type.namespace === "string" ? type.namespace : outer;
    const full = fullName(type.name, namespace);
    if (this.#reads.has(full)) throw new UnusableSchema(`the schema describes ${full} twice`);
    if (this.#reads.size >= NAMES_MAX) throw new UnusableSchema(`the schema has more than ${NAMES_MAX} named types`);
    const define = (read: Read): Read => {
      this.#reads.set(full, read);
      return read;
    };
    return { full, namespace: full.slice(0, Math.max(0, full.lastIndexOf("."))), define };
  }
}

/** A name with a point in it is full already. */
export const fullName = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
