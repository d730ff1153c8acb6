#!/usr/bin/env bash
# github.com/apognu/gocal v0.9.1 (Go), beside icalendar 7.3.2 with recurring-ical-events 3.8.2 (PyPI).
#
# A calendar of maintenance has a window each night, but not on some nights, which stand in EXDATE. RFC 5545 (3.8.5.1) allows a list in one line,
# "EXDATE:20261203T200000Z,20261205T200000Z", as icalendar in Python writes it. Expected: both nights are off.
# Seen: neither is. gocal takes the windows out for a line of one time, and passes over a line of two without an error. So a window opens on nights
# without maintenance, and the alerts of these nights are held back.
# The README names EXDATE among what it handles, and a calendar with one night off tests well. Lines of one time each work, several of them too: split
# the lists before you give the calendar to gocal.
#
# Output seen:
#   EXDATE:20261203T200000Z: gocal [1 2 4 5 6], recurring-ical-events [1 2 4 5 6]
#   EXDATE:20261203T200000Z EXDATE:20261205T200000Z: gocal [1 2 4 6], recurring-ical-events [1 2 4 6]
#   EXDATE:20261203T200000Z,20261205T200000Z: gocal [1 2 3 4 5 6], recurring-ical-events [1 2 4 6]
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalendar==7.3.2 recurring-ical-events==3.8.2
cat >go.mod <<'END'
module show

go 1.21

require github.com/apognu/gocal v0.9.1
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/apognu/gocal"
)

func main() {
	start, end := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	calendar := gocal.NewParser(os.Stdin)
	calendar.Start, calendar.End = &start, &end
	if err := calendar.Parse(); err != nil {
		panic(err)
	}
	days := []int{}
	for _, event := range calendar.Events {
		days = append(days, event.Start.Day())
	}
	sort.Ints(days)
	fmt.Println(days)
}
END
cat >show.py <<'PY'
import sys

import icalendar
import recurring_ical_events

events = recurring_ical_events.of(icalendar.Calendar.from_ical(sys.stdin.read())).between((2026, 12, 1), (2026, 12, 31))
print(f"[{' '.join(str(event.start.day) for event in sorted(events, key=lambda event: event.start))}]")
PY
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
calendar() {
  printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//a//b//EN BEGIN:VEVENT UID:1 DTSTAMP:20261201T000000Z \
    DTSTART:20261201T200000Z DTEND:20261202T040000Z RRULE:FREQ=DAILY\;COUNT=6 "$@" SUMMARY:Maintenance END:VEVENT END:VCALENDAR
}
see() {
  echo "${*}: gocal $(calendar "$@" | ./show), recurring-ical-events $(calendar "$@" | venv/bin/python show.py)"
}
{
  see EXDATE:20261203T200000Z
  see EXDATE:20261203T200000Z EXDATE:20261205T200000Z
  see EXDATE:20261203T200000Z,20261205T200000Z
} | tee seen
cat >expected <<'TXT'
EXDATE:20261203T200000Z: gocal [1 2 4 5 6], recurring-ical-events [1 2 4 5 6]
EXDATE:20261203T200000Z EXDATE:20261205T200000Z: gocal [1 2 4 6], recurring-ical-events [1 2 4 6]
EXDATE:20261203T200000Z,20261205T200000Z: gocal [1 2 3 4 5 6], recurring-ical-events [1 2 4 6]
TXT
cmp -s seen expected
