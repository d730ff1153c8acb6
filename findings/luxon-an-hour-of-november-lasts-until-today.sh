#!/usr/bin/env bash
# luxon 3.7.2 (npm), beside aniso8601 10.0.1 (PyPI).
#
# A maintenance, or the hours in which a device is mute, comes as an interval: 2026-11-20T06:00/07:00. ISO 8601 lets the end leave out what it shares
# with the start: the date, or the year and the month (2026-11-20/22). luxon's `Interval.fromISO` takes "an ISO 8601 string", `<start>/<end>` among others.
# Expected: the hour from six to seven of that day, or an interval that is not valid, as it is for an end that luxon cannot read, "21T07:00".
# Seen: the end is read without the start, and a time alone is one of today. On the day itself all is well, and so in a test that runs on it. Looked at on
# 3 December, the hour of 20 November lasts until that morning, so a device is mute for 13 days; one that lies ahead ends before it begins, and is
# not valid. Two days, 20 to 22, last until 22 h of today, and grow by a day each day; 20 to 25 are not valid, as 25 is no hour. With a start in Seoul's
# time the end is in the server's. Write both ends in full, or the duration, 2026-11-20T06:00/PT1H.
#
# Output seen (what the clock says; the interval; luxon; aniso8601):
#   on 2026-11-20: 2026-11-20T06:00/07:00 luxon 2026-11-20T06:00 to 2026-11-20T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
#   on 2026-12-03: 2026-11-20T06:00/07:00 luxon 2026-11-20T06:00 to 2026-12-03T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
#   on 2026-11-01: 2026-11-20T06:00/07:00 luxon not valid, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
#   on 2026-12-03: 2026-11-20/22 luxon 2026-11-20T00:00 to 2026-12-03T22:00, aniso8601 2026-11-20 to 2026-11-22
#   on 2026-12-03: 2026-11-20/25 luxon not valid, aniso8601 2026-11-20 to 2026-11-25
#   on 2026-12-03: 2026-11-20T06:00/PT1H luxon 2026-11-20T06:00 to 2026-11-20T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund luxon@3.7.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install aniso8601==10.0.1
cat >intervals <<'END'
2026-11-20 2026-11-20T06:00/07:00
2026-12-03 2026-11-20T06:00/07:00
2026-11-01 2026-11-20T06:00/07:00
2026-12-03 2026-11-20/22
2026-12-03 2026-11-20/25
2026-12-03 2026-11-20T06:00/PT1H
END
cat >show.js <<'END'
const fs = require("node:fs");
const { Interval, Settings } = require("luxon");
Settings.defaultZone = "utc";
const shown = (time) => time.toFormat("yyyy-MM-dd'T'HH:mm");
for (const line of fs.readFileSync("intervals", "utf8").trim().split("\n")) {
  const [day, text] = line.split(" ");
  Settings.now = () => Date.parse(`${day}T12:00:00Z`);
  const interval = Interval.fromISO(text);
  console.log(`on ${day}: ${text} luxon ${interval.isValid ? `${shown(interval.start)} to ${shown(interval.end)}` : "not valid"}`);
}
END
cat >show.py <<'PY'
import aniso8601

for line in open("intervals"):
    start, end = aniso8601.parse_interval(line.split()[1])
    print(f"aniso8601 {start.isoformat()[:16]} to {end.isoformat()[:16]}")
PY
paste -d, <(node show.js) <(venv/bin/python show.py | sed 's/^/ /') | tee seen
cat >expected <<'TXT'
on 2026-11-20: 2026-11-20T06:00/07:00 luxon 2026-11-20T06:00 to 2026-11-20T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
on 2026-12-03: 2026-11-20T06:00/07:00 luxon 2026-11-20T06:00 to 2026-12-03T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
on 2026-11-01: 2026-11-20T06:00/07:00 luxon not valid, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
on 2026-12-03: 2026-11-20/22 luxon 2026-11-20T00:00 to 2026-12-03T22:00, aniso8601 2026-11-20 to 2026-11-22
on 2026-12-03: 2026-11-20/25 luxon not valid, aniso8601 2026-11-20 to 2026-11-25
on 2026-12-03: 2026-11-20T06:00/PT1H luxon 2026-11-20T06:00 to 2026-11-20T07:00, aniso8601 2026-11-20T06:00 to 2026-11-20T07:00
TXT
cmp -s seen expected
