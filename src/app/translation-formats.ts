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
import { recordItems } from "../formats/record-items.js";
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
  /** Every alert of a record of a topic. */
  itemsOf(topic: string): (record: EncodedRecord) => readonly RecordItem[];
  readonly codec: AlertCodec;
  /** Undefined without `SCHEMA_REGISTRY_URL`. */
  readonly registry: SchemaRegistry | undefined;
  /** Undefined without `MAPPING_FILE`. */
  readonly mappings: ReloadedFile<Mappings> | undefined;
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
  return {
    codec: {
      ...createAlertCodec(rules, registry?.reader),
      deviceOf: createKeyNames(registry?.reader, envelope?.keyIn).deviceOf,
    },
    registry,
    mappings,
    itemsOf(topic) {
      const mapping = (): Mapping | undefined => mappings && mappingOf(mappings.current, topic);
      const [shape, first] = [{ registry: registry?.reader, envelope, mapping }, new FirstRecords(log)];
      return (record) => {
        const mapped = mapping();
        const seen = mapped && first.seen(mapped);
        const items = recordItems(shape, record, rules, seen);
        if (seen !== undefined) first.mapped(items[0]?.decoded);
        return items;
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
