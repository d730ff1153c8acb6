#!/usr/bin/env bash
# nsyslog-parser 0.10.1 (npm), a reader of the Log Event Extended Format (LEEF).
#
# LEEF 2.0 names in its header the character that stands between the fields: as itself ("^"), or as a hexadecimal number ("x5E", "0x09"),
# which is the only readable way to name a tab. Expected: the same fields, however the character is named.
# Seen: the number is taken for a text of three or four characters, which no line has. So all fields are one: its name is the first name,
# its value goes up to the second "=", and the rest is nowhere. The severity is "5^msg" and the message is gone. Nothing is reported. In
# version 1 of the format, and with the character itself, all is right.
#
# Output seen:
#   ^: {"sev":"5","msg":"value 85","src":"pump-7"}
#   x5E: {"sev":"5^msg"}
#   0x09: {"sev":"5\tmsg"}
#   version 1: {"sev":"5","msg":"value 85","src":"pump-7"}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund nsyslog-parser@0.10.1
cat >show.js <<'END'
const parse = require("nsyslog-parser")
const lines = {
  "^": "LEEF:2.0|plant|sensor|1|hot|^|sev=5^msg=value 85^src=pump-7",
  x5E: "LEEF:2.0|plant|sensor|1|hot|x5E|sev=5^msg=value 85^src=pump-7",
  "0x09": "LEEF:2.0|plant|sensor|1|hot|0x09|sev=5\tmsg=value 85\tsrc=pump-7",
  "version 1": "LEEF:1.0|plant|sensor|1|hot|sev=5\tmsg=value 85\tsrc=pump-7",
}
for (const [name, line] of Object.entries(lines)) console.log(`${name}: ${JSON.stringify(parse(line).fields)}`)
END
node show.js >seen
cat seen
cat >expected <<'END'
^: {"sev":"5","msg":"value 85","src":"pump-7"}
x5E: {"sev":"5^msg"}
0x09: {"sev":"5\tmsg"}
version 1: {"sev":"5","msg":"value 85","src":"pump-7"}
END
cmp -s seen expected
