#!/usr/bin/env bash
# lwm2m-codec 0.1.1 (npm).
#
# Devices of LwM2M say what is wrong in one resource with several values, /3/0/11: 1 is a low battery, 2 a power supply that is off. It comes as TLV
# or as JSON (LwM2M 1.0, 6.4.3 and 6.4.4; the values are whole numbers, by its appendix E). JSON may also have several readings of one resource, each
# with seconds to add to a base time. Expected: both errors, as numbers, and each reading with its time.
# Seen: of JSON only the first value is left: a device with a low battery and no power has a low battery. Of three readings the first is left, without its
# time. Of TLV both are there, but as text, a character with the code 1 or 2; of a voltage in two bytes the text has "no such character", and
# the number cannot be had back. It writes digits for numbers: error 1 goes out as the byte 49. It reads its own digits back
# as text, and nothing is reported. Single values are right. Read /3/0/11 itself, not its object, and as JSON.
#
# Output seen:
#   JSON of /3/0, errors 1 and 2: {"errCode":{"0":1}}
#   JSON of /3/0/11, errors 1 and 2: {"0":1,"1":2}
#   JSON of /3303/0, three readings: {"sensorValue":21}
#   TLV of /3/0, errors 1 and 2: {"errCode":{"0":"\u0001","1":"\u0002"}}
#   TLV of /3/0, 3800 and 5000 millivolts: {"pwrSrcVoltage":{"0":"\u000e\ufffd","1":"\u0013\ufffd"}}
#   TLV of /3/0, battery 100: {"battLevel":100}
#   TLV written for errors 1 and 2: 860b410031410132
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund lwm2m-codec@0.1.1
cat >show.js <<'JS'
const codec = require("lwm2m-codec")

const fromJson = (path, e, bt) => JSON.stringify(codec.decode("json", path, Buffer.from(JSON.stringify({ bt, e }))))
const fromTlv = (path, hex) => {
  const text = JSON.stringify(codec.decode("tlv", path, Buffer.from(hex, "hex")))
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
const errors = [{ n: "11/0", v: 1 }, { n: "11/1", v: 2 }]
const readings = [{ n: "5700", v: 21, t: -5 }, { n: "5700", v: 22, t: -30 }, { n: "5700", v: 23, t: -55 }]

console.log(`JSON of /3/0, errors 1 and 2: ${fromJson("/3/0", errors)}`)
console.log(`JSON of /3/0/11, errors 1 and 2: ${fromJson("/3/0/11", errors.map(({ n, v }) => ({ n: n.slice(3), v })))}`)
console.log(`JSON of /3303/0, three readings: ${fromJson("/3303/0", readings, 1796306700)}`)
console.log(`TLV of /3/0, errors 1 and 2: ${fromTlv("/3/0", "860b410001410102")}`)
console.log(`TLV of /3/0, 3800 and 5000 millivolts: ${fromTlv("/3/0", "88070842000ed842011388")}`)
console.log(`TLV of /3/0, battery 100: ${fromTlv("/3/0", "c10964")}`)
console.log(`TLV written for errors 1 and 2: ${codec.encode("tlv", "/3/0/11", { 0: 1, 1: 2 }).toString("hex")}`)
JS
node show.js >seen
cat seen
cat >expected <<'TXT'
JSON of /3/0, errors 1 and 2: {"errCode":{"0":1}}
JSON of /3/0/11, errors 1 and 2: {"0":1,"1":2}
JSON of /3303/0, three readings: {"sensorValue":21}
TLV of /3/0, errors 1 and 2: {"errCode":{"0":"\u0001","1":"\u0002"}}
TLV of /3/0, 3800 and 5000 millivolts: {"pwrSrcVoltage":{"0":"\u000e\ufffd","1":"\u0013\ufffd"}}
TLV of /3/0, battery 100: {"battLevel":100}
TLV written for errors 1 and 2: 860b410031410132
TXT
cmp -s seen expected
