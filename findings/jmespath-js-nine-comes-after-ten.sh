#!/usr/bin/env bash
# JMESPath in two languages: jmespath 0.16.0 (npm) and jmespath 1.1.0 (PyPI).
#
# A mapping takes the lowest or the highest readings of a record: `sort(values)`, then `[0]` or `[-1]`. The specification sorts numbers
# as numbers. Expected: 9 before 10. Seen: the JavaScript library sorts numbers as texts, so the highest of 9, 10 and 85 is 9, and
# of the negative ones the warmer is the lower. `sort_by` and `max` are right in it, and so is `sort` while all numbers have as many
# digits, as in most tests. Its `to_number` makes 0 of an empty text, where the specification has null: a missing reading is a reading
# of zero. Sort with `sort_by(values, &@)`, and test a text for "" before it becomes a number.
#
# Output seen:
#   sort(values): JavaScript [10,85,9], Python [9,10,85]
#   sort(values)[-1]: JavaScript 9, Python 85
#   sort(cold): JavaScript [-1,-20,-3], Python [-20,-3,-1]
#   sort_by(values, &@): JavaScript [9,10,85], Python [9,10,85]
#   to_number(none): JavaScript 0, Python null
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund jmespath@0.16.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jmespath==1.1.0
echo '{"values": [10, 9, 85], "cold": [-3, -20, -1], "none": ""}' >record.json
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const { search } = require("jmespath")
console.log(JSON.stringify(search(JSON.parse(readFileSync("record.json")), process.argv[2])))
END
cat >show.py <<'END'
import json
import sys

import jmespath

print(json.dumps(jmespath.search(sys.argv[1], json.load(open("record.json"))), separators=(",", ":")))
END
for path in "sort(values)" "sort(values)[-1]" "sort(cold)" "sort_by(values, &@)" "to_number(none)"; do
  echo "$path: JavaScript $(node show.js "$path"), Python $(venv/bin/python show.py "$path")"
done >seen
cat seen
cat >expected <<'END'
sort(values): JavaScript [10,85,9], Python [9,10,85]
sort(values)[-1]: JavaScript 9, Python 85
sort(cold): JavaScript [-1,-20,-3], Python [-20,-3,-1]
sort_by(values, &@): JavaScript [9,10,85], Python [9,10,85]
to_number(none): JavaScript 0, Python null
END
cmp -s seen expected
