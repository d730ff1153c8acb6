#!/usr/bin/env bash
# dsame3-simple 0.0.3 (PyPI), with freezegun 1.5.5 for the clock.
#
# The warnings of American radio (SAME) have the day of the year and the time of their beginning, JJJHHMM, and a length in hours and minutes. A flood watch
# may have a day and more. Expected: the moment next to the clock, and the length. Seen: the day is read as one of 1900, and then
# the year of the clock is put in. 1900 had no February 29. In 2028, from that day on, each warning begins a day late: a tornado warning of
# 30 minutes is for tomorrow. On January 1 a warning of the night before, day 365, is a year ahead, which a leap year has nothing to do with.
# `duration` leaves whole days out: a watch of 24 hours has 0 seconds, and one of 30 hours is one of 6. `end_time` has the whole length.
# Take the day from January 1 of the year on, look which year is nearest, and reckon the length from the end.
#
# Output seen:
#   at 2027-05-04 17:50, 0030 from 1241745: 2027-05-04 17:45 to 2027-05-04 18:15, duration 1800 s
#   at 2028-02-28 17:50, 0030 from 0591745: 2028-02-28 17:45 to 2028-02-28 18:15, duration 1800 s
#   at 2028-05-04 17:50, 0030 from 1251745: 2028-05-05 17:45 to 2028-05-05 18:15, duration 1800 s
#   at 2028-01-01 00:05, 0030 from 3652350: 2028-12-31 23:50 to 2029-01-01 00:20, duration 1800 s
#   at 2027-05-04 17:50, 2400 from 1241745: 2027-05-04 17:45 to 2027-05-05 17:45, duration 0 s
#   at 2027-05-04 17:50, 3000 from 1241745: 2027-05-04 17:45 to 2027-05-05 23:45, duration 21600 s
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install dsame3-simple==0.0.3 freezegun==1.5.5
cat >show.py <<'PY'
from dsame3_simple.dsame import same_decode_string
from freezegun import freeze_time

for now, day, length in (
    ("2027-05-04 17:50", "1241745", "0030"),
    ("2028-02-28 17:50", "0591745", "0030"),
    ("2028-05-04 17:50", "1251745", "0030"),
    ("2028-01-01 00:05", "3652350", "0030"),
    ("2027-05-04 17:50", "1241745", "2400"),
    ("2027-05-04 17:50", "1241745", "3000"),
):
    with freeze_time(now):
        (read,) = same_decode_string(f"ZCZC-WXR-TOR-040109+{length}-{day}-KOUN/NWS-")
    begin, end = (f"{read[name]:%Y-%m-%d %H:%M}" for name in ("start_time", "end_time"))
    print(f"at {now}, {length} from {day}: {begin} to {end}, duration {read['duration']} s")
PY
TZ=UTC venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
at 2027-05-04 17:50, 0030 from 1241745: 2027-05-04 17:45 to 2027-05-04 18:15, duration 1800 s
at 2028-02-28 17:50, 0030 from 0591745: 2028-02-28 17:45 to 2028-02-28 18:15, duration 1800 s
at 2028-05-04 17:50, 0030 from 1251745: 2028-05-05 17:45 to 2028-05-05 18:15, duration 1800 s
at 2028-01-01 00:05, 0030 from 3652350: 2028-12-31 23:50 to 2029-01-01 00:20, duration 1800 s
at 2027-05-04 17:50, 2400 from 1241745: 2027-05-04 17:45 to 2027-05-05 17:45, duration 0 s
at 2027-05-04 17:50, 3000 from 1241745: 2027-05-04 17:45 to 2027-05-05 23:45, duration 21600 s
TXT
cmp -s seen expected
