/** The newest records of the alerts topic, read as `run` would read them. Joins nothing, commits nothing. */

import { createCodec, createRegistry } from "../../app/formats.js";
import type { Config } from "../../config.js";
import type { Mapping } from "../../formats/mapping/compile.js";
import { fieldsWithout } from "../../formats/mapping/first-records.js";
import { createKafka, explain } from "../../kafka/client.js";
import { clusterOf } from "../../kafka/log-ends.js";
import { type NewestRecord, newestRecords } from "../../kafka/newest-records.js";
import { systemClock } from "../../runtime/clock.js";
import { QUIET } from "../../runtime/log.js";
import type { AlertCodec } from "../../runtime/ports.js";
import { SCHEMAS_WITHIN_MS, Schemas } from "../../runtime/schemas-in-time.js";
import { type Finding, wrong } from "./findings.js";
import { type TriedRecord, trialOf } from "./trial.js";

/** `mapping`: undefined where `MAPPING_FILE` is not set. */
export const checkRecords = async (config: Config, mapping: Mapping | undefined): Promise<Finding> => {
  const { kafka, formats, schemaRegistry } = config;
  const told = { metrics: { schemaRequest: () => undefined }, clock: systemClock, log: QUIET };
  const cluster = clusterOf(createKafka(kafka, QUIET, { retries: 2 }));
  const registry = await createRegistry(schemaRegistry, told);
  const seen = new Uint8Array(mapping?.sources.length ?? 0);
  const firstRecords = { seen: () => seen, mapped: () => undefined };
  try {
    const codec = await createCodec(formats, () => mapping, { registry, firstRecords });
    const records = await newestRecords(cluster, kafka.alertsTopic, RECORDS);
    if (!(await new Schemas(codec, systemClock).have(records)))
      return wrong("records", `the schema registry gave no answer within ${SCHEMAS_WITHIN_MS / 1_000} s`);
    const tried = records.map((record) => triedWith(codec, record));
    const isMapped = tried.some(({ decoded }) => decoded.kind === "alert");
    return trialOf(kafka.alertsTopic, tried, mapping !== undefined && isMapped ? fieldsWithout(mapping, seen) : []);
  } catch (error) {
    const names = { topic: kafka.alertsTopic, group: kafka.groupId };
    return wrong("records", explain(error as Error, kafka, names));
  } finally {
    registry?.close();
    await cluster.disconnect().catch(() => undefined);
  }
};

const triedWith = (codec: AlertCodec, { partition, offset, key, value, headers }: NewestRecord): TriedRecord => {
  const tombstone = { kind: "ignored", detail: "a tombstone" } as const;
  return { partition, offset, decoded: value === null ? tombstone : codec.decode({ key, value, headers }) };
};

const RECORDS = 100;
