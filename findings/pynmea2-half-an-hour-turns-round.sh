#!/usr/bin/env bash
# pynmea2 1.19.0 (PyPI).
#
# A receiver sends its time as NMEA 0183's sentence ZDA: UTC, the date, and the local zone as hours and minutes, in two fields; the minutes take the
# sign of the hours. Newfoundland is -03 and 30. Expected: three and a half hours. Seen: `tzinfo` and `localdatetime` add the minutes
# without that sign. -03 and 30 are minus two and a half, so the local time is an hour off; a zone without minutes, or east with pynmea2's sign, is
# right. The same library gives a place where there is none: a receiver without a fix leaves the fields empty, and `latitude` and `longitude`
# are 0.0, a point in the Gulf of Guinea, while a missing altitude is None. Ask `is_valid`, or whether `lat` is empty, before you read them.
#
# Output seen:
#   zone 05 and 30: 20:30 UTC is 02:00, +05:30
#   zone -03 and 00: 20:30 UTC is 17:30, -03:00
#   zone -03 and 30: 20:30 UTC is 18:00, -02:30
#   no fix: latitude 0.0, longitude 0.0, altitude None, lat '', valid False
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pynmea2==1.19.0
cat >show.py <<'PY'
from functools import reduce

import pynmea2


def read(sentence):
    return pynmea2.parse(f"${sentence}*{reduce(lambda sum, one: sum ^ one, sentence.encode()):02X}")


for hours, minutes in (("05", "30"), ("-03", "00"), ("-03", "30")):
    local = read(f"GPZDA,203000.00,01,12,2026,{hours},{minutes}").localdatetime
    zone = local.strftime("%z")
    print(f"zone {hours} and {minutes}: 20:30 UTC is {local:%H:%M}, {zone[:3]}:{zone[3:]}")
fix = read("GPGGA,060000.00,,,,,0,00,,,M,,M,,")
print(f"no fix: latitude {fix.latitude}, longitude {fix.longitude}, altitude {fix.altitude}, lat {fix.lat!r}, valid {fix.is_valid}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
zone 05 and 30: 20:30 UTC is 02:00, +05:30
zone -03 and 00: 20:30 UTC is 17:30, -03:00
zone -03 and 30: 20:30 UTC is 18:00, -02:30
no fix: latitude 0.0, longitude 0.0, altitude None, lat '', valid False
TXT
cmp -s seen expected
