#!/usr/bin/env bash
# Apache's own avro 1.12.2 (PyPI) and avro-js 1.12.2 (npm, with underscore 1.13.8, which it needs and does not bring), beside fastavro 1.13.1 (PyPI) and
# avsc 5.7.9 (npm).
#
# A device's alert has its severity as an enum, and devices get a new one, CRITICAL. For that an enum of Avro has a default since 1.9: the reader takes it
# for a symbol that it does not know, and "otherwise an error is signalled" is for an enum without one (Avro 1.12, Schema Resolution).
# Expected: UNKNOWN, as the reader's schema says. Apache's library for Python agrees where one asks it: its checker calls the two schemas compatible.
# Seen: its reader raises an error at the first alert with the new severity, so exactly these do not come through, and the less grave ones do.
# avro-js refuses the pair of schemas, so no alert comes through. fastavro and avsc read UNKNOWN. A test with the old severities sees nothing of it in
# Python, and a registry that checks compatibility (by Apache's Java, which has the default) lets the schema in. Read with fastavro or avsc.
#
# Output seen:
#   avro's checker: compatible
#   INFO: avro INFO, fastavro INFO, avsc INFO, avro-js refuses the schemas
#   WARN: avro WARN, fastavro WARN, avsc WARN, avro-js refuses the schemas
#   CRITICAL: avro SchemaResolutionException, fastavro UNKNOWN, avsc UNKNOWN, avro-js refuses the schemas
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund avsc@5.7.9 avro-js@1.12.2 underscore@1.13.8
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install avro==1.12.2 fastavro==1.13.1
cat >writer.avsc <<'END'
{ "type": "enum", "name": "Severity", "symbols": ["INFO", "CRITICAL", "WARN"] }
END
cat >reader.avsc <<'END'
{ "type": "enum", "name": "Severity", "symbols": ["UNKNOWN", "INFO", "WARN"], "default": "UNKNOWN" }
END
cat >show.py <<'PY'
import io
import json
import sys

import avro.compatibility
import avro.errors
import avro.io
import avro.schema
import fastavro

texts = [open(name).read() for name in ("writer.avsc", "reader.avsc")]
writer, reader = (avro.schema.parse(text) for text in texts)
checked = avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
print(f"avro's checker: {checked.compatibility.value}", file=sys.stderr)
for severity in ("INFO", "WARN", "CRITICAL"):
    buffer = io.BytesIO()
    avro.io.DatumWriter(writer).write(severity, avro.io.BinaryEncoder(buffer))
    try:
        read = avro.io.DatumReader(writer, reader).read(avro.io.BinaryDecoder(io.BytesIO(buffer.getvalue())))
    except avro.errors.SchemaResolutionException as error:
        read = type(error).__name__
    other = fastavro.schemaless_reader(io.BytesIO(buffer.getvalue()), *(json.loads(text) for text in texts))
    print(f"{severity}: avro {read}, fastavro {other}")
PY
cat >show.js <<'END'
const fs = require("node:fs");
const schemas = ["writer.avsc", "reader.avsc"].map((name) => JSON.parse(fs.readFileSync(name, "utf8")));
const read = (parse, severity) => {
  const [writer, reader] = schemas.map((schema) => parse(schema));
  let resolver;
  try {
    resolver = reader.createResolver(writer);
  } catch {
    return "refuses the schemas";
  }
  return reader.fromBuffer(writer.toBuffer(severity), resolver);
};
for (const severity of ["INFO", "WARN", "CRITICAL"]) {
  const avsc = read((schema) => require("avsc").Type.forSchema(schema), severity);
  console.log(`, avsc ${avsc}, avro-js ${read(require("avro-js").parse, severity)}`);
}
END
{
  venv/bin/python show.py 2>checker >python
  cat checker
  paste -d '\0' python <(node show.js)
} | tee seen
cat >expected <<'TXT'
avro's checker: compatible
INFO: avro INFO, fastavro INFO, avsc INFO, avro-js refuses the schemas
WARN: avro WARN, fastavro WARN, avsc WARN, avro-js refuses the schemas
CRITICAL: avro SchemaResolutionException, fastavro UNKNOWN, avsc UNKNOWN, avro-js refuses the schemas
TXT
cmp -s seen expected
