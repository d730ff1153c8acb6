import type { EncodedRecord, Preparation } from "../runtime/ports.js";
import { deviceIn, keyOf, type RecordKey } from "./record-key.js";
import type { RegistryReader } from "./registry/registry-reader.js";

type Keyed = Pick<EncodedRecord, "key" | "headers">;

/** What the keys of records name, for those who cannot read the values. */
export interface KeyNames {
  /** Undefined: it names no device, or its schema is not known. */
  deviceOf(record: Keyed): string | undefined;
  /** Asks for what `deviceOf` needs. Undefined: nothing is missing. Absent: nothing ever is. */
  prepare?(records: readonly Keyed[]): Preparation | undefined;
}

/** `keyIn`: how the envelope has keys; absent: as texts. */
export const createKeyNames = (
  registry: RegistryReader | undefined,
  keyIn: (key: Buffer | null) => RecordKey | undefined = keyOf,
): KeyNames => ({
  deviceOf: ({ key, headers }) => deviceIn(keyIn(registry === undefined ? key : registry.key({ key, headers }))),
  ...(registry !== undefined && {
    prepare: (records) => registry.prepare(records.map(({ key, headers }) => ({ key, value: null, headers }))),
  }),
});
