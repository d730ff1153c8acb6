/** Looks on while the first records are mapped: what finds nothing in any of them is most likely spelt wrong. */

import type { Logger } from "../../runtime/log.js";
import type { Mapping } from "./compile.js";

/** Who looks on while records are mapped. */
export interface LookingOn {
  /** Where the record that is mapped next leaves what it found; undefined: enough was seen. */
  seen(mapping: Mapping): Uint8Array | undefined;
  /** After a record for which `seen` was asked, and gave something. */
  mapped(item: { readonly kind: string } | undefined): void;
}

export class FirstRecords implements LookingOn {
  readonly #log: Logger;
  #mapping: Mapping | undefined;
  #seen = new Uint8Array(0);
  #records = 0;
  #ignored = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Where the record that is mapped next leaves what it found; undefined: enough was seen. A changed mapping begins anew. */
  seen(mapping: Mapping): Uint8Array | undefined {
    if (mapping !== this.#mapping) {
      this.#mapping = mapping;
      this.#seen = new Uint8Array(mapping.sources.length);
      this.#records = 0;
      this.#ignored = 0;
    }
    return this.#records < RECORDS ? this.#seen : undefined;
  }

  /** After a record for which `seen` was asked, and gave something. */
  mapped(item: { readonly kind: string } | undefined): void {
    this.#records++;
    if (item === undefined || item.kind === "ignored") this.#ignored++;
    if (this.#records === RECORDS && this.#mapping !== undefined) this.#tell(this.#mapping);
  }

  #tell(mapping: Mapping): void {
    const records = this.#records;
    if (this.#ignored === records) {
      const only = [...mapping.only.record, ...mapping.only.item].map(({ text }) => text);
      this.#log.warn({ records, only }, "the mapping ignored each of the first records: only lets none through");
      return;
    }
    const fields = fieldsWithout(mapping, this.#seen);
    if (fields.length > 0)
      this.#log.warn({ records, fields }, "the mapping found nothing for these fields in the first records");
  }
}

/** Fields for which something was looked for, and nothing was found in any record: `unit: /unit, /u`. */
export const fieldsWithout = ({ sources }: Mapping, seen: Uint8Array): readonly string[] => {
  const all = sources.map(({ field, text }, index) => ({ field, text, seen: seen[index] ?? 0 }));
  return [...new Set(sources.map(({ field }) => field))].flatMap((field) => {
    const of = all.filter((one) => one.field === field);
    return of.some((one) => one.seen === FOUND) || !of.some((one) => one.seen === NOTHING)
      ? []
      : [`${field}: ${of.map(({ text }) => text).join(", ")}`];
  });
};

const NOTHING = 1;
const FOUND = 2;
const RECORDS = 100;
