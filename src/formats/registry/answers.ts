/** What an answer of a registry means. Pure: `client.ts` gets the answers. */

import type { SchemaRequestOutcome } from "../../runtime/ports.js";
import type { SchemaName } from "./framing.js";

export interface HttpReply {
  readonly status: number;
  /** Of the header `Content-Type`, in lower case; empty: it has none. */
  readonly contentType: string;
  /** Where a redirection leads, without what may be secret in it. */
  readonly location?: string | undefined;
  readonly body: string;
}

/**
 * `missing`: the registry works, and says that it has no such schema. `away`: anything else, which says nothing of the schema: the registry is asked
 * again until it answers.
 */
export type Judged<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "missing" }
  | { readonly kind: "away"; readonly outcome: SchemaRequestOutcome; readonly why: string };

/** A schema or one that it refers to, as the registry has it. */
export interface Document {
  /** As the registry names it; a plugin may know others than `SchemaType`. */
  readonly type: string;
  readonly text: string;
  readonly references: readonly Reference[];
}

export type SchemaType = "AVRO" | "PROTOBUF" | "JSON";

/** `name`: how the schema names it: a type of Avro, an import of Protobuf. */
export interface Reference {
  readonly name: string;
  readonly group: string;
  /** Confluent's subject, Apicurio's artifact. */
  readonly subject: string;
  readonly version: string;
}

/** Where a document is: its content, and its references where those are asked for apart. */
export interface Location {
  readonly content: string;
  readonly references?: string;
}

/** How one kind of registry is asked, and what it answers. Paths follow the configured URL. */
export interface Dialect {
  locate(schema: SchemaName): Location;
  locateReference(reference: Reference): Location;
  judgeContent(reply: HttpReply): Judged<Document>;
  judgeReferences(reply: HttpReply): Judged<readonly Reference[]>;
}

export const away = (outcome: SchemaRequestOutcome, why: string): Judged<never> => ({ kind: "away", outcome, why });

/** An answer that is neither the schema nor a clear word that there is none. */
export const judgeTrouble = ({ status, contentType, body, location }: HttpReply): Judged<never> => {
  // It is not followed: the login would go with it.
  if (location !== undefined)
    return away("failed", `it answers ${status} and leads to ${location}: SCHEMA_REGISTRY_URL`);
  const said = /html/.test(contentType) ? "an HTML page" : body.replace(/\s+/g, " ").slice(0, 120) || "nothing more";
  const why = `it answers ${status}: ${said}`;
  if (status === 401 || status === 403) return away("refused", why);
  return away(status === 429 ? "throttled" : "failed", why);
};

/** The JSON object that the body is; undefined: it is none. */
export const objectIn = (body: string): Readonly<Record<string, unknown>> | undefined => {
  const json = jsonIn(body);
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, unknown>>)
    : undefined;
};

export const jsonIn = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
