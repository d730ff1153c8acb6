#!/usr/bin/env bash
# ics 3.12.0 (npm) writes a calendar, ical.js 2.2.1 (npm) reads it. Zones: Asia/Seoul and UTC.
#
# A maintenance takes place daily from 2 March, 10 o'clock, four times; that of the 3rd is called off. The event is created with
# `start: [2026, 3, 2, 10, 0]` and `exclusionDates: [[2026, 3, 3, 10, 0]]`. The README says that `startInputType: "utc"` makes the
# numbers of `start` UTC, and `startOutputType: "local"` writes them without a zone; RFC 5545, 3.8.5.1, takes off the times that are
# the same as one of the series. Expected: 2, 4 and 5 March, whatever the two settings.
# Seen: the numbers of `exclusionDates` are always those of the server's zone, and always written as UTC. Numbers given as UTC move
# by the server's offset, a series without a zone has an exception with one; either matches nothing, and the alerts of 3 March are
# silenced. Where the server's zone is UTC, as in most tests, nothing of it shows.
#
# Output seen:
#   Asia/Seoul, defaults: DTSTART:20260302T010000Z EXDATE:20260303T010000Z, on 2 4 5
#   Asia/Seoul, input utc: DTSTART:20260302T100000Z EXDATE:20260303T010000Z, on 2 3 4 5
#   Asia/Seoul, output local: DTSTART:20260302T100000 EXDATE:20260303T010000Z, on 2 3 4 5
#   UTC, defaults: DTSTART:20260302T100000Z EXDATE:20260303T100000Z, on 2 4 5
#   UTC, input utc: DTSTART:20260302T100000Z EXDATE:20260303T100000Z, on 2 4 5
#   UTC, output local: DTSTART:20260302T100000 EXDATE:20260303T100000Z, on 2 4 5
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund ics@3.12.0 ical.js@2.2.1
cat >show.mjs <<'END'
import ICAL from "ical.js"
import { createEvent } from "ics"

const settings = {
  defaults: {},
  "input utc": { startInputType: "utc" },
  "output local": { startOutputType: "local" },
}
for (const [name, types] of Object.entries(settings)) {
  const { value, error } = createEvent({
    ...types,
    title: "maintenance",
    start: [2026, 3, 2, 10, 0],
    duration: { hours: 1 },
    recurrenceRule: "FREQ=DAILY;COUNT=4",
    exclusionDates: [[2026, 3, 3, 10, 0]],
  })
  if (error) throw error
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(value)).getFirstSubcomponent("vevent"))
  const days = []
  const times = event.iterator()
  for (let time = times.next(); time; time = times.next()) days.push(time.day)
  console.log(`${process.env.TZ}, ${name}: ${value.match(/^(DTSTART|EXDATE).*\w/gm).join(" ")}, on ${days.join(" ")}`)
}
END
for zone in Asia/Seoul UTC; do TZ=$zone node show.mjs; done | tee seen
diff seen - <<'END'
Asia/Seoul, defaults: DTSTART:20260302T010000Z EXDATE:20260303T010000Z, on 2 4 5
Asia/Seoul, input utc: DTSTART:20260302T100000Z EXDATE:20260303T010000Z, on 2 3 4 5
Asia/Seoul, output local: DTSTART:20260302T100000 EXDATE:20260303T010000Z, on 2 3 4 5
UTC, defaults: DTSTART:20260302T100000Z EXDATE:20260303T100000Z, on 2 4 5
UTC, input utc: DTSTART:20260302T100000Z EXDATE:20260303T100000Z, on 2 4 5
UTC, output local: DTSTART:20260302T100000 EXDATE:20260303T100000Z, on 2 4 5
END
