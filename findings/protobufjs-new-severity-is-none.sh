#!/usr/bin/env bash
# protobufjs 8.8.1 (npm) and protobuf 7.36.2, Google's own (PyPI; protoc from grpcio-tools 1.85.1).
#
# In Protobuf's JSON an enum is the name of its value. A sender gets a new severity, FATAL, before the reader does. Google's reader
# refuses the name that it does not know. Expected of protobufjs: the same, or a value that says "unknown", as in bytes (there it is 3).
# Seen: `fromObject` leaves the field out without a word, and the most severe of alerts has no severity at all. Nor is a text for a
# number an error: "hot" is NaN, and "false" for a boolean is true. `verify`, which its manual has for checking, is no help with
# JSON: it refuses each enum by name and each 64-bit number as text, so it refuses the good records, too.
#
# Output seen:
#   CRITICAL: protobuf reads CRITICAL, protobufjs CRITICAL, verify "severity: enum value expected"
#   FATAL: protobuf refuses, protobufjs UNKNOWN, verify "severity: enum value expected"
#   FATAL in bytes: protobuf reads 3, protobufjs 3
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >alert.proto <<'END'
syntax = "proto3";
enum Severity {
  UNKNOWN = 0;
  WARNING = 1;
  CRITICAL = 2;
}
message Alert {
  Severity severity = 1;
}
END
npm install --silent --no-audit --no-fund protobufjs@8.8.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install protobuf==7.36.2 grpcio-tools==1.85.1
venv/bin/python -m grpc_tools.protoc -I. --python_out=. alert.proto
cat >read.py <<'END'
from alert_pb2 import Alert, Severity
from google.protobuf import json_format

for name in ("CRITICAL", "FATAL"):
    try:
        print("reads", Severity.Name(json_format.Parse(f'{{"severity": "{name}"}}', Alert()).severity))
    except json_format.ParseError:
        print("refuses")
print("reads", Alert.FromString(b"\x08\x03").severity)
END
cat >read.js <<'END'
const { readFileSync } = require("node:fs")
const Alert = require("protobufjs").loadSync("alert.proto").lookupType("Alert")
const [critical, fatal, bytes] = readFileSync("python", "utf8").split("\n")
const read = (severity) => {
  const { severity: seen } = Alert.toObject(Alert.fromObject({ severity }), { enums: String, defaults: true })
  return `protobufjs ${seen}, verify "${Alert.verify({ severity })}"`
}
const lines = [
  `CRITICAL: protobuf ${critical}, ${read("CRITICAL")}`,
  `FATAL: protobuf ${fatal}, ${read("FATAL")}`,
  `FATAL in bytes: protobuf ${bytes}, protobufjs ${Alert.decode(Buffer.from([8, 3])).severity}`,
]
console.log(lines.join("\n"))
const expected = [
  'CRITICAL: protobuf reads CRITICAL, protobufjs CRITICAL, verify "severity: enum value expected"',
  'FATAL: protobuf refuses, protobufjs UNKNOWN, verify "severity: enum value expected"',
  "FATAL in bytes: protobuf reads 3, protobufjs 3",
]
process.exit(lines.join() === expected.join() ? 0 : 1)
END
venv/bin/python read.py >python
node read.js
