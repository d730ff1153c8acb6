#!/usr/bin/env bash
# aniso8601 10.0.1, beside python-dateutil 2.9.0.post0 (`isoparse`) and arrow 1.4.0 (all PyPI).
#
# ISO 8601 may write the end of a day as 24:00, and plans do: mute from the 1st, 22:00 to the 1st, 24:00. As a point in time that is the
# 2nd, 00:00. Expected: that, or an error. Seen: aniso8601 gives 00:00 of the day that was written, 24 hours too early. The end of the
# mute hours lies before their beginning, so they never begin, or a silence is over at once. The same in an interval. For a time of
# day alone, where there is no day to go to, 00:00 is right, and so it looks when one tries it. Ask for "T24:00" before you parse.
#
# Output seen:
#   2026-12-01T22:00:00Z: aniso8601 2026-12-01 22:00, isoparse 2026-12-01 22:00, arrow 2026-12-01 22:00
#   2026-12-01T24:00:00Z: aniso8601 2026-12-01 00:00, isoparse 2026-12-02 00:00, arrow 2026-12-02 00:00
#   2026-12-01T22:00:00Z/2026-12-01T24:00:00Z: aniso8601 lasts -22 hours
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install aniso8601==10.0.1 python-dateutil==2.9.0.post0 arrow==1.4.0
cat >show.py <<'END'
import aniso8601
import arrow
from dateutil.parser import isoparse

readers = {"aniso8601": aniso8601.parse_datetime, "isoparse": isoparse, "arrow": arrow.get}
for text in ("2026-12-01T22:00:00Z", "2026-12-01T24:00:00Z"):
    print(f"{text}: " + ", ".join(f"{name} {read(text).strftime('%Y-%m-%d %H:%M')}" for name, read in readers.items()))
text = "2026-12-01T22:00:00Z/2026-12-01T24:00:00Z"
begin, end = aniso8601.parse_interval(text)
print(f"{text}: aniso8601 lasts {(end - begin).total_seconds() / 3600:g} hours")
END
venv/bin/python show.py >seen
cat seen
cat >expected <<'END'
2026-12-01T22:00:00Z: aniso8601 2026-12-01 22:00, isoparse 2026-12-01 22:00, arrow 2026-12-01 22:00
2026-12-01T24:00:00Z: aniso8601 2026-12-01 00:00, isoparse 2026-12-02 00:00, arrow 2026-12-02 00:00
2026-12-01T22:00:00Z/2026-12-01T24:00:00Z: aniso8601 lasts -22 hours
END
cmp -s seen expected
