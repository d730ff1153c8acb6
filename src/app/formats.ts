import { readBounded } from "../bounded-file.js";
import { createMappingChecks } from "../config/mapping-checks.js";
import type { Config } from "../config.js";
import { createAlertCodec } from "../formats/codec.js";
import { envelopeOf } from "../formats/envelopes/by-name.js";
import { createKeyNames, type KeyNames } from "../formats/key-names.js";
import type { Mapping } from "../formats/mapping/compile.js";
import type { LookingOn } from "../formats/mapping/first-records.js";
import type { ClosableCodec } from "../formats/reading-thread.js";
import type { RegistryReader } from "../formats/registry/registry-reader.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { LoadedFile } from "../yaml-file/document.js";
import type { ReloadedFile } from "../yaml-file/reloaded-file.js";
import type { SchemaRegistry } from "./schema-registry.js";

/** How the records of the alerts topic are read. */
export interface Formats {
  readonly codec: ClosableCodec;
  /** Undefined without `MAPPING_FILE`. */
  readonly mapping: ReloadedFile<Mapping> | undefined;
  /** Undefined without `SCHEMA_REGISTRY_URL`. */
  readonly registry: SchemaRegistry | undefined;
}

/** What is not asked for is not loaded. `mapping`: what `MAPPING_FILE` holds; undefined: it is not set. */
export const createFormats = async (
  config: Pick<Config, "formats" | "kafka" | "schemaRegistry">,
  deps: {
    readonly mapping: LoadedFile<Mapping> | undefined;
    readonly metrics: Metrics;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<Formats> => {
  const { mapping: loaded, metrics, clock, log } = deps;
  const mapping = loaded && (await createMapping(loaded, config.kafka.alertsTopic, { metrics, clock, log }));
  const registry = await createRegistry(config.schemaRegistry, { metrics, clock, log });
  const codec = await createCodec(config.formats, () => mapping?.current, { log, registry });
  return { codec, mapping, registry };
};

/** Undefined: no record names a schema, and nothing is loaded that asks for one. */
export const createRegistry = async (
  settings: Config["schemaRegistry"],
  deps: { readonly metrics: Pick<Metrics, "schemaRequest">; readonly clock: Clock; readonly log: Logger },
): Promise<SchemaRegistry | undefined> =>
  settings && (await import("./schema-registry.js")).createSchemaRegistry(settings, deps);

/** `mapping`: asked for each record. `log`: is told what the mapping finds in none of the first records; undefined: nobody is, or `firstRecords` looks on. */
export const createCodec = async (
  { rules, envelope, mappingFile }: Config["formats"],
  mapping: () => Mapping | undefined,
  deps: {
    readonly log?: Logger;
    readonly registry?: Pick<SchemaRegistry, "reader" | "by"> | undefined;
    readonly firstRecords?: LookingOn;
  } = {},
): Promise<ClosableCodec> => {
  const { log, registry } = deps;
  const isShaped = envelope !== undefined || mappingFile !== undefined;
  if (!isShaped && registry === undefined) return createAlertCodec(rules);
  const { ReadingThread } = await import("../formats/reading-thread.js");
  const by = { as: isShaped ? ("shaped" as const) : ("alert" as const), rules, envelope, registry: registry?.by };
  const thread = new ReadingThread(by, registry?.reader);
  if (!isShaped) return thread.beside(createAlertCodec(rules, registry?.reader), { mapping });
  const { createShapedCodec } = await import("../formats/shaped-codec.js");
  const { FirstRecords } = await import("../formats/mapping/first-records.js");
  const shape = {
    registry: registry?.reader,
    envelope: await envelopeOf(envelope),
    mapping,
    firstRecords: deps.firstRecords ?? (log && new FirstRecords(log)),
  };
  return thread.beside(createShapedCodec(shape, rules), shape);
};

/** What the keys of the records name. */
export const createNames = async (
  { envelope }: Pick<Config["formats"], "envelope">,
  registry: RegistryReader | undefined,
): Promise<KeyNames> => createKeyNames(registry, (await envelopeOf(envelope))?.keyIn);

const createMapping = async (
  loaded: LoadedFile<Mapping>,
  topic: string,
  deps: { readonly metrics: Metrics; readonly clock: Clock; readonly log: Logger },
): Promise<ReloadedFile<Mapping>> => {
  const { createReloadedMapping } = await import("../formats/mapping/reload.js");
  const { runMappingReader } = await import("../formats/mapping/run-mapping.js");
  const reader = runMappingReader(createMappingChecks(), topic);
  return createReloadedMapping({ loaded, read: (path) => readBounded(path), reader, ...deps });
};
