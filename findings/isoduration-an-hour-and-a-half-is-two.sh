#!/usr/bin/env bash
# isoduration 20.11.0, beside isodate 0.7.2 (both PyPI).
#
# A window lasts PT1.5H: ISO 8601 lets the smallest unit of a duration have a fraction, and isoduration reads it and keeps the fraction. Added to
# a datetime, one expects an hour and a half. Seen: each part of the sum is rounded by itself to a whole number, and nothing is handed down:
# an hour and a half is two hours, half a minute a whole one, 0.4 s nothing and 1.5 s two. The sum has no microseconds even where the datetime had
# them and the duration is whole, so an end lies before its begin when the window is empty.
# isodate is right. Durations without a fraction, on datetimes without one, are right as well, and those are what tests have.
# Write PT90M, and take the microseconds off and put them on again yourself.
#
# Output seen:
#   06:00:00 + PT1.5H: isoduration 08:00:00, isodate 07:30:00
#   06:00:00 + PT0.5M: isoduration 06:01:00, isodate 06:00:30
#   06:00:00 + PT1.5S: isoduration 06:00:02, isodate 06:00:01.500000
#   06:00:00 + PT0.4S: isoduration 06:00:00, isodate 06:00:00.400000
#   06:00:00.700000 + PT0S: isoduration 06:00:00, isodate 06:00:00.700000
#   06:00:00 + PT90M: isoduration 07:30:00, isodate 07:30:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install isoduration==20.11.0 isodate==0.7.2
cat >show.py <<'PY'
from datetime import datetime

import isodate
import isoduration

begin = datetime(2026, 12, 1, 6)
later = begin.replace(microsecond=700_000)
for time, text in [(begin, "PT1.5H"), (begin, "PT0.5M"), (begin, "PT1.5S"), (begin, "PT0.4S"), (later, "PT0S"), (begin, "PT90M")]:
    sums = time + isoduration.parse_duration(text), time + isodate.parse_duration(text)
    print(f"{time.time()} + {text}: isoduration {sums[0].time()}, isodate {sums[1].time()}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
06:00:00 + PT1.5H: isoduration 08:00:00, isodate 07:30:00
06:00:00 + PT0.5M: isoduration 06:01:00, isodate 06:00:30
06:00:00 + PT1.5S: isoduration 06:00:02, isodate 06:00:01.500000
06:00:00 + PT0.4S: isoduration 06:00:00, isodate 06:00:00.400000
06:00:00.700000 + PT0S: isoduration 06:00:00, isodate 06:00:00.700000
06:00:00 + PT90M: isoduration 07:30:00, isodate 07:30:00
TXT
cmp -s seen expected
