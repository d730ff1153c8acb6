#!/usr/bin/env bash
# Apache's own Avro for Python, avro 1.12.2 (PyPI), beside fastavro 1.13.1 (PyPI) and avsc 5.7.9 (npm).
#
# A field `dev` is renamed to `device`. The new schema names the old one as an alias, and has a default for records without a device:
# the way to rename that schema registries call compatible. The specification leaves it to a library whether it follows aliases.
# Expected of one that does not: it refuses the old records. Seen: avro takes the default, so each old alert is of device "unknown",
# without an error or a warning. Take the default away, and it refuses. The same library passes over the default of an enum, too:
# where the others read a new symbol as that default, it refuses the record.
#
# Output seen:
#   renamed field with a default: fastavro d1, avsc d1, avro unknown
#   renamed field without: fastavro d1, avsc d1, avro SchemaResolutionException
#   symbol that the reader's enum lacks: fastavro WARN, avsc WARN, avro SchemaResolutionException
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install fastavro==1.13.1 avro==1.12.2
npm install --silent --no-audit --no-fund avsc@5.7.9
# Each case: what the old schema wrote (one field, its bytes) and the reader's schema.
cat >cases.json <<'END'
[
  {
    "name": "renamed field with a default",
    "written": {"type": "record", "name": "Alert", "fields": [{"name": "dev", "type": "string"}]},
    "reader": {"type": "record", "name": "Alert", "fields": [
      {"name": "device", "aliases": ["dev"], "type": "string", "default": "unknown"}
    ]},
    "record": "046431"
  },
  {
    "name": "renamed field without",
    "written": {"type": "record", "name": "Alert", "fields": [{"name": "dev", "type": "string"}]},
    "reader": {"type": "record", "name": "Alert", "fields": [{"name": "device", "aliases": ["dev"], "type": "string"}]},
    "record": "046431"
  },
  {
    "name": "symbol that the reader's enum lacks",
    "written": {"type": "record", "name": "Alert", "fields": [
      {"name": "severity", "type": {"type": "enum", "name": "Severity", "symbols": ["INFO", "WARN", "FATAL"]}}
    ]},
    "reader": {"type": "record", "name": "Alert", "fields": [
      {"name": "severity", "type": {"type": "enum", "name": "Severity", "symbols": ["INFO", "WARN"], "default": "WARN"}}
    ]},
    "record": "04"
  }
]
END
cat >with_avsc.js <<'END'
const { Type } = require("avsc")
const read = ({ written, reader, record }) => {
  const type = Type.forSchema(reader)
  return type.fromBuffer(Buffer.from(record, "hex"), type.createResolver(Type.forSchema(written)))
}
console.log(JSON.stringify(require("./cases.json").map((one) => Object.values(read(one))[0])))
END
node with_avsc.js >of_avsc.json
cat >show.py <<'END'
import io
import json
import sys

from avro.errors import SchemaResolutionException
from avro.io import BinaryDecoder, DatumReader
from avro.schema import parse
from fastavro import parse_schema, schemaless_reader

lines = []
for case, of_avsc in zip(json.load(open("cases.json")), json.load(open("of_avsc.json"))):
    record = io.BytesIO(bytes.fromhex(case["record"]))
    written, reader = (parse(json.dumps(case[side])) for side in ("written", "reader"))
    try:
        of_avro = list(DatumReader(written, reader).read(BinaryDecoder(record)).values())[0]
    except SchemaResolutionException as refusal:
        of_avro = type(refusal).__name__
    record.seek(0)
    read = schemaless_reader(record, parse_schema(case["written"]), parse_schema(case["reader"]))
    lines.append(f"{case['name']}: fastavro {list(read.values())[0]}, avsc {of_avsc}, avro {of_avro}")
print("\n".join(lines))
sys.exit(0 if lines == [
    "renamed field with a default: fastavro d1, avsc d1, avro unknown",
    "renamed field without: fastavro d1, avsc d1, avro SchemaResolutionException",
    "symbol that the reader's enum lacks: fastavro WARN, avsc WARN, avro SchemaResolutionException",
] else 1)
END
venv/bin/python show.py
