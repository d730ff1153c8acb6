/** What is said between the process and the thread that reads long records for it. */

import type { Decoded, DecodedAlert, RecordHeaders } from "../runtime/ports.js";
import type { EnvelopeName } from "./envelopes/by-name.js";
import type { ReadingRules } from "./read-alert.js";

/** How the thread reads, as long as it lives. */
export interface ReadingBy {
  readonly rules: ReadingRules;
  /** Undefined: the value is what is mapped. */
  readonly envelope: EnvelopeName | undefined;
}

/** Answered in the order they come. `mapping`: from now on, as its file has it; undefined: none. */
export type Asked =
  | { readonly kind: "mapping"; readonly written: unknown }
  | {
      readonly kind: "record";
      readonly id: number;
      readonly key: Uint8Array | null;
      readonly value: Uint8Array;
      readonly headers: RecordHeaders | undefined;
      /** Somebody asks what the mapping finds. */
      readonly looksOn: boolean;
    };

export interface Answered {
  readonly id: number;
  readonly decoded: PlainDecoded;
  /** What the mapping found of its sources, and what became of the record. Undefined: it was not mapped, or nobody asks. */
  readonly looked: { readonly seen: Uint8Array; readonly item: { readonly kind: string } | undefined } | undefined;
}

/** Without methods, and its bytes by themselves. */
export type PlainDecoded =
  | Omit<DecodedAlert, "isOfThatDay" | "written">
  | { readonly kind: "ignored"; readonly detail: string }
  | Extract<Decoded, { readonly kind: "unreadable" }>;
