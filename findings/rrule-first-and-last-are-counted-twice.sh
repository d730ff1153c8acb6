#!/usr/bin/env bash
# rrule 2.8.1 (npm), beside ical.js 2.2.1 (npm) and python-dateutil 2.9.0.post0 (PyPI).
#
# A rule of iCalendar says when a maintenance is: on the first and the last (`BYSETPOS=1,-1`) of a month's closing days, the 30th and
# the 31st, six times. November has but one of them: its first is its last. A recurrence is a *set* of times.
# Expected: that day once, and six different days.
# Seen: rrule gives it twice and counts it twice. So the last window is missing, and what happens in it raises an alarm; without a
# count, a job starts twice at one time. The two others give six days. In December, where one may try it, all three agree.
# Take equal times out yourself, and give an end by `UNTIL` instead of a count.
#
# Output seen:
#   rrule: 11-30 11-30 12-30 12-31 01-30 01-31
#   ical.js: 11-30 12-30 12-31 01-30 01-31 03-30
#   dateutil: 11-30 12-30 12-31 01-30 01-31 03-30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund rrule@2.8.1 ical.js@2.2.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install python-dateutil==2.9.0.post0
rule="FREQ=MONTHLY;BYMONTHDAY=30,31;BYSETPOS=1,-1;COUNT=6"
cat >show.mjs <<'END'
import ICAL from "ical.js"
import rrule from "rrule"

const rule = process.argv[2]
const days = rrule.rrulestr(`DTSTART:20261130T090000Z\nRRULE:${rule}`).all().map((day) => day.toISOString().slice(5, 10))
console.log(`rrule: ${days.join(" ")}`)
const next = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString("2026-11-30T09:00:00"))
const others = []
for (let day = next.next(); day; day = next.next()) others.push(day.toString().slice(5, 10))
console.log(`ical.js: ${others.join(" ")}`)
END
cat >show.py <<'END'
import sys
from datetime import datetime

from dateutil.rrule import rrulestr

days = rrulestr(sys.argv[1], dtstart=datetime(2026, 11, 30, 9))
print("dateutil:", *(day.strftime("%m-%d") for day in days))
END
{ node show.mjs "$rule"; venv/bin/python show.py "$rule"; } >seen
cat seen
cat >expected <<'END'
rrule: 11-30 11-30 12-30 12-31 01-30 01-31
ical.js: 11-30 12-30 12-31 01-30 01-31 03-30
dateutil: 11-30 12-30 12-31 01-30 01-31 03-30
END
cmp -s seen expected
