/** Records as other clients wrote them: `test/golden/schema-records.py` makes them anew. */

import { readFileSync } from "node:fs";
import type { RegisteredSchema } from "#src/formats/registry/fetch-schema.js";

export interface GoldenRecord {
  readonly name: string;
  readonly schema: RegisteredSchema;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** What it says; null: it must not be read. */
  readonly expected: unknown;
}

interface GoldenSchema {
  readonly type: RegisteredSchema["type"];
  readonly text: string;
  readonly references: readonly (GoldenSchema & { readonly name: string })[];
}

interface WrittenRecord {
  readonly name: string;
  readonly schema: GoldenSchema;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: unknown;
}

const FILE = new URL("../../test/golden/schema-records.json", import.meta.url);

export const goldenRecords = (): readonly GoldenRecord[] =>
  (JSON.parse(readFileSync(FILE, "utf8")) as readonly WrittenRecord[]).map(
    ({ name, schema, value, headers, expected }) => ({
      name,
      schema: { type: schema.type, text: schema.text, references: flat(schema.references) },
      value: Buffer.from(value, "hex"),
      headers: Object.fromEntries(Object.entries(headers).map(([key, hex]) => [key, Buffer.from(hex, "hex")])),
      expected,
    }),
  );

/** Each after those that it refers to itself. */
const flat = (references: GoldenSchema["references"]): RegisteredSchema["references"] =>
  references.flatMap(({ name, text, references: deeper }) => [...flat(deeper), { name, text }]);
