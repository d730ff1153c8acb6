#!/usr/bin/env bash
# protobufjs 8.8.1 (npm) and protobuf 7.36.2, Google's own (PyPI; protoc from grpcio-tools 1.85.1).
#
# Protobuf defines the JSON name of a field: each underscore goes and the character behind it is raised: `p_95` is "p95" (a digit has
# no capital, the underscore goes all the same). protobufjs makes camel case, too, so for most names the two agree.
# Seen: it takes an underscore away before a letter only. Percentiles, heights and phases (`p_95`, `temp_2m`, `phase_1`) get other
# names than in the JSON of every other implementation, and its `fromObject` passes over names that it does not know, without a word:
# the values are gone. `verify` finds nothing wrong either.
#
# Output seen:
#   protobuf: {"lastOk": 1, "p95": 2, "temp2m": 3}
#   protobufjs reads that as: {"lastOk":1}
#   protobufjs writes: {"lastOk":1,"p_95":2,"temp_2m":3}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >reading.proto <<'END'
syntax = "proto3";
message Reading {
  int32 last_ok = 1;
  int32 p_95 = 2;
  int32 temp_2m = 3;
}
END
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install protobuf==7.36.2 grpcio-tools==1.85.1
npm install --silent --no-audit --no-fund protobufjs@8.8.1
venv/bin/python -m grpc_tools.protoc -I. --python_out=. reading.proto
cat >write.py <<'END'
import json

from google.protobuf.json_format import MessageToDict
from reading_pb2 import Reading

print(json.dumps(MessageToDict(Reading(last_ok=1, p_95=2, temp_2m=3))))
END
cat >read.js <<'END'
const { readFileSync } = require("node:fs")
const protobuf = require("protobufjs")
const Reading = protobuf.loadSync("reading.proto").lookupType("Reading")
const theirs = readFileSync("written.json", "utf8").trim()
const read = JSON.stringify(Reading.fromObject(JSON.parse(theirs)))
const written = JSON.stringify(Reading.decode(Uint8Array.of(8, 1, 16, 2, 24, 3)))
console.log(`protobuf: ${theirs}\nprotobufjs reads that as: ${read}\nprotobufjs writes: ${written}`)
const same =
  theirs === '{"lastOk": 1, "p95": 2, "temp2m": 3}' && read === '{"lastOk":1}' &&
  written === '{"lastOk":1,"p_95":2,"temp_2m":3}' && Reading.verify(JSON.parse(theirs)) === null
process.exit(same ? 0 : 1)
END
venv/bin/python write.py >written.json
node read.js
