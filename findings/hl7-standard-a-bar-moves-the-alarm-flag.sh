#!/usr/bin/env bash
# hl7-standard 1.0.4, beside node-hl7-client 3.2.0 (npm, Node 20.15 or newer).
#
# Monitors at a bed send their alarms as HL7, lines of fields between "|". In a segment OBX the fifth field is the text, the sixth the unit, and
# the eighth says H for "too high". A "|" in a text goes out as \F\, and comes back as "|" (HL7 2, chapter 2, escape sequences).
# Expected: what was set is what is read. Seen: hl7-standard writes the "|" as it is, and reads \F\ as it is. With "gate A|B open" for a text it makes
# "gate A" and a unit "B open", and all that follows lies one field further: the limits stand where H was, and "final" is gone. It reads its own line so too.
# Nothing is reported, and the line is as valid as before. node-hl7-client writes \F\. Translate the five delimiters and line ends yourself before `set`
# and after `get`.
#
# Output seen (text, unit, flag, state):
#   as it is: "hot" "" "H" "F"
#   set, written and read: "gate A" "B open" "10-80" ""
#   what was written: OBX|1|ST|||gate A|B open||10-80|H|||F|
#   of another program: "gate A\\F\\B \\T\\ C" "" "H" "F"
#   node-hl7-client writes: OBX|1|ST|||gate A\F\B open||10-80|H|||F
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund hl7-standard@1.0.4 node-hl7-client@3.2.0
cat >show.js <<'JS'
const Standard = require("hl7-standard")
const { Message } = require("node-hl7-client")

const message = (text) => `MSH|^~\\&|PUMPS|WARD|||20261203140509||ORU^R40|1|P|2.6\rOBX|1|ST|||${text}||10-80|H|||F\r`
const parsed = (text) => {
  const standard = new Standard(text)
  standard.transform()
  return standard
}
const tell = (standard) => ["OBX.5", "OBX.6", "OBX.8", "OBX.11"].map((name) => JSON.stringify(standard.get(name))).join(" ")

const written = parsed(message("hot"))
console.log(`as it is: ${tell(written)}`)
written.set("OBX.5", "gate A|B open")
const line = written.build()
console.log(`set, written and read: ${tell(parsed(line))}`)
console.log(`what was written: ${line.split("\r\n")[1]}`)
console.log(`of another program: ${tell(parsed(message("gate A\\F\\B \\T\\ C")))}`)
const other = new Message({ text: message("hot").trimEnd() })
other.get("OBX").set("5", "gate A|B open")
console.log(`node-hl7-client writes: ${other.toString().split("\r")[1]}`)
JS
node show.js >seen
cat seen
cat >expected <<'TXT'
as it is: "hot" "" "H" "F"
set, written and read: "gate A" "B open" "10-80" ""
what was written: OBX|1|ST|||gate A|B open||10-80|H|||F|
of another program: "gate A\\F\\B \\T\\ C" "" "H" "F"
node-hl7-client writes: OBX|1|ST|||gate A\F\B open||10-80|H|||F
TXT
cmp -s seen expected
