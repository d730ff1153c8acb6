#!/usr/bin/env bash
# Two readers of the Common Event Format (CEF): pycef 1.11 (PyPI) and nsyslog-parser 0.10.1 (npm).
#
# CEF is one line: seven fields between "|", then name=value pairs. A "|" in a field, and a "=" in a value, have a backslash before
# them, as the format's guide says. Expected: the backslash goes and the character is a part of the text.
# Seen: pycef knows it in the values only. A device with "|" in the name of its alert has no name and no severity, and its message has
# the rest of the header for a name. nsyslog-parser knows it in the header only: of "value\=85 limit\=80" it makes a message
# "value\" and a field of its own, "limit\", and the 85 is gone. Neither takes the backslash away, and neither says a word.
#
# Output seen (the two lines with "|" and "=", each):
#   pycef: name "", severity none, fields {"hot\\|wet|5|msg":"a"}
#   pycef: name "hot", severity 5, fields {"msg":"value\\=85 limit\\=80"}
#   nsyslog-parser: name "hot\\|wet", severity 5, fields {"msg":"a"}
#   nsyslog-parser: name "hot", severity 5, fields {"msg":"value\\","limit\\":"80"}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund nsyslog-parser@0.10.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pycef==1.11
cat >lines <<'END'
CEF:0|plant|sensor|1|100|hot\|wet|5|msg=a
CEF:0|plant|sensor|1|100|hot|5|msg=value\=85 limit\=80
END
cat >show.py <<'END'
import json

import pycef

header = ("CEFVersion", "Name", "Severity")
for line in open("lines"):
    read = pycef.parse(line.rstrip("\n"))
    fields = {name: value for name, value in read.items() if name not in header and not name.startswith("Device")}
    shown = json.dumps(fields, separators=(",", ":"))
    print(f'name {json.dumps(read["Name"])}, severity {read.get("Severity", "none")}, fields {shown}')
END
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const parse = require("nsyslog-parser")
for (const line of readFileSync("lines", "utf8").trimEnd().split("\n")) {
  const { cef, fields } = parse(line)
  console.log(`name ${JSON.stringify(cef.name)}, severity ${cef.severity}, fields ${JSON.stringify(fields)}`)
}
END
{ venv/bin/python show.py | sed 's/^/pycef: /'; node show.js | sed 's/^/nsyslog-parser: /'; } >seen
cat seen
cat >expected <<'END'
pycef: name "", severity none, fields {"hot\\|wet|5|msg":"a"}
pycef: name "hot", severity 5, fields {"msg":"value\\=85 limit\\=80"}
nsyslog-parser: name "hot\\|wet", severity 5, fields {"msg":"a"}
nsyslog-parser: name "hot", severity 5, fields {"msg":"value\\","limit\\":"80"}
END
cmp -s seen expected
