#!/usr/bin/env bash
# isodate 0.7.2 (PyPI).
#
# A rule says how long an alert is silent or how old a reading may be, as an ISO 8601 duration, and `parse_duration` reads it. Without years and
# months the result is a timedelta, and `total_seconds()` gives its length.
# Expected: with a month it gives some length of a month, as aniso8601 and pendulum do, or an error, since a month has no fixed length.
# Seen: the result is a `Duration`, which hands each name that it lacks to the timedelta inside it. So `total_seconds()`, `days` and `seconds` answer,
# but without the months and years: "P1M" is 0 seconds, "P1Y" as well, and "P1MT1H" an hour. A silence of a month ends at once.
# A time plus the duration is right. The README says that it can be used "almost like a timedelta (with some limitations)", and does not name this
# one. Add the duration to a time, and take the difference.
#
# Output seen:
#   P30D is 720 h, added to a time 720 h; aniso8601 and pendulum 720 and 720 h
#   P1M is 0 h, added to a time 744 h; aniso8601 and pendulum 720 and 720 h
#   P1MT1H is 1 h, added to a time 745 h; aniso8601 and pendulum 721 and 721 h
#   P1Y is 0 h, added to a time 8760 h; aniso8601 and pendulum 8760 and 8760 h
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install isodate==0.7.2 aniso8601==10.0.1 pendulum==3.3.0
cat >show.py <<'PY'
from datetime import datetime

import aniso8601
import isodate
import pendulum

begin = datetime(2026, 12, 3)
for text in ("P30D", "P1M", "P1MT1H", "P1Y"):
    read = isodate.parse_duration(text)
    others = [parse(text).total_seconds() / 3600 for parse in (aniso8601.parse_duration, pendulum.parse)]
    added = (begin + read - begin).total_seconds() / 3600
    print(f"{text} is {read.total_seconds() / 3600:g} h, added to a time {added:g} h; aniso8601 and pendulum {others[0]:g} and {others[1]:g} h")
PY
venv/bin/python show.py | tee seen
cat >expected <<'TXT'
P30D is 720 h, added to a time 720 h; aniso8601 and pendulum 720 and 720 h
P1M is 0 h, added to a time 744 h; aniso8601 and pendulum 720 and 720 h
P1MT1H is 1 h, added to a time 745 h; aniso8601 and pendulum 721 and 721 h
P1Y is 0 h, added to a time 8760 h; aniso8601 and pendulum 8760 and 8760 h
TXT
cmp -s seen expected
