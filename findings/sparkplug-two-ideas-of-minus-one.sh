#!/usr/bin/env bash
# Two libraries for Sparkplug B: sparkplug-payload 1.0.3 (npm) and pysparkplug 0.6.1 (PyPI).
#
# Sparkplug has whole numbers of 8 to 64 bits, with and without sign; in its Protobuf each lies in a field of 32 or of 64 bits, and
# the one of 32 serves up to UInt32. Expected: a number, with the type beside it, is the same number for the reader.
# Seen: a small negative number fills 8 bits for Python and 32 for JavaScript. From Python to JavaScript -1 is 255; the other way the
# whole message is refused. And JavaScript keeps a UInt32 in the field of 64, and reads null where it lies in the one of the
# specification. Each library reads itself, and small temperatures above zero pass.
#
# Output seen:
#   Python to JavaScript: Int8 -1 is 255, Int16 -2 is 65534, Int32 -3 is -3, UInt32 5 is null
#   JavaScript to JavaScript: Int8 -1 is -1, Int16 -2 is -2, Int32 -3 is -3, UInt32 5 is 5
#   JavaScript to Python: Int8 overflow with value 4294967295
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund sparkplug-payload@1.0.3
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pysparkplug==0.6.1
cat >birth.py <<'END'
import sys

from pysparkplug import DataType, DBirth, Metric

now = 1_796_115_600_000
if sys.argv[1] == "write":
    values = {"Int8": -1, "Int16": -2, "Int32": -3, "UInt32": 5}
    metrics = tuple(Metric(timestamp=now, name=name, datatype=DataType[name.upper()], value=value) for name, value in values.items())
    with open("python", "wb") as file:
        file.write(DBirth(timestamp=now, seq=1, metrics=metrics).encode())
else:
    try:
        print("JavaScript to Python:", *(metric.value for metric in DBirth.decode(open("javascript", "rb").read()).metrics))
    except OverflowError as error:
        print(f"JavaScript to Python: {error}")
END
cat >birth.js <<'END'
const { readFileSync, writeFileSync } = require("node:fs")
const { decodePayload, encodePayload } = require("sparkplug-payload").get("spBv1.0")
const values = { Int8: -1, Int16: -2, Int32: -3, UInt32: 5 }
const metrics = Object.entries(values).map(([type, value]) => ({ name: type, type, value }))
writeFileSync("javascript", encodePayload({ timestamp: 1796115600000, seq: 1, metrics }))
for (const [file, name] of Object.entries({ python: "Python", javascript: "JavaScript" })) {
  const read = decodePayload(readFileSync(file)).metrics.map(({ name, value }) => `${name} ${values[name]} is ${value}`)
  console.log(`${name} to JavaScript: ${read.join(", ")}`)
}
END
venv/bin/python birth.py write
node birth.js >seen
venv/bin/python birth.py read >>seen
cat seen
cat >expected <<'END'
Python to JavaScript: Int8 -1 is 255, Int16 -2 is 65534, Int32 -3 is -3, UInt32 5 is null
JavaScript to JavaScript: Int8 -1 is -1, Int16 -2 is -2, Int32 -3 is -3, UInt32 5 is 5
JavaScript to Python: Int8 overflow with value 4294967295
END
cmp -s seen expected
