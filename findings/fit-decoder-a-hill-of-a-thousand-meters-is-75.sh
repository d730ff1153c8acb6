#!/usr/bin/env bash
# fit-decoder 1.0.5 (npm), beside garmin-fit-sdk 21.218.0 (PyPI), Garmin's own library, which writes the file.
#
# Watches, bicycle computers and sensors store what they measure in Garmin's format FIT. Its profile says for each field by what the number is divided and what is
# taken off: an altitude is a fifth of the number, less 500 meters; meters climbed are the number itself; a speed is a thousandth (Profile.xlsx, messages).
# Expected: the library, whose README says that distances come in meters and whose comment on altitudes says "cm to meters", gives meters.
# Seen: it takes each altitude, and the meters climbed, for hundredths of a meter, and adds no 500. So a hill of 1000 m is 75 m high, the sea is at 25 m,
# nothing is ever below it, and a climb of 350 m is one of 3.5 m. The curve looks as it should, flat by a factor of 20. No error comes.
# Time, place, distance, speed and temperature are right. Take altitude * 20 - 500, and total_ascent * 100.
#
# Output seen:
#   1000 m: altitude 75, enhanced_altitude 75, speed 5, distance 1234.5, temperature -5
#   100 m: altitude 30, enhanced_altitude 30, speed 5, distance 1234.5, temperature -5
#   0 m: altitude 25, enhanced_altitude 25, speed 5, distance 1234.5, temperature -5
#   -3 m: altitude 24.85, enhanced_altitude 24.85, speed 5, distance 1234.5, temperature -5
#   lap with 350 m up, at 100 m: total_ascent 3.5, avg_altitude 30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund fit-decoder@1.0.5
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install garmin-fit-sdk==21.218.0
cat >write.py <<'PY'
from datetime import datetime, timezone

from garmin_fit_sdk import Decoder, Encoder, Profile, Stream

now = datetime(2026, 12, 4, 10, tzinfo=timezone.utc)
kind = Profile["mesg_num"]
encoder = Encoder()
encoder.write_mesg({"mesg_num": kind["FILE_ID"], "type": "activity", "manufacturer": "development", "product": 1, "time_created": now})
heights = (1000, 100, 0, -3)
for height in heights:
    seen = {"altitude": height, "enhanced_altitude": height, "speed": 5, "distance": 1234.5, "temperature": -5}
    encoder.write_mesg({"mesg_num": kind["RECORD"], "timestamp": now, **seen})
encoder.write_mesg({"mesg_num": kind["LAP"], "timestamp": now, "start_time": now, "total_ascent": 350, "avg_altitude": 100})
file = encoder.close()
messages, errors = Decoder(Stream.from_byte_array(bytearray(file))).read()
assert not errors and [record["altitude"] for record in messages["record_mesgs"]] == list(heights)
assert messages["lap_mesgs"][0]["total_ascent"] == 350 and messages["lap_mesgs"][0]["avg_altitude"] == 100
open("ride.fit", "wb").write(file)
PY
cat >show.cjs <<'JS'
const { fit2json, parseRecords } = require('fit-decoder')

const { records } = parseRecords(fit2json(new Uint8Array(require('fs').readFileSync('ride.fit')).buffer))
const shown = (data, names) => names.map((name) => `${name} ${data[name]}`).join(', ')
const heights = [1000, 100, 0, -3]
for (const { type, data } of records) {
  if (type === 'record') console.log(`${heights.shift()} m: ${shown(data, ['altitude', 'enhanced_altitude', 'speed', 'distance', 'temperature'])}`)
  if (type === 'lap') console.log(`lap with 350 m up, at 100 m: ${shown(data, ['total_ascent', 'avg_altitude'])}`)
}
JS
venv/bin/python write.py
node show.cjs | tee seen
cat >expected <<'TXT'
1000 m: altitude 75, enhanced_altitude 75, speed 5, distance 1234.5, temperature -5
100 m: altitude 30, enhanced_altitude 30, speed 5, distance 1234.5, temperature -5
0 m: altitude 25, enhanced_altitude 25, speed 5, distance 1234.5, temperature -5
-3 m: altitude 24.85, enhanced_altitude 24.85, speed 5, distance 1234.5, temperature -5
lap with 350 m up, at 100 m: total_ascent 3.5, avg_altitude 30
TXT
cmp -s seen expected
