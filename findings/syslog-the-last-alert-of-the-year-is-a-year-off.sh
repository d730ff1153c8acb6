#!/usr/bin/env bash
# Three readers of syslog: glossy 0.1.7 and nsyslog-parser 0.10.1 (npm), syslogmp 0.4 (PyPI, with freezegun 1.5.5 for the clock).
#
# The old form of syslog (RFC 3164) has a month, a day and a time, but no year. A line is a few seconds old when it is read, and a
# device's clock may be a few seconds ahead. Expected: the year for which the time lies nearest.
# Seen: all three take the year of the reader's clock. What happened at 23:59:59 on New Year's Eve and is read at 00:00:03 lies 365 days
# ahead; with a clock that is ahead, the first alert of the new year is read as a year old. Neither is found in "the last hour", and a
# window by event time stays open for a year, or takes the alert for late. On all other days nothing shows.
#
# Output seen (the days between the reader's clock and the time in the line):
#   glossy: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
#   nsyslog-parser: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
#   syslogmp: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
export TZ=UTC
npm install --silent --no-audit --no-fund glossy@0.1.7 nsyslog-parser@0.10.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install syslogmp==0.4 freezegun==1.5.5
cat >show.js <<'END'
const { Parse } = require("glossy")
const parse = require("nsyslog-parser")

// The clock of the reader: what `new Date()` and `Date.now()` say.
const Real = Date
let now
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [now] : given))
  }
  static now() {
    return now
  }
}
const libraries = { glossy: (line) => Parse.parse(line).time, "nsyslog-parser": (line) => parse(line).ts }

function days(read, clock, stamp) {
  now = Real.parse(clock)
  const off = Math.round((read(`<131>${stamp} box service[1]: hot`) - now) / 86_400_000)
  return `${off > 0 ? "+" : ""}${off}`
}

for (const [name, read] of Object.entries(libraries)) {
  const late = days(read, "2027-01-01T00:00:03Z", "Dec 31 23:59:59")
  const early = days(read, "2026-12-31T23:59:58Z", "Jan  1 00:00:02")
  console.log(`${name}: Dec 31 23:59:59 read three seconds after midnight ${late}, Jan 1 00:00:02 read two seconds before ${early}`)
}
END
cat >show.py <<'END'
from datetime import datetime

import syslogmp
from freezegun import freeze_time


def days(clock, stamp):
    with freeze_time(clock):
        read = syslogmp.parse(f"<131>{stamp} box service[1]: hot".encode()).timestamp
    return f"{round((read - datetime.fromisoformat(clock)).total_seconds() / 86_400):+d}"


late = days("2027-01-01T00:00:03", "Dec 31 23:59:59")
early = days("2026-12-31T23:59:58", "Jan  1 00:00:02")
print(f"syslogmp: Dec 31 23:59:59 read three seconds after midnight {late}, Jan 1 00:00:02 read two seconds before {early}")
END
{ node show.js; venv/bin/python show.py; } >seen
cat seen
cat >expected <<'END'
glossy: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
nsyslog-parser: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
syslogmp: Dec 31 23:59:59 read three seconds after midnight +365, Jan 1 00:00:02 read two seconds before -365
END
cmp -s seen expected
