/** The formats whose reading is measured: how a record is written, and read. */

import { readFileSync } from "node:fs";
import { nearest } from "#src/config/unknown-names.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { parseMappings } from "#src/formats/mapping/mapping-file.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import type { RegisteredSchema } from "#src/formats/registry/fetch-schema.js";
import { RegistryReader } from "#src/formats/registry/registry-reader.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import { createShapedCodec } from "#src/formats/shaped-codec.js";
import type { AlertCodec } from "#src/runtime/ports.js";
import { createAlertSource, deviceIdOf } from "./alerts.js";
import { AVRO_SCHEMA, avroOf, PROTOBUF_SCHEMA, protobufOf } from "./binary-alerts.js";

/** `aim`: of the records/s of plain alerts. */
export interface Format {
  readonly name: string;
  readonly aim?: number;
  /** Record number `serial`, of device number `device`; `startMs`: when the first was. */
  record(serial: number, device: number, startMs: number): { readonly key: string; readonly value: Buffer };
  codec(): AlertCodec | Promise<AlertCodec>;
}

const EXAMPLES = new URL("../../examples/mappings/", import.meta.url);

const mappedThingsBoard = (): AlertCodec => {
  const text = readFileSync(new URL("thingsboard.yaml", EXAMPLES), "utf8");
  const result = parseMappings(text, "thingsboard.yaml", { nearest: (name, known) => nearest(name, known).name });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const { mapping } = result.value;
  return createShapedCodec({ registry: undefined, envelope: undefined, mapping: () => mapping }, DEFAULT_RULES);
};

const thingsBoardAlarm = readFileSync(new URL("thingsboard.jsonl", EXAMPLES), "utf8").split("\n")[0] ?? "";

/** `own`: what an alarm has beside its device and its times that others have not. */
const alarm = (serial: number, device: number, startMs: number, own: object = {}) => {
  const key = deviceIdOf(device);
  const at = startMs + serial;
  const times = { createdTime: at, startTs: at, endTs: at };
  const written = { ...(JSON.parse(thingsBoardAlarm) as object), ...times, originatorName: key, ...own };
  return { key, value: Buffer.from(JSON.stringify(written)) };
};

const idOf = (number: number): string => `${number.toString(16).padStart(8, "0")}-c67b-11f0-8d0f-3f6b6f1a2c11`;
const ALARM_SEVERITIES = ["CRITICAL", "MAJOR", "WARNING"] as const;

/** Where every record names this schema, which is known already. */
const registered = async (schema: RegisteredSchema): Promise<AlertCodec> => {
  const known = { kind: "reader", reader: await compileSchema(schema, undefined), schema } as const;
  const schemas = { get: () => known, want: () => Promise.resolve() };
  return createAlertCodec(DEFAULT_RULES, new RegistryReader(schemas, "confluent"));
};

/** As Confluent's serializers write it: a zero byte, the schema's ID, the body. */
const FRAME = Buffer.from([0, 0, 0, 0, 7]);

const sameAlert = (serial: number, device: number, startMs: number, write: (alert: object) => Buffer) => {
  const { deviceId, value } = createAlertSource(startMs).alert(serial, device);
  return { key: deviceId, value: Buffer.concat([FRAME, write(JSON.parse(value.toString()) as object)]) };
};

export const FORMATS = {
  plain: {
    name: "alerts",
    record(serial, device, startMs) {
      const { deviceId, value } = createAlertSource(startMs).alert(serial, device);
      return { key: deviceId, value };
    },
    codec: () => createAlertCodec(),
  },
  thingsboard: {
    name: "ThingsBoard's alarms, mapped",
    aim: 0.75,
    // What is the same in all records costs next to nothing.
    record: (serial, device, startMs) => alarm(serial, device, startMs),
    codec: mappedThingsBoard,
  },
  distinct: {
    name: "such alarms with IDs, severities and values of their own",
    aim: 0.75,
    record: (serial, device, startMs) =>
      alarm(serial, device, startMs, {
        id: { entityType: "ALARM", id: idOf(serial) },
        originator: { entityType: "DEVICE", id: idOf(device) },
        severity: ALARM_SEVERITIES[serial % 3],
        details: { temperature: String(80 + (serial % 50) / 10), limit: 80 },
      }),
    codec: mappedThingsBoard,
  },
  avro: {
    name: "the same alerts in Avro",
    aim: 1,
    record: (serial, device, startMs) => sameAlert(serial, device, startMs, avroOf),
    codec: () => registered({ type: "AVRO", text: AVRO_SCHEMA, references: [] }),
  },
  protobuf: {
    name: "the same alerts in Protobuf",
    aim: 1,
    record: (serial, device, startMs) => sameAlert(serial, device, startMs, protobufOf),
    codec: () => registered({ type: "PROTOBUF", text: PROTOBUF_SCHEMA, references: [] }),
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];
