import { createHash } from "node:crypto";
import type { Digest, Recipient } from "../runtime/ports.js";

/** What the query is asked about one digest. */
export interface LookupRequest {
  readonly deviceId: string;
  /** A JSON object of strings, names in order. */
  readonly labels: string;
}

/**
 * Why nobody could be asked. `refused`: the server answers and does not let us in (password, database, TLS files). `query`: it does not take the
 * query. `data`: it takes the query, but fails on one of the devices asked about. `timeout`: it took too long; `away` is everything else.
 */
const DATABASE_FAILURES = ["away", "timeout", "refused", "query", "data"] as const;
export interface DatabaseFailure {
  readonly kind: (typeof DATABASE_FAILURES)[number];
  /** SQLSTATE or Node's error code, where there is one. */
  readonly code: string | undefined;
  /** One line, no secret. */
  readonly detail: string;
}

export type DatabaseAnswer =
  /** As many as were asked about, in that order. */
  | { readonly kind: "answered"; readonly recipients: readonly (readonly Recipient[])[] }
  | { readonly kind: "failed"; readonly failure: DatabaseFailure };

/** One query, under its own deadline. */
export interface RecipientDatabase {
  /** Nobody is asked about with an empty list: it tells whether the query can be answered. Never rejects. */
  ask(requests: readonly LookupRequest[]): Promise<DatabaseAnswer>;
}

/** Labels of all listed alerts; where two differ, the later alert's. */
export const lookupRequest = (digest: Digest, usesLabels: boolean): LookupRequest => {
  const labels = new Map<string, string>();
  if (usesLabels)
    for (const { alert } of digest.listed)
      for (const [name, value] of Object.entries(alert.labels ?? {})) labels.set(storable(name), storable(value));
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  return { deviceId: storable(digest.deviceId), labels: JSON.stringify(Object.fromEntries(sorted)) };
};

/** Devices with many long labels must not make keys of any length. */
const KEY_LENGTH_MAX = 512;

export const lookupKey = ({ deviceId, labels }: LookupRequest): string => {
  const key = `${deviceId}\0${labels}`;
  return key.length <= KEY_LENGTH_MAX ? key : createHash("sha256").update(key).digest("base64");
};

/** PostgreSQL has no NUL in a text, and jsonb no half of a surrogate pair: one such device would make the whole query fail. */
const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
