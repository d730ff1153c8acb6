#!/usr/bin/env bash
# Apache's own Avro for Python, avro 1.12.2 (PyPI), beside fastavro 1.13.1 (PyPI).
#
# Avro keeps a decimal as a whole number; the schema says how many digits stand behind the point (its scale). A sensor's limit is 1.5, in
# a field of scale 2. Expected: 150 is written, and 1.50 read. Seen: avro writes the digits that the Decimal happens to have, 15, and
# whoever reads them, itself or another, gets 0.15. 1E+2 becomes 0.01. Nothing is refused, as long as there are no more digits than
# the scale has; a value that was written out with exactly two digits is right, so prices in a test show nothing.
#
# Output seen:
#   1.50: avro wrote 1.50, fastavro wrote 1.50
#   1.5: avro wrote 0.15, fastavro wrote 1.50
#   85: avro wrote 0.85, fastavro wrote 85.00
#   1E+2: avro wrote 0.01, fastavro wrote 100.00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install fastavro==1.13.1 avro==1.12.2
cat >show.py <<'END'
import io
import json
import sys
from decimal import Decimal

import avro.io
import avro.schema
import fastavro

schema = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}


def by_avro(value):
    buffer = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(schema))).write(value, avro.io.BinaryEncoder(buffer))
    return buffer.getvalue()


def by_fastavro(value):
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, value)
    return buffer.getvalue()


seen = []
for text in ("1.50", "1.5", "85", "1E+2"):
    written = [write(Decimal(text)) for write in (by_avro, by_fastavro)]
    read = [str(fastavro.schemaless_reader(io.BytesIO(record), schema, None)) for record in written]
    print(f"{text}: avro wrote {read[0]}, fastavro wrote {read[1]}")
    seen.append(read)
sys.exit(0 if seen == [["1.50", "1.50"], ["0.15", "1.50"], ["0.85", "85.00"], ["0.01", "100.00"]] else 1)
END
venv/bin/python show.py
