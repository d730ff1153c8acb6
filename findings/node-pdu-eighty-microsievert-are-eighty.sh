#!/usr/bin/env bash
# node-pdu 2.1.1 (npm), beside smspdudecoder 2.2.0 with bitstring 4.2.3 (PyPI), which reads what it wrote.
#
# A modem at the plant sends alerts as text messages, and gets some. A message has the alphabet of GSM, with 7 bits a letter, or UCS-2 for all others
# (3GPP TS 23.038), and node-pdu chooses by the text. Expected: what GSM's alphabet has not goes out in UCS-2, as it does for "tête" or for the Greek mu.
# Seen: the signs that Latin-1 has before its letters with accents, for micro, degree, plus or minus and cubed, are taken for letters of GSM's alphabet, and
# each is a space for the receiver. "80 µSv/h" is "80  Sv/h", a million times as much, and there is no error. The Greek mu looks the same, U+03BC, and is
# right. Received, a message has its time with an offset in quarters of an hour, and `getIsoString` "converts the SCTS to an ISO 8601 string": in
# Berlin it does, in India it writes "+5.5:00", which no reader of ISO 8601 takes; `new Date` makes it a time that is none. `time`, seconds, is right.
# Replace U+00B5 by U+03BC, and set the alphabet (DCS) yourself for other signs; take the time from `time`.
#
# Output seen:
#   80 µSv/h (U+00B5): alphabet 0, received "80  Sv/h"
#   80 μSv/h (U+03BC): alphabet 2, received "80 μSv/h"
#   12 m³/h: alphabet 0, received "12 m /h"
#   ±5 °C: alphabet 0, received " 5  C"
#   tête: alphabet 2, received "tête"
#   06:00 in Berlin: 2026-12-03T06:00:00+01:00, a date: yes, time 2026-12-03T05:00:00Z; smspdudecoder 2026-12-03T05:00:00+00:00
#   06:00 in Delhi: 2026-12-03T06:00:00+5.5:00, a date: no, time 2026-12-03T00:30:00Z; smspdudecoder 2026-12-03T00:30:00+00:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund node-pdu@2.1.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install smspdudecoder==2.2.0 bitstring==4.2.3
cat >show.js <<'END'
const fs = require("node:fs");
const { Submit, parse } = require("node-pdu");
const pdus = [];
for (const [text, note] of [["80 \u00b5Sv/h", " (U+00B5)"], ["80 \u03bcSv/h", " (U+03BC)"], ["12 m\u00b3/h", ""], ["\u00b15 \u00b0C", ""], ["t\u00eate", ""]]) {
  const message = new Submit("+491234567", text);
  pdus.push(message.getPartStrings()[0]);
  console.log(`${text}${note}: alphabet ${message.dataCodingScheme.textAlphabet}`);
}
for (const [place, quarters] of [["Berlin", "40"], ["Delhi", "22"]]) {
  const pdu = `0004049121430000622130600000${quarters}04D4F29C0E`;
  pdus.push(pdu);
  const stamp = parse(pdu).serviceCenterTimeStamp;
  const iso = stamp.getIsoString();
  const time = new Date(stamp.time * 1000).toISOString().replace(".000", "");
  console.log(`06:00 in ${place}: ${iso}, a date: ${Number.isNaN(Date.parse(iso)) ? "no" : "yes"}, time ${time}`);
}
fs.writeFileSync("pdus", pdus.join("\n"));
END
cat >show.py <<'PY'
from io import StringIO

from smspdudecoder.fields import SMSDeliver, SMSSubmit

for pdu in open("pdus").read().split():
    if pdu.startswith("0004"):
        print(f"; smspdudecoder {SMSDeliver.decode(StringIO(pdu))['scts'].isoformat()}")
    else:
        print(f''', received "{SMSSubmit.decode(StringIO(pdu))['user_data']['data']}"''')
PY
node show.js >sent
paste -d '\0' sent <(PYTHONUTF8=1 venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
80 µSv/h (U+00B5): alphabet 0, received "80  Sv/h"
80 μSv/h (U+03BC): alphabet 2, received "80 μSv/h"
12 m³/h: alphabet 0, received "12 m /h"
±5 °C: alphabet 0, received " 5  C"
tête: alphabet 2, received "tête"
06:00 in Berlin: 2026-12-03T06:00:00+01:00, a date: yes, time 2026-12-03T05:00:00Z; smspdudecoder 2026-12-03T05:00:00+00:00
06:00 in Delhi: 2026-12-03T06:00:00+5.5:00, a date: no, time 2026-12-03T00:30:00Z; smspdudecoder 2026-12-03T00:30:00+00:00
TXT
cmp -s seen expected
