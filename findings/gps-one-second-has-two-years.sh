#!/usr/bin/env bash
# gps 0.9.0 (npm).
#
# A receiver of GPS sends some sentences of NMEA 0183 each second. RMC and ZDA have a date and a time of day, GGA and GLL a time of day only; `gps.state` is
# updated by each, and its `time` goes into an alert. A vehicle was without a network and its lines are read later.
# Expected: after an RMC the date is known, and a GGA of the same second changes nothing of it; without one there is no date.
# Seen: where a sentence has none, the date is that of the reader's clock. The state of one second is in 2025 after RMC, today after GGA, in 2025
# after ZDA and today after GLL, so an alert's time hangs on which sentence came last. With live lines it shows at midnight only: 23:59:59 that is
# read two seconds later is nearly a day ahead. Nothing in the parsed sentence tells a date that was sent from one that was put there.
# Take the time from the event of RMC or ZDA, never from the state.
#
# Output seen ("today" is the day of the reader's clock):
#   lines of 1 November 2025: RMC 2025-11-01, GGA today, ZDA 2025-11-01, GLL today
#   without a date before it: GGA today
#   GGA of 23:59:59, read at 00:00:01: 86398 seconds ahead
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund gps@0.9.0
cat >show.js <<'JS'
const { mock } = require("node:test")
const GPS = require("gps")

const sentence = (body) => {
  const sum = [...body].reduce((all, character) => all ^ character.charCodeAt(0), 0)
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`
}
const place = "3723.2475,N,12158.3416,W"
const sentences = {
  RMC: `GPRMC,140509.00,A,${place},0.13,309.62,011125,,,A`,
  GGA: `GPGGA,140509.00,${place},1,07,1.0,9.0,M,,M,,`,
  ZDA: "GPZDA,140509.00,01,11,2025,00,00",
  GLL: `GPGLL,${place},140509.00,A,A`,
}
mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-12-03T15:00:00Z") })

function dates(...names) {
  const gps = new GPS()
  return names.map((name) => {
    if (!gps.update(sentence(sentences[name]))) throw new Error(name)
    const [date, time] = gps.state.time.toISOString().split("T")
    if (time !== "14:05:09.000Z") throw new Error(time)
    return `${name} ${date === "2026-12-03" ? "today" : date}`
  }).join(", ")
}
console.log(`lines of 1 November 2025: ${dates("RMC", "GGA", "ZDA", "GLL")}`)
console.log(`without a date before it: ${dates("GGA")}`)
mock.timers.setTime(Date.parse("2026-12-04T00:00:01Z"))
const { time } = GPS.Parse(sentence(sentences.GGA.replace("140509", "235959")))
console.log(`GGA of 23:59:59, read at 00:00:01: ${(time - Date.now()) / 1000} seconds ahead`)
JS
TZ=UTC node show.js >seen
cat seen
cat >expected <<'TXT'
lines of 1 November 2025: RMC 2025-11-01, GGA today, ZDA 2025-11-01, GLL today
without a date before it: GGA today
GGA of 23:59:59, read at 00:00:01: 86398 seconds ahead
TXT
cmp -s seen expected
