#!/usr/bin/env bash
# knx 2.5.4 (npm).
#
# A device on KNX sends its time of day as datapoint type 10.001: the day of the week, 1 to 7 for Monday to Sunday or 0 for "no day", and the time.
# The library makes it a Date of these days. Expected: the nearest Sunday for a 7, and today for no day.
# Seen: it compares the 7 with JavaScript's Sunday, 0, and adds the difference. A time of this Sunday, read on it, is that of the next one,
# seven days ahead, even where the library itself has written it. A time without a day is on last Sunday, up to six days ago; on a Sunday alone it is today.
# So on six days of the week an alert of such a device is too old to be mailed, and on the seventh it lies in the future.
# Read the day and the time out of the three bytes, or send date and time as 19.001.
#
# Output seen:
#   on Thursday, 2026-12-03T12:00:00: its own time (8c0000) is 2026-12-03T12:00:00
#   on Thursday, 2026-12-03T12:00:00: Saturday (cb3b1e) is 2026-12-05T11:59:30
#   on Thursday, 2026-12-03T12:00:00: no day (0b3b1e) is 2026-11-29T11:59:30
#   on Sunday, 2026-12-06T12:00:00: its own time (ec0000) is 2026-12-13T12:00:00
#   on Sunday, 2026-12-06T12:00:00: Saturday (cb3b1e) is 2026-12-12T11:59:30
#   on Sunday, 2026-12-06T12:00:00: no day (0b3b1e) is 2026-12-06T11:59:30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund --ignore-scripts knx@2.5.4
cat >show.js <<'END'
const { resolve } = require("knx/src/dptlib");
const Real = Date;
const type = resolve("DPT10.001");
const shown = (date) => date.toISOString().slice(0, 19);
for (const now of ["2026-12-03T12:00:00Z", "2026-12-06T12:00:00Z"]) {
  globalThis.Date = class extends Real {
    constructor(...parts) {
      super(...(parts.length > 0 ? parts : [now]));
    }
  };
  const weekday = new Real(now).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  const own = type.formatAPDU(new Real(now));
  const times = { "its own time": own, "Saturday": Buffer.from([(6 << 5) + 11, 59, 30]), "no day": Buffer.from([11, 59, 30]) };
  for (const [name, bytes] of Object.entries(times)) {
    console.log(`on ${weekday}, ${now.slice(0, 19)}: ${name} (${bytes.toString("hex")}) is ${shown(type.fromBuffer(bytes))}`);
  }
}
END
TZ=UTC node show.js >seen
cat seen
cat >expected <<'TXT'
on Thursday, 2026-12-03T12:00:00: its own time (8c0000) is 2026-12-03T12:00:00
on Thursday, 2026-12-03T12:00:00: Saturday (cb3b1e) is 2026-12-05T11:59:30
on Thursday, 2026-12-03T12:00:00: no day (0b3b1e) is 2026-11-29T11:59:30
on Sunday, 2026-12-06T12:00:00: its own time (ec0000) is 2026-12-13T12:00:00
on Sunday, 2026-12-06T12:00:00: Saturday (cb3b1e) is 2026-12-12T11:59:30
on Sunday, 2026-12-06T12:00:00: no day (0b3b1e) is 2026-12-06T11:59:30
TXT
cmp -s seen expected
