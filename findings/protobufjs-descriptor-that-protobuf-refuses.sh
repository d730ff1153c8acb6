#!/usr/bin/env bash
# protobufjs 8.8.1 (npm), `ext/descriptor`, and protobuf 7.36.2, Google's own (PyPI; protoc from grpcio-tools 1.85.1).
#
# `root.toDescriptor()` makes of a parsed .proto file the descriptor that protoc makes of it, the form in which programs hand schemas to
# each other. Expected: what protoc takes and protobufjs reads, Google's library takes as a descriptor as well.
# Seen: an `optional` field that stands before a `oneof` makes it refuse the descriptor. For `optional`, a descriptor holds a oneof that
# nobody wrote ("_limit"), and it must come behind the written ones. protoc sorts them; protobufjs leaves them in the file's order,
# so one file works and the same with two lines exchanged does not. protobufjs itself reads both back.
#
# Output seen:
#   oneof first: protoc value,_limit: taken; protobufjs value,_limit: taken
#   optional first: protoc value,_limit: taken; protobufjs _limit,value: Synthetic oneofs must be after all other oneofs
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
choice='oneof value { double number = 1; string text = 2; }'
limit='optional double limit = 3;'
printf 'syntax = "proto3";\nmessage Alert {\n  %s\n  %s\n}\n' "$choice" "$limit" >oneof.proto
printf 'syntax = "proto3";\nmessage Alert {\n  %s\n  %s\n}\n' "$limit" "$choice" >optional.proto
npm install --silent --no-audit --no-fund protobufjs@8.8.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install protobuf==7.36.2 grpcio-tools==1.85.1
cat >write.js <<'END'
const { writeFileSync } = require("node:fs")
const protobuf = require("protobufjs")
const { FileDescriptorSet } = require("protobufjs/ext/descriptor")
for (const name of ["oneof", "optional"]) {
  const root = protobuf.loadSync(`${name}.proto`).resolveAll()
  const set = root.toDescriptor("proto3")
  writeFileSync(`${name}.protobufjs`, FileDescriptorSet.encode(set).finish())
  protobuf.Root.fromDescriptor(set).resolveAll().lookupType("Alert")
}
END
cat >read.py <<'END'
import sys

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool


def read(path):
    (file,) = FileDescriptorSet.FromString(open(path, "rb").read()).file
    oneofs = ",".join(oneof.name for oneof in file.message_type[0].oneof_decl)
    try:
        DescriptorPool().Add(file)
        return f"{oneofs}: taken"
    except TypeError as error:
        return f"{oneofs}: {str(error).split(': ')[1]}"


refused = "_limit,value: Synthetic oneofs must be after all other oneofs"
same = True
for name, expected in (("oneof", "value,_limit: taken"), ("optional", refused)):
    official, theirs = read(f"{name}.protoc"), read(f"{name}.protobufjs")
    print(f"{name} first: protoc {official}; protobufjs {theirs}")
    same = same and official == "value,_limit: taken" and theirs == expected
sys.exit(0 if same else 1)
END
for name in oneof optional; do venv/bin/python -m grpc_tools.protoc -I. --descriptor_set_out="$name.protoc" "$name.proto"; done
node write.js
venv/bin/python read.py
