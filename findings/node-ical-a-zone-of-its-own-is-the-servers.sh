#!/usr/bin/env bash
# node-ical 0.26.1 beside ical.js 2.2.1 (npm), Node 20 or newer.
#
# A calendar carries the zones that it uses (VTIMEZONE, with their offsets), under names of its own choosing: a maintenance is from
# 06:00 to 07:00 in "Plant", which is nine hours ahead of UTC. Expected: 21:00 UTC of the day before, wherever the file is read.
# Seen: node-ical does not look into the VTIMEZONE of a name that is no zone of the IANA. It takes the time for one of the machine it
# runs on, and still says `tz: "Plant"`. The same file gives another time on a server in UTC than on a desk in New York, and neither
# is right: alerts are muted when nobody works on the plant. With the name of an IANA zone it is right, as with most calendars.
# Compare `tz` with `Intl.supportedValuesOf("timeZone")`, or read the file with ical.js.
#
# Output seen:
#   Asia/Seoul, read in UTC: node-ical 2026-11-30T21:00Z, ical.js 2026-11-30T21:00Z
#   Plant, read in UTC: node-ical 2026-12-01T06:00Z, ical.js 2026-11-30T21:00Z
#   Plant, read in America/New_York: node-ical 2026-12-01T11:00Z, ical.js 2026-11-30T21:00Z
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund node-ical@0.26.1 ical.js@2.2.1
cat >show.mjs <<'END'
import ICAL from "ical.js"
import ical from "node-ical"

const zone = process.argv[2]
const calendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//plant//maintenance//EN
BEGIN:VTIMEZONE
TZID:${zone}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20261101T000000Z
DTSTART;TZID=${zone}:20261201T060000
DTEND;TZID=${zone}:20261201T070000
END:VEVENT
END:VCALENDAR
`.replaceAll("\n", "\r\n")
const event = Object.values(ical.sync.parseICS(calendar)).find(({ type }) => type === "VEVENT")
if (event.start.tz !== zone) throw new Error(`the zone is ${event.start.tz}`)
const other = new ICAL.Event(new ICAL.Component(ICAL.parse(calendar)).getFirstSubcomponent("vevent"))
const shown = (date) => `${date.toISOString().slice(0, 16)}Z`
const times = `node-ical ${shown(event.start)}, ical.js ${shown(other.startDate.toJSDate())}`
console.log(`${zone}, read in ${process.env.TZ}: ${times}`)
END
{
  TZ=UTC node show.mjs Asia/Seoul
  TZ=UTC node show.mjs Plant
  TZ=America/New_York node show.mjs Plant
} >seen
cat seen
cat >expected <<'END'
Asia/Seoul, read in UTC: node-ical 2026-11-30T21:00Z, ical.js 2026-11-30T21:00Z
Plant, read in UTC: node-ical 2026-12-01T06:00Z, ical.js 2026-11-30T21:00Z
Plant, read in America/New_York: node-ical 2026-12-01T11:00Z, ical.js 2026-11-30T21:00Z
END
cmp -s seen expected
