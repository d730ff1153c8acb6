#!/usr/bin/env bash
# nmea-simple 3.3.0 (npm), beside pynmea2 1.19.0 and pynmeagps 1.1.8 (PyPI).
#
# A tracker reports by NMEA 0183, and its alerts have time and place of its last sentence. GGA, GLL and GST have a time of day and no date; without
# a fix the fields of the place are empty, and so may the time be (RMC with status V, GGA with quality 0). Expected: a time without a date,
# or the one next to the clock, and no place. Seen: nmea-simple puts the time on the server's day. Read 300 ms after it, when midnight has passed, a
# fix of 23:59:59.9 is a day ahead, in the future for whoever compares it. An empty time is the year 1970, as a valid date. And what has no fix lies at
# 0, 0, south of Ghana (-0 in JavaScript), with an altitude of 0; pynmea2 has 0.0 as well, in `latitude` and `longitude`. So a truck that enters a tunnel
# leaves its area, and an alarm for that is raised. pynmeagps leaves the place empty, and the time without a date.
# Take the date from RMC or ZDA, and ask `fixType` and `status`, or pynmea2's `lat`, before a place is used.
#
# Output seen (read at 2026-12-04T00:00:00.200Z):
#   GGA of 23:59:59.90: nmea-simple 2026-12-04T23:59:59.900Z at 37.5 127, pynmea2 23:59:59.900000 at 37.5 127.0, pynmeagps 23:59:59.900000 at 37.5 127.0
#   GGA of 00:00:00.10: nmea-simple 2026-12-04T00:00:00.100Z at 37.5 127, pynmea2 00:00:00.100000 at 37.5 127.0, pynmeagps 00:00:00.100000 at 37.5 127.0
#   GGA without a fix: nmea-simple 2026-12-04T23:59:59.900Z at -0 -0, pynmea2 23:59:59.900000 at 0.0 0.0, pynmeagps 23:59:59.900000 at nothing
#   GGA without fix and time: nmea-simple 1970-01-01T00:00:00.000Z at -0 -0, pynmea2 nothing at 0.0 0.0, pynmeagps nothing at nothing
#   RMC with its date: nmea-simple 2026-12-03T23:59:59.900Z at 37.5 127, pynmea2 23:59:59.900000 at 37.5 127.0, pynmeagps 23:59:59.900000 at 37.5 127.0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund nmea-simple@3.3.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pynmea2==1.19.0 pynmeagps==1.1.8
cat >sentences <<'END'
GGA of 23:59:59.90|$GPGGA,235959.90,3730.0000,N,12700.0000,E,1,08,0.9,545.4,M,46.9,M,,*6D
GGA of 00:00:00.10|$GPGGA,000000.10,3730.0000,N,12700.0000,E,1,08,0.9,545.4,M,46.9,M,,*64
GGA without a fix|$GPGGA,235959.90,,,,,0,00,99.9,,M,,M,,*57
GGA without fix and time|$GPGGA,,,,,,0,00,99.9,,M,,M,,*71
RMC with its date|$GPRMC,235959.90,A,3730.0000,N,12700.0000,E,0.0,0.0,031226,,,A*51
END
cat >show.js <<'END'
const fs = require("node:fs");
const { parseNmeaSentence } = require("nmea-simple");
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length > 0 ? parts : ["2026-12-04T00:00:00.200Z"]));
  }
};
const shown = (number) => (Object.is(number, -0) ? "-0" : String(number));
for (const line of fs.readFileSync("sentences", "utf8").trim().split("\n")) {
  const [name, sentence] = line.split("|");
  const read = parseNmeaSentence(sentence);
  const time = read.datetime ?? read.time;
  console.log(`${name}: nmea-simple ${time.toISOString()} at ${shown(read.latitude)} ${shown(read.longitude)}`);
}
END
cat >show.py <<'PY'
import pynmea2
from pynmeagps import NMEAReader


def shown(time, latitude, longitude):
    place = "nothing" if latitude == "" else f"{latitude} {longitude}"
    return f"{time.replace(tzinfo=None).isoformat() if time else 'nothing'} at {place}"


for line in open("sentences"):
    sentence = line.strip().split("|")[1]
    one = pynmea2.parse(sentence, check=True)
    other = NMEAReader.parse(sentence + "\r\n")
    print(f", pynmea2 {shown(one.timestamp, one.latitude, one.longitude)}, pynmeagps {shown(other.time, other.lat, other.lon)}")
PY
paste -d '\0' <(node show.js) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
GGA of 23:59:59.90: nmea-simple 2026-12-04T23:59:59.900Z at 37.5 127, pynmea2 23:59:59.900000 at 37.5 127.0, pynmeagps 23:59:59.900000 at 37.5 127.0
GGA of 00:00:00.10: nmea-simple 2026-12-04T00:00:00.100Z at 37.5 127, pynmea2 00:00:00.100000 at 37.5 127.0, pynmeagps 00:00:00.100000 at 37.5 127.0
GGA without a fix: nmea-simple 2026-12-04T23:59:59.900Z at -0 -0, pynmea2 23:59:59.900000 at 0.0 0.0, pynmeagps 23:59:59.900000 at nothing
GGA without fix and time: nmea-simple 1970-01-01T00:00:00.000Z at -0 -0, pynmea2 nothing at 0.0 0.0, pynmeagps nothing at nothing
RMC with its date: nmea-simple 2026-12-03T23:59:59.900Z at 37.5 127, pynmea2 23:59:59.900000 at 37.5 127.0, pynmeagps 23:59:59.900000 at 37.5 127.0
TXT
cmp -s seen expected
