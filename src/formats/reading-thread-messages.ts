/** What is said between the process and the thread that reads long records for it. */

import type { Decoded, DecodedAlert, RecordHeaders } from "../runtime/ports.js";
import type { EnvelopeName } from "./envelopes/by-name.js";
import type { ReadingRules } from "./read-alert.js";
import type { RegisteredSchema } from "./registry/fetch-schema.js";
import type { RegistryApi, SchemaName } from "./registry/framing.js";
import type { Known } from "./registry/schema-store.js";

/** How the thread reads, as long as it lives. */
export interface ReadingBy {
  /** `alert`: records have our fields; `shaped`: an alert is found in each; `items`: as `translate` reads, any number in each. */
  readonly as: "alert" | "shaped" | "items";
  readonly rules: ReadingRules;
  /** Undefined: the value is what is mapped. */
  readonly envelope: EnvelopeName | undefined;
  /** Undefined: every record is JSON. */
  readonly registry: { readonly api: RegistryApi; readonly protobufMessage: string | undefined } | undefined;
}

/** Answered in the order they come. */
export type Asked =
  /** From now on, as its file has it; undefined: none. */
  | { readonly kind: "mapping"; readonly written: unknown }
  /** The thread asks no registry. */
  | { readonly kind: "schema"; readonly name: SchemaName; readonly known: PlainKnown }
  | {
      readonly kind: "record";
      readonly id: number;
      readonly key: Uint8Array | null;
      readonly value: Uint8Array;
      readonly headers: RecordHeaders | undefined;
      /** Somebody asks what the mapping finds. */
      readonly looksOn: boolean;
    };

/** A schema is compiled again: functions do not leave their thread. */
export type PlainKnown =
  | { readonly kind: "reader"; readonly schema: RegisteredSchema }
  | Exclude<Known, { readonly kind: "reader" }>;

export interface Answered {
  readonly id: number;
  readonly items: readonly PlainItem[];
  /** What the mapping found of its sources, and what became of the record. Undefined: it was not mapped, or nobody asks. */
  readonly looked: { readonly seen: Uint8Array; readonly item: { readonly kind: string } | undefined } | undefined;
}

/** Without methods, and its bytes by themselves. */
export interface PlainItem {
  readonly at: string;
  readonly decoded: Omit<DecodedAlert, "isOfThatDay" | "written"> | Exclude<Decoded, { readonly kind: "alert" }>;
}

/** Both sides forget the same ones, and say nothing of it. */
export const keepNewest = <Value>(known: Map<SchemaName, Value>, name: SchemaName, value: Value): void => {
  known.delete(name);
  known.set(name, value);
  const [oldest] = known.keys();
  if (known.size > SCHEMAS_MAX && oldest !== undefined) known.delete(oldest);
};

/** More than long records of a topic name; two that one record names have to be there together. */
const SCHEMAS_MAX = 100;
