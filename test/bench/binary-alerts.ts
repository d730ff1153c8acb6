/** Alerts as Avro and as Protobuf, by schemas that a producer would write. */

import protobuf from "protobufjs";

const optional = (type: string) => ({ type: ["null", type], default: null });

export const AVRO_SCHEMA = JSON.stringify({
  type: "record",
  name: "Alert",
  namespace: "com.example",
  fields: [
    { name: "deviceId", type: "string" },
    { name: "deviceName", ...optional("string") },
    { name: "severity", type: { type: "enum", name: "Severity", symbols: ["info", "warning", "critical"] } },
    { name: "type", ...optional("string") },
    { name: "message", type: "string" },
    { name: "value", ...optional("double") },
    { name: "threshold", ...optional("double") },
    { name: "unit", ...optional("string") },
    { name: "labels", type: { type: "map", values: "string" } },
    { name: "occurredAt", type: { type: "long", logicalType: "timestamp-millis" } },
  ],
});

interface BenchAlert {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly severity: string;
  readonly type: string;
  readonly message: string;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly occurredAt: string;
}

export const avroOf = (alert: object): Buffer => {
  const { deviceId, deviceName, severity, type, message, value, threshold, unit, labels, occurredAt } =
    alert as BenchAlert;
  const some = Buffer.from([2]);
  const pairs = Object.entries(labels).flatMap(([name, label]) => [textOf(name), textOf(label)]);
  return Buffer.concat([
    textOf(deviceId),
    ...[some, textOf(deviceName)],
    zigzag(["info", "warning", "critical"].indexOf(severity)),
    ...[some, textOf(type), textOf(message)],
    ...[some, doubleOf(value), some, doubleOf(threshold), some, textOf(unit)],
    ...[zigzag(pairs.length / 2), ...pairs, zigzag(0)],
    zigzag(Date.parse(occurredAt)),
  ]);
};

const textOf = (text: string): Buffer => Buffer.concat([zigzag(Buffer.byteLength(text)), Buffer.from(text)]);

const doubleOf = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};

/** Of a number that is not negative. */
const zigzag = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
};

export const PROTOBUF_SCHEMA = `
syntax = "proto3";
package com.example;
import "google/protobuf/timestamp.proto";
message Alert {
  string device_id = 1;
  string device_name = 2;
  Severity severity = 3;
  string type = 4;
  string message = 5;
  optional double value = 6;
  optional double threshold = 7;
  string unit = 8;
  map<string, string> labels = 9;
  google.protobuf.Timestamp occurred_at = 10;
}
enum Severity {
  warning = 0;
  info = 1;
  critical = 2;
}
`;

const root = protobuf.parse(PROTOBUF_SCHEMA).root;
root.addJSON(protobuf.common.get("google/protobuf/timestamp.proto")?.nested ?? {});
const Message = root.lookupType("com.example.Alert");

/** Behind the index of the schema's first message. */
export const protobufOf = (alert: object): Buffer => {
  const { severity, occurredAt, ...same } = alert as BenchAlert;
  const ms = Date.parse(occurredAt);
  const written = Message.encode({
    ...same,
    severity: { warning: 0, info: 1, critical: 2 }[severity] ?? 0,
    occurredAt: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 },
  });
  return Buffer.concat([Buffer.from([0]), written.finish()]);
};
