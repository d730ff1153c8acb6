#!/usr/bin/env bash
# ical.js 2.2.1 (npm), beside rrule 2.8.1 (npm) and python-dateutil 2.9.0.post0 (PyPI).
#
# A yearly rule of iCalendar may name days and hours within the year. RFC 5545 has a table for it: with FREQ=YEARLY, BYMONTHDAY,
# BYWEEKNO and BYHOUR each *add* times. Expected: the first of each month, each day of week 49, and two times on the day of the year.
# Seen: ical.js gives the first of one month a year, only the earlier of two hours, and of a week nothing at all, without an error.
# The same days with FREQ=MONTHLY, and the same hours with FREQ=DAILY, are right. So most of the maintenance windows of a calendar that
# another program wrote are missing, and what happens in them raises an alarm. Write FREQ=MONTHLY where you write the rule; where you
# only read it, ask a second library whether it sees more.
#
# Output seen:
#   FREQ=YEARLY;BYMONTHDAY=1: ical.js 26-12-01T06 27-12-01T06 28-12-01T06, rrule and dateutil 26-12-01T06 27-01-01T06 27-02-01T06
#   FREQ=YEARLY;BYHOUR=6,18: ical.js 26-12-01T06 27-12-01T06 28-12-01T06, rrule and dateutil 26-12-01T06 26-12-01T18 27-12-01T06
#   FREQ=YEARLY;BYWEEKNO=49: ical.js nothing, rrule and dateutil 26-12-01T06 26-12-02T06 26-12-03T06
#   FREQ=MONTHLY;BYMONTHDAY=1: ical.js 26-12-01T06 27-01-01T06 27-02-01T06, rrule and dateutil the same
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund rrule@2.8.1 ical.js@2.2.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install python-dateutil==2.9.0.post0
cat >show.py <<'END'
import sys
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr

print(*(time.strftime("%y-%m-%dT%H") for time in islice(rrulestr(sys.argv[1], dtstart=datetime(2026, 12, 1, 6)), 3)))
END
cat >show.mjs <<'END'
import ICAL from "ical.js"
import rrule from "rrule"

const [, , rule, dateutil] = process.argv
const next = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString("2026-12-01T06:00:00"))
const seen = []
for (let time = next.next(); time && seen.length < 3; time = next.next()) seen.push(time.toString().slice(2, 13))
const others = rrule.rrulestr(`DTSTART:20261201T060000Z\nRRULE:${rule}`).all((_time, number) => number < 3)
const theirs = others.slice(0, 4).map((time) => time.toISOString().slice(2, 13)).join(" ")
if (theirs !== dateutil) throw new Error(`rrule ${theirs}, dateutil ${dateutil}`)
console.log(`${rule}: ical.js ${seen.join(" ") || "nothing"}, rrule and dateutil ${theirs === seen.join(" ") ? "the same" : theirs}`)
END
for rule in "FREQ=YEARLY;BYMONTHDAY=1" "FREQ=YEARLY;BYHOUR=6,18" "FREQ=YEARLY;BYWEEKNO=49" "FREQ=MONTHLY;BYMONTHDAY=1"; do
  node show.mjs "$rule" "$(venv/bin/python show.py "$rule")"
done >seen
cat seen
cat >expected <<'END'
FREQ=YEARLY;BYMONTHDAY=1: ical.js 26-12-01T06 27-12-01T06 28-12-01T06, rrule and dateutil 26-12-01T06 27-01-01T06 27-02-01T06
FREQ=YEARLY;BYHOUR=6,18: ical.js 26-12-01T06 27-12-01T06 28-12-01T06, rrule and dateutil 26-12-01T06 26-12-01T18 27-12-01T06
FREQ=YEARLY;BYWEEKNO=49: ical.js nothing, rrule and dateutil 26-12-01T06 26-12-02T06 26-12-03T06
FREQ=MONTHLY;BYMONTHDAY=1: ical.js 26-12-01T06 27-01-01T06 27-02-01T06, rrule and dateutil the same
END
cmp -s seen expected
