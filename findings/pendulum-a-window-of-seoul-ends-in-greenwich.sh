#!/usr/bin/env bash
# pendulum 3.3.0 (PyPI) and luxon 3.7.2 (npm), on a machine in UTC.
#
# A maintenance window comes as one text, an interval of ISO 8601: begin, "/", end. What the end leaves out it has from the begin, the offset as well
# (ISO 8601:2004, 4.4.5). Expected: "2026-12-03T22:00:00+09:00/2026-12-04T06:00:00" ends at 06:00 of Seoul, after eight hours.
# Seen: pendulum takes the end for UTC, and luxon for the zone of the machine. The window is open for seventeen hours, and nine hours of alerts after
# it stay silent.
# The other way, in the afternoon of New York, the window ends too early, or before it begins. No error comes, and pendulum counts backwards then.
# With both offsets, or a length instead of the end, it is right. Neither documentation speaks of an end without an offset. Refuse such an interval,
# or put the offset behind the end yourself.
#
# Output seen:
#   2026-12-03T22:00:00+09:00/2026-12-04T06:00:00: pendulum 17 h, luxon 17 h
#   2026-12-03T14:00:00-05:00/2026-12-03T18:00:00: pendulum -1 h, luxon not valid
#   2026-12-03T22:00:00+09:00/2026-12-04T06:00:00+09:00: pendulum 8 h, luxon 8 h
#   2026-12-03T22:00:00+09:00/PT8H: pendulum 8 h, luxon 8 h
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund luxon@3.7.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pendulum==3.3.0
cat >show.py <<'PY'
import sys

import pendulum

print(pendulum.parse(sys.argv[1]).in_hours())
PY
cat >show.js <<'END'
const { Interval } = require("luxon");
const [, , text, pendulum] = process.argv;
const interval = Interval.fromISO(text);
console.log(`${text}: pendulum ${pendulum} h, luxon ${interval.isValid ? `${interval.length("hours")} h` : "not valid"}`);
END
export TZ=UTC
for text in 2026-12-03T22:00:00+09:00/2026-12-04T06:00:00 2026-12-03T14:00:00-05:00/2026-12-03T18:00:00 \
  2026-12-03T22:00:00+09:00/2026-12-04T06:00:00+09:00 2026-12-03T22:00:00+09:00/PT8H; do
  node show.js "$text" "$(venv/bin/python show.py "$text")"
done | tee seen
cat >expected <<'TXT'
2026-12-03T22:00:00+09:00/2026-12-04T06:00:00: pendulum 17 h, luxon 17 h
2026-12-03T14:00:00-05:00/2026-12-03T18:00:00: pendulum -1 h, luxon not valid
2026-12-03T22:00:00+09:00/2026-12-04T06:00:00+09:00: pendulum 8 h, luxon 8 h
2026-12-03T22:00:00+09:00/PT8H: pendulum 8 h, luxon 8 h
TXT
cmp -s seen expected
