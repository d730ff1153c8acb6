#!/usr/bin/env bash
# candied 2.2.0 (npm), beside cantools 45.1.0 (PyPI).
#
# A DBC file says where a message on a CAN bus has its signals: start bit, length, byte order, sign. For "@0", Motorola's order, the start
# is the highest bit of the signal (AWS's FleetWise wants the lowest, and its reference warns that a DBC file has the highest).
# candied reads the file and knows "Motorola". Expected: the value that cantools has, or an error. Seen: candied takes the start for the lowest bit, and so
# takes the bytes before the signal. A pump at 50 degrees, in bytes 2 and 3, has the nought of bytes 1 and 2, so it is at its lowest, -40. In the first
# bytes there are none before, and the value is NaN; so is each signal of a single byte there. And a float, which another line of the file says
# (SIG_VALTYPE_), is read as a whole number: 93.5 is far beyond the signal's limits, and therefore 150, the highest that it may have (candied puts each value
# within the limits; its README says so). Intel's order is right for whole numbers. Give each Motorola signal the start of its lowest bit.
#
# Output seen:
#   Intel, bytes 2 and 3: candied 50, cantools 50
#   Motorola, bytes 2 and 3: candied -40, cantools 50
#   Motorola, bytes 0 and 1: candied NaN, cantools 50
#   Motorola, start of the lowest bit: candied 50
#   float, bytes 4 to 7: candied 150, cantools 93.5
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true, "type": "module" }
END
npm install --silent --no-audit --no-fund candied@2.2.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cantools==45.1.0
cat >signals <<'END'
Intel, bytes 2 and 3|16|16@1+ (0.1,-40) [-40|150]|0000840300000000
Motorola, bytes 2 and 3|23|16@0+ (0.1,-40) [-40|150]|0000038400000000
Motorola, bytes 0 and 1|7|16@0+ (0.1,-40) [-40|150]|0384000000000000
Motorola, start of the lowest bit|24|16@0+ (0.1,-40) [-40|150]|0000038400000000
float, bytes 4 to 7|32|32@1- (1,0) [-40|150]|000000000000bb42
END
while IFS= read -r line; do
  name=${line%%|*} rest=${line#*|}
  start=${rest%%|*} signal=${rest#*|}
  {
    printf 'VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: ECU\n\nBO_ 100 Pump: 8 ECU\n SG_ Temp : %s|%s "degC" ECU\n' "$start" "${signal%|*}"
    case $name in float*) printf '\nSIG_VALTYPE_ 100 Temp : 1;\n' ;; esac
  } >"$name.dbc"
done <signals
cat >show.js <<'END'
import fs from "node:fs";
import { Can, Dbc } from "candied";
for (const line of fs.readFileSync("signals", "utf8").trim().split("\n")) {
  const [name] = line.split("|");
  const bytes = line.slice(line.lastIndexOf("|") + 1);
  const can = new Can();
  can.database = new Dbc().load(fs.readFileSync(`${name}.dbc`, "utf8"));
  const message = can.decode(can.createFrame(100, [...Buffer.from(bytes, "hex")], false));
  console.log(`${name}: candied ${message.boundSignals.get("Temp").value}`);
}
END
cat >show.py <<'PY'
import cantools

for line in open("signals"):
    name, data = line.strip().split("|")[0], line.strip().rsplit("|", 1)[1]
    if "lowest" in name:
        print()
    else:
        value = cantools.database.load_file(f"{name}.dbc").decode_message(100, bytes.fromhex(data))["Temp"]
        print(f", cantools {value:g}")
PY
paste -d '\0' <(node show.js) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
Intel, bytes 2 and 3: candied 50, cantools 50
Motorola, bytes 2 and 3: candied -40, cantools 50
Motorola, bytes 0 and 1: candied NaN, cantools 50
Motorola, start of the lowest bit: candied 50
float, bytes 4 to 7: candied 150, cantools 93.5
TXT
cmp -s seen expected
