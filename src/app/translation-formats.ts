import { readBounded } from "../bounded-file.js";
import { createMappingChecks } from "../config/mapping-checks.js";
import type { TranslateConfig } from "../config.js";
import { createAlertCodec } from "../formats/codec.js";
import { envelopeOf } from "../formats/envelopes/by-name.js";
import { createKeyNames } from "../formats/key-names.js";
import type { Mapping } from "../formats/mapping/compile.js";
import { FirstRecords } from "../formats/mapping/first-records.js";
import { type Mappings, mappingOf } from "../formats/mapping/mapping-file.js";
import { createReloadedMapping } from "../formats/mapping/reload.js";
import { translateMappingReader } from "../formats/mapping/translate-mapping.js";
import type { ReadingRules } from "../formats/read-alert.js";
import { ReadingThread } from "../formats/reading-thread.js";
import { createItemReader } from "../formats/record-items.js";
import type { RecordItem } from "../formats/translate-record.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { AlertCodec, EncodedRecord, Metrics } from "../runtime/ports.js";
import type { LoadedFile } from "../yaml-file/document.js";
import type { ReloadedFile } from "../yaml-file/reloaded-file.js";
import { createRegistry } from "./formats.js";
import type { SchemaRegistry } from "./schema-registry.js";

/** How the records of `translate`'s topics are read. */
export interface TranslationFormats {
  readerOf(topic: string): TopicReader;
  readonly codec: AlertCodec;
  /** Undefined without `SCHEMA_REGISTRY_URL`. */
  readonly registry: SchemaRegistry | undefined;
  /** Ends the reading of long records. */
  close(): Promise<void>;
  /** Undefined without `MAPPING_FILE`. */
  readonly mappings: ReloadedFile<Mappings> | undefined;
}

/** How the records of one topic are read. */
export interface TopicReader {
  /** Every alert of a record. */
  readonly items: (record: EncodedRecord) => readonly RecordItem[];
  /** See `AlertCodec`: `items` has them at once. */
  readonly ahead: NonNullable<AlertCodec["ahead"]>;
}

/** `mappings`: what `MAPPING_FILE` holds; undefined: it is not set. The key of an input record need not be its device. */
export const createTranslationFormats = async (
  config: Pick<TranslateConfig, "formats" | "from" | "schemaRegistry">,
  deps: {
    readonly mappings: LoadedFile<Mappings> | undefined;
    readonly metrics: Pick<Metrics, "mappingReloaded" | "schemaRequest">;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<TranslationFormats> => {
  const { mappings: loaded, metrics, clock, log } = deps;
  const rules: ReadingRules = { ...config.formats.rules, key: "any" };
  const mappings = loaded && createMappings(loaded, config.from, { metrics, clock, log });
  const registry = await createRegistry(config.schemaRegistry, { metrics, clock, log });
  const envelope = await envelopeOf(config.formats.envelope);
  const by = { as: "items", rules, envelope: config.formats.envelope, registry: registry?.by } as const;
  const thread = new ReadingThread(by, registry?.reader);
  return {
    codec: {
      ...createAlertCodec(rules, registry?.reader),
      deviceOf: createKeyNames(registry?.reader, envelope?.keyIn).deviceOf,
    },
    registry,
    mappings,
    close: () => thread.close(),
    readerOf(topic) {
      const mapping = (): Mapping | undefined => mappings && mappingOf(mappings.current, topic);
      const shape = { registry: registry?.reader, envelope, mapping, firstRecords: new FirstRecords(log) };
      const read = createItemReader(shape, rules);
      return {
        items: (record) => thread.taken(record, shape) ?? read(record),
        ahead: (records) => thread.ahead(records, shape),
      };
    },
  };
};

const createMappings = (
  loaded: LoadedFile<Mappings>,
  topics: readonly string[],
  deps: { readonly metrics: Pick<Metrics, "mappingReloaded">; readonly clock: Clock; readonly log: Logger },
): ReloadedFile<Mappings> => {
  const reader = translateMappingReader(createMappingChecks(), topics);
  return createReloadedMapping({ loaded, read: (path) => readBounded(path), reader, ...deps });
};
