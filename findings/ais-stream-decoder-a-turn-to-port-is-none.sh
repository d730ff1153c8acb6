#!/usr/bin/env bash
# ais-stream-decoder 2.1.2 (npm), beside pyais 3.3.1 (PyPI), which writes the sentences.
#
# A ship sends by AIS how fast she turns, in degrees a minute, to port below zero. So that a byte holds it, it is 4.733 times the square root, with the sign
# before it (ITU-R M.1371-5, table 48): 20 degrees a minute are 21, and 20 to port are -21. Expected: the number divided by 4.733, squared, with its sign.
# Seen: the library takes the square root a second time. So 20 degrees a minute are 2, and 100 are 3, and a ship in a hard turn moves like one
# that goes nearly straight. Of a turn to port there is no root: it is null, which is what the library says of a ship that does not know her rate.
# Only a ship that goes straight is right. No error comes. A limit of 10 degrees a minute is never reached, to either side.
# Square the answer twice, (it ** 2) ** 2, and that to starboard is right; one to port is lost.
#
# Output seen:
#   0 degrees a minute: ais-stream-decoder 0.0, pyais 0.0
#   2 degrees a minute: ais-stream-decoder 1.2, pyais 2.0
#   20 degrees a minute: ais-stream-decoder 2.1, pyais 20.0
#   100 degrees a minute: ais-stream-decoder 3.2, pyais 99.0
#   -2 degrees a minute: ais-stream-decoder null, pyais -2.0
#   -20 degrees a minute: ais-stream-decoder null, pyais -20.0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund ais-stream-decoder@2.1.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pyais==3.3.1
cat >send.py <<'PY'
from pyais import decode
from pyais.encode import encode_dict

for turn in (0, 2, 20, 100, -2, -20):
    report = {"type": 1, "mmsi": "211234560", "turn": turn, "speed": 10, "lon": 10, "lat": 54, "course": 90, "heading": 90}
    (sentence,) = encode_dict(report, radio_channel="A")
    print(turn, sentence, decode(sentence).turn)
PY
cat >show.cjs <<'JS'
const AisDecoder = require('ais-stream-decoder').default

const lines = require('fs').readFileSync('sent', 'utf8').trim().split('\n')
const decoder = new AisDecoder()
decoder.on('data', (report) => {
  const [turn, , beside] = lines.shift().split(' ')
  const rate = JSON.parse(report).rateOfTurn
  console.log(`${turn} degrees a minute: ais-stream-decoder ${rate === null ? null : rate.toFixed(1)}, pyais ${beside}`)
})
for (const line of [...lines]) decoder.write(line.split(' ')[1])
JS
venv/bin/python send.py >sent
node show.cjs | tee seen
cat >expected <<'TXT'
0 degrees a minute: ais-stream-decoder 0.0, pyais 0.0
2 degrees a minute: ais-stream-decoder 1.2, pyais 2.0
20 degrees a minute: ais-stream-decoder 2.1, pyais 20.0
100 degrees a minute: ais-stream-decoder 3.2, pyais 99.0
-2 degrees a minute: ais-stream-decoder null, pyais -2.0
-20 degrees a minute: ais-stream-decoder null, pyais -20.0
TXT
cmp -s seen expected
