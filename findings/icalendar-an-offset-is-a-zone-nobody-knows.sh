#!/usr/bin/env bash
# icalendar 7.3.2 (PyPI), read by ical.js 2.2.1 (npm) on a machine of Berlin.
#
# A maintenance window is written into a calendar: `event.add("dtstart", datetime.fromisoformat("2026-12-03T22:00:00+09:00"))`. iCalendar has no
# offsets. Expected: the instant stays, as 13:00 of UTC.
# Seen: the offset is written as the name of a time zone, TZID="UTC+09:00", and the calendar has no such zone. `add_missing_timezones()`, which adds
# the others, adds none for it and says nothing.
# Each reader then takes 22:00 of its own place, nine hours off, and so does icalendar itself, which gives back a time without a zone. An offset of
# nothing is right ("Z"), and so is a ZoneInfo, which are what a test has.
# The documentation shows zones and UTC only. Turn a time with an offset into UTC before you add it: `.astimezone(timezone.utc)`.
#
# Output seen:
#   2026-12-03T22:00:00+09:00 is written DTSTART;TZID="UTC+09:00":20261203T220000
#     icalendar reads 2026-12-03T22:00:00
#     ical.js reads 2026-12-03T21:00:00.000Z
#   2026-12-03T13:00:00+00:00 is written DTSTART:20261203T130000Z
#     icalendar reads 2026-12-03T13:00:00+00:00
#     ical.js reads 2026-12-03T13:00:00.000Z
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalendar==7.3.2
cat >show.py <<'PY'
import re
import sys
from datetime import datetime, timezone

from icalendar import Calendar, Event

event = Event()
event.add("uid", "1")
event.add("dtstamp", datetime(2026, 12, 1, tzinfo=timezone.utc))
event.add("dtstart", datetime.fromisoformat(sys.argv[1]))
calendar = Calendar()
calendar.add("version", "2.0")
calendar.add("prodid", "-//a//b//EN")
calendar.add_component(event)
calendar.add_missing_timezones()
text = calendar.to_ical().decode()
open("calendar.ics", "w").write(text)
print(f"{sys.argv[1]} is written {re.search('DTSTART.*', text)[0].strip()}")
print(f"  icalendar reads {Calendar.from_ical(text).events[0].start.isoformat()}")
PY
cat >show.mjs <<'END'
import fs from "node:fs";
import ICAL from "ical.js";

const text = fs.readFileSync("calendar.ics", "utf8");
const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent");
console.log(`  ical.js reads ${event.getFirstPropertyValue("dtstart").toJSDate().toISOString()}`);
END
for time in 2026-12-03T22:00:00+09:00 2026-12-03T13:00:00+00:00; do
  venv/bin/python show.py "$time"
  TZ=Europe/Berlin node show.mjs
done | tee seen
cat >expected <<'TXT'
2026-12-03T22:00:00+09:00 is written DTSTART;TZID="UTC+09:00":20261203T220000
  icalendar reads 2026-12-03T22:00:00
  ical.js reads 2026-12-03T21:00:00.000Z
2026-12-03T13:00:00+00:00 is written DTSTART:20261203T130000Z
  icalendar reads 2026-12-03T13:00:00+00:00
  ical.js reads 2026-12-03T13:00:00.000Z
TXT
cmp -s seen expected
