#!/usr/bin/env bash
# sparkplug-payload 1.0.3 (npm) reads, pysparkplug 0.6.1 (PyPI) writes.
#
# In Sparkplug B a device says in its birth message which type each metric has, and leaves the types out of its data messages, as the
# specification asks ("SHOULD NOT be included"); the bytes still tell a number from a text. Expected: a reader gives the value, or says
# that it lacks the type. Seen: sparkplug-payload gives null, which is also how it gives a metric that has no value now (`is_null`).
# Its own writer puts the type into every message and is read. A consumer that was tried with it sees each device of another
# make come up, with all values, and have none from then on.
#
# Output seen:
#   birth: temperature 85.5, door true, text hot
#   data: temperature null, door null, text null
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund sparkplug-payload@1.0.3
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pysparkplug==0.6.1
cat >write.py <<'END'
from pysparkplug import DataType, DBirth, DData, Metric

now = 1_796_115_600_000
values = [("temperature", DataType.DOUBLE, 85.5), ("door", DataType.BOOLEAN, True), ("text", DataType.STRING, "hot")]
metrics = tuple(Metric(timestamp=now, name=name, datatype=datatype, value=value) for name, datatype, value in values)
for seq, kind in enumerate((DBirth, DData)):
    with open(kind.__name__, "wb") as file:
        file.write(kind(timestamp=now, seq=seq, metrics=metrics).encode())
END
cat >read.js <<'END'
const { readFileSync } = require("node:fs")
const { decodePayload } = require("sparkplug-payload").get("spBv1.0")
const read = (file) => decodePayload(readFileSync(file)).metrics.map(({ name, value }) => `${name} ${value}`).join(", ")
const [birth, data] = [read("DBirth"), read("DData")]
console.log(`birth: ${birth}\ndata: ${data}`)
const same = birth === "temperature 85.5, door true, text hot" && data === "temperature null, door null, text null"
process.exit(same ? 0 : 1)
END
venv/bin/python write.py
node read.js
