#!/usr/bin/env bash
# knx 2.5.4 (npm), beside xknx 4.0.0 (PyPI).
#
# KNX has types with a scale: 5.001 is a percentage in one byte, 8.010 one in hundredths, -327.68 to 327.67 %, and 9.001 a temperature.
# For all types 9.xxx the bytes 7FFF say that there is no valid value, a broken sensor. Expected: the percentage, and no temperature.
# Seen: knx scales 5.001, and not 8.010. Ten percent are 1000, with the unit "%" beside it, and the other way round ten percent are sent as 0.1 %.
# The broken sensor has 670760.96 °C, a number like any other. It is a fire alarm, ruins an average, and gives no alert for a limit from below.
# xknx has 10 %, and refuses 7FFF.
# Divide 8.010 by a hundred, and take 670760.96 out.
#
# Output seen:
#   5.001 1a: knx 10 %, xknx 10 %
#   8.010 03e8: knx 1000 %, xknx 10.0 %
#   8.010 ff9c: knx -100 %, xknx -1.0 %
#   9.001 0c1a: knx 21 °C, xknx 21.0 °C
#   9.001 7fff: knx 670760.96 °C, xknx refuses
#   10 % as 8.010: knx 000a, xknx 03e8
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund --ignore-scripts knx@2.5.4
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install xknx==4.0.0
printf '%s\n' '5.001 1a' '8.010 03e8' '8.010 ff9c' '9.001 0c1a' '9.001 7fff' >bytes
cat >show.js <<'END'
const fs = require("node:fs");
const { fromBuffer, resolve, populateAPDU } = require("knx/src/dptlib");
for (const line of fs.readFileSync("bytes", "utf8").trim().split("\n")) {
  const [type, hex] = line.split(" ");
  const dpt = resolve(type);
  console.log(`${type} ${hex}: knx ${fromBuffer(Buffer.from(hex, "hex"), dpt)} ${dpt.subtype.unit}`);
}
const apdu = {};
populateAPDU(10, apdu, "8.010");
console.log(`10 % as 8.010: knx ${apdu.data.toString("hex")}`);
END
cat >show.py <<'PY'
from xknx.dpt import DPTArray, DPTBase
from xknx.exceptions import ConversionError

for line in open("bytes"):
    name, text = line.split()
    kind = DPTBase.parse_transcoder(name)
    try:
        print(f", xknx {kind.from_knx(DPTArray(tuple(bytes.fromhex(text))))} {kind.unit}")
    except ConversionError:
        print(", xknx refuses")
print(f", xknx {bytes(DPTBase.parse_transcoder('8.010').to_knx(10).value).hex()}")
PY
paste -d '\0' <(node show.js) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
5.001 1a: knx 10 %, xknx 10 %
8.010 03e8: knx 1000 %, xknx 10.0 %
8.010 ff9c: knx -100 %, xknx -1.0 %
9.001 0c1a: knx 21 °C, xknx 21.0 °C
9.001 7fff: knx 670760.96 °C, xknx refuses
10 % as 8.010: knx 000a, xknx 03e8
TXT
cmp -s seen expected
