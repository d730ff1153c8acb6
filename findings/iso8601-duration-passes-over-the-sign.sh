#!/usr/bin/env bash
# Four readers of ISO 8601 durations: iso8601-duration 2.1.4, tinyduration 3.4.1, luxon 3.7.2 (npm) and isodate 0.7.2 (PyPI).
#
# A calendar says by a negative duration that something is before an event: `TRIGGER:-PT15M`, a quarter of an hour before a maintenance.
# ISO 8601-2 and iCalendar have the sign; a reader may lack it and refuse. Expected: minus fifteen minutes, or an error.
# Seen: iso8601-duration looks for the duration anywhere in its text and passes over the sign before it: the reminder, or the end of
# the mute hours, comes half an hour too late, after the event. A sign within ("PT-15M") it refuses.
#
# Output seen:
#   -PT15M: iso8601-duration 900, tinyduration -900, luxon -900, isodate -900
#   +PT15M: iso8601-duration 900, tinyduration 900, luxon refused, isodate 900
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund iso8601-duration@2.1.4 tinyduration@3.4.1 luxon@3.7.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install isodate==0.7.2
cat >read.py <<'END'
import sys

import isodate

try:
    print(int(isodate.parse_duration(sys.argv[1]).total_seconds()))
except isodate.ISO8601Error:
    print("refused")
END
cat >read.mjs <<'END'
import { parse, toSeconds } from "iso8601-duration"
import { Duration } from "luxon"
import { parse as tiny } from "tinyduration"

const [, , text, isodate] = process.argv
const readers = {
  "iso8601-duration": () => toSeconds(parse(text)),
  tinyduration: () => {
    const { minutes, negative } = tiny(text)
    return (negative ? -60 : 60) * minutes
  },
  luxon: () => {
    const duration = Duration.fromISO(text)
    if (!duration.isValid) throw new Error(duration.invalidReason)
    return duration.as("seconds")
  },
  isodate: () => isodate,
}
const seen = Object.entries(readers).map(([name, read]) => {
  try {
    return `${name} ${read()}`
  } catch {
    return `${name} refused`
  }
})
console.log(`${text}: ${seen.join(", ")}`)
END
for text in -PT15M +PT15M; do
  node read.mjs "$text" "$(venv/bin/python read.py "$text")"
done >seen
cat seen
cat >expected <<'END'
-PT15M: iso8601-duration 900, tinyduration -900, luxon -900, isodate -900
+PT15M: iso8601-duration 900, tinyduration 900, luxon refused, isodate 900
END
cmp -s seen expected
