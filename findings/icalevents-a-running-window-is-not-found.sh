#!/usr/bin/env bash
# icalevents 0.3.1 (PyPI), beside recurring-ical-events 3.8.2 and icalendar 7.3.2 (PyPI).
#
# `events(start=..., end=...)` lists what a calendar has between two times: asked with now and a moment later, it tells whether a maintenance window
# is open. Expected: a window that began at 20:00 and ends at 04:00 is found at 21:00.
# Seen: it is found when the calendar has it once. As one of a series (RRULE) it is found only when its *beginning* lies between the two times.
# So every alert of a nightly maintenance is mailed, but for those of its first minute, while the single window that somebody tried first works. A
# time of RDATE is never found, and a day without DTEND, one day long by RFC 5545 (3.6.1), ends where it begins.
# There is no error, and the README names no limit. Ask from a day before, and compare start and end yourself; for RDATE use recurring-ical-events.
#
# Output seen:
#   one night at 01 21:00: icalevents 20:00-04:00, recurring-ical-events 1
#   each night at 01 20:00: icalevents 20:00-04:00, recurring-ical-events 1
#   each night at 01 21:00: icalevents nothing, recurring-ical-events 1
#   each night at 02 21:00: icalevents nothing, recurring-ical-events 1
#   a night of RDATE at 08 20:00: icalevents nothing, recurring-ical-events 1
#   a day at 02 00:00: icalevents 00:00-00:00, recurring-ical-events 1
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalevents==0.3.1 recurring-ical-events==3.8.2 icalendar==7.3.2
cat >show.py <<'PY'
from datetime import datetime, timedelta, timezone

import icalendar
import recurring_ical_events
from icalevents.icalevents import events

NIGHT = ("DTSTART:20261201T200000Z", "DTEND:20261202T040000Z")


def calendar(lines):
    event = ("BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "SUMMARY:Pump 2", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN", *event, "END:VCALENDAR", "")).encode()


def show(what, now, *lines):
    now = datetime.fromisoformat(f"2026-12-{now}:00+00:00")
    end = now + timedelta(minutes=1)
    seen = [f"{e.start:%H:%M}-{e.end:%H:%M}" for e in events(string_content=calendar(lines), start=now, end=end)]
    other = len(recurring_ical_events.of(icalendar.Calendar.from_ical(calendar(lines))).between(now, end))
    print(f"{what} at {now:%d %H:%M}: icalevents {' '.join(seen) or 'nothing'}, recurring-ical-events {other}")


show("one night", "01T21:00", *NIGHT)
show("each night", "01T20:00", *NIGHT, "RRULE:FREQ=DAILY")
show("each night", "01T21:00", *NIGHT, "RRULE:FREQ=DAILY")
show("each night", "02T21:00", *NIGHT, "RRULE:FREQ=DAILY")
show("a night of RDATE", "08T20:00", *NIGHT, "RDATE:20261208T200000Z")
show("a day", "02T00:00", "DTSTART;VALUE=DATE:20261202")
PY
venv/bin/python -W ignore show.py | tee seen
cat >expected <<'TXT'
one night at 01 21:00: icalevents 20:00-04:00, recurring-ical-events 1
each night at 01 20:00: icalevents 20:00-04:00, recurring-ical-events 1
each night at 01 21:00: icalevents nothing, recurring-ical-events 1
each night at 02 21:00: icalevents nothing, recurring-ical-events 1
a night of RDATE at 08 20:00: icalevents nothing, recurring-ical-events 1
a day at 02 00:00: icalevents 00:00-00:00, recurring-ical-events 1
TXT
cmp -s seen expected
