#!/usr/bin/env bash
# dateparser 1.5.0, beside python-dateutil 2.9.0.post0 and isodate 0.7.2 (all PyPI).
#
# iCalendar and many devices write a time in ISO 8601's basic form, without "-" and ":": 20261201T060000Z. Expected: 06:00 of 1 December
# 2026, or nothing, as dateparser answers what it cannot read. Seen: it takes the time of day for a number of days, 60,000, and answers
# that many days before now: a time in another century, which moves with the clock of the reader. Shortly after midnight it is plausible
# (T000010Z was ten days ago). A time with "-" and ":" is right. Such an alert is older than every retention, and none of it is an error.
# Give dateparser the form (`date_formats=["%Y%m%dT%H%M%S%z"]`), or read with another library what a program wrote.
#
# Output seen:
#   2026-12-01T06:00:00Z: dateparser 2026-12-01 06:00:00, dateutil 2026-12-01 06:00:00, isodate 2026-12-01 06:00:00
#   20261201T060000Z: dateparser more than a hundred years ago, dateutil 2026-12-01 06:00:00, isodate 2026-12-01 06:00:00
#   20261201T060000Z again: dateparser another time
#   20261201T000010Z: dateparser 10 days before now
#   with date_formats: dateparser 2026-12-01 06:00:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install dateparser==1.5.0 python-dateutil==2.9.0.post0 isodate==0.7.2
cat >show.py <<'END'
import time
from datetime import datetime

import dateparser
import dateutil.parser
import isodate


def by_dateparser(text, **more):
    read = dateparser.parse(text, settings={"TIMEZONE": "UTC"}, **more)
    return "more than a hundred years ago" if read.year < 1926 else f"{read:%Y-%m-%d %H:%M:%S}"


compact = "20261201T060000Z"
for text in ("2026-12-01T06:00:00Z", compact):
    others = f"dateutil {dateutil.parser.parse(text):%Y-%m-%d %H:%M:%S}, isodate {isodate.parse_datetime(text):%Y-%m-%d %H:%M:%S}"
    print(f"{text}: dateparser {by_dateparser(text)}, {others}")
before = dateparser.parse(compact)
time.sleep(0.1)
print(f"{compact} again: dateparser {'the same' if dateparser.parse(compact) == before else 'another time'}")
read = dateparser.parse("20261201T000010Z")
ago = datetime.now() - read
print(f"20261201T000010Z: dateparser {ago.days} days before now")
print(f"with date_formats: dateparser {by_dateparser(compact, date_formats=['%Y%m%dT%H%M%S%z'])}")
END
venv/bin/python show.py >seen
cat seen
cat >expected <<'END'
2026-12-01T06:00:00Z: dateparser 2026-12-01 06:00:00, dateutil 2026-12-01 06:00:00, isodate 2026-12-01 06:00:00
20261201T060000Z: dateparser more than a hundred years ago, dateutil 2026-12-01 06:00:00, isodate 2026-12-01 06:00:00
20261201T060000Z again: dateparser another time
20261201T000010Z: dateparser 10 days before now
with date_formats: dateparser 2026-12-01 06:00:00
END
cmp -s seen expected
