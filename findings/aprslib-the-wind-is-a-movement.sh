#!/usr/bin/env bash
# aprslib 0.7.2 (PyPI).
#
# A weather station sends by APRS, over radio: a report without a place begins with c220s004, one with a place has 220/004 behind its symbol, "_".
# The protocol's reference says that this is the wind's direction and speed for that symbol, and a vehicle's course for others.
# Expected: `wind_direction` and `wind_speed` under "weather" for both. Seen: in a report with a place, the usual one, the two are missing there, beside
# gust, temperature and the rest, and the report has a course and a speed in km/h: a station that drives south-west. The first kind has the wind in
# m/s. So a limit for the wind is never met by a station that knows where it is, and a filter for moving senders takes it for one.
# For the symbol "_" take course for the direction, and read the speed from the report itself.
#
# Output seen:
#   without a place: wind_direction 220, wind_speed 1.78816, wind_gust 2.2352; course none, speed none
#   with a place: wind_direction none, wind_speed none, wind_gust 2.2352; course 220, speed 7.408
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install aprslib==0.7.2
cat >show.py <<'PY'
import aprslib

for name, report in [
    ("without a place", "_10090556c220s004g005t077r000p000P000h50b09900"),
    ("with a place", "!4903.50N/07201.75W_220/004g005t077r000p000P000h50b09900"),
]:
    read = aprslib.parse(f"N0CALL>APRS:{report}")
    weather = ", ".join(f"{key} {read['weather'].get(key, 'none')}" for key in ("wind_direction", "wind_speed", "wind_gust"))
    print(f"{name}: {weather}; course {read.get('course', 'none')}, speed {read.get('speed', 'none')}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
without a place: wind_direction 220, wind_speed 1.78816, wind_gust 2.2352; course none, speed none
with a place: wind_direction none, wind_speed none, wind_gust 2.2352; course 220, speed 7.408
TXT
cmp -s seen expected
