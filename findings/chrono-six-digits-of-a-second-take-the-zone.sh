#!/usr/bin/env bash
# chrono-node 2.10.3 (npm), on a machine of Seoul.
#
# A mail or a ticket names the time of an alert, and chrono finds it in the text. Programs in Python write six digits of a second. Expected: a time of
# ISO 8601 with its offset is that instant, however many digits the second has.
# Seen: the digits are read as a whole number of milliseconds, four at most. Half a second ".5" is 5 ms, and ".1234" is 1.234 s, a second late.
# With five digits or more, or a comma, the time ends there for chrono: the offset behind it is passed over, and the hours are those of the machine.
# So an alert of 10:00 UTC is nine hours early in Seoul, and right on a server in UTC, where it was tested.
# `chrono.strict` does the same, and no error comes. With a space instead of the "T" the offset is kept. The README speaks of neither. Give a whole
# time of ISO 8601 to a reader of its own, and only prose to chrono.
#
# Output seen:
#   2026-12-03T10:00:00.123Z is 2026-12-03T10:00:00.123Z, as Date has it 2026-12-03T10:00:00.123Z
#   2026-12-03T10:00:00.5Z is 2026-12-03T10:00:00.005Z, as Date has it 2026-12-03T10:00:00.500Z
#   2026-12-03T10:00:00.1234Z is 2026-12-03T10:00:01.234Z, as Date has it 2026-12-03T10:00:00.123Z
#   2026-12-03T10:00:00.123456+00:00 is 2026-12-03T01:00:00.000Z, as Date has it 2026-12-03T10:00:00.123Z
#   2026-12-03T10:00:00,123Z is 2026-12-03T01:00:00.000Z, as Date has it 2026-12-03T10:00:00.123Z
#   2026-12-03 10:00:00.123456+00:00 is 2026-12-03T10:00:00.123Z, as Date has it 2026-12-03T10:00:00.123Z
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund chrono-node@2.10.3
cat >show.mjs <<'END'
import * as chrono from "chrono-node";

for (const time of [
  "2026-12-03T10:00:00.123Z",
  "2026-12-03T10:00:00.5Z",
  "2026-12-03T10:00:00.1234Z",
  "2026-12-03T10:00:00.123456+00:00",
  "2026-12-03T10:00:00,123Z",
  "2026-12-03 10:00:00.123456+00:00",
]) {
  const read = chrono.strict.parseDate(`Pump 2 failed at ${time} in hall 3`).toISOString();
  console.log(`${time} is ${read}, as Date has it ${new Date(time.replace(",", ".")).toISOString()}`);
}
END
TZ=Asia/Seoul node show.mjs | tee seen
cat >expected <<'TXT'
2026-12-03T10:00:00.123Z is 2026-12-03T10:00:00.123Z, as Date has it 2026-12-03T10:00:00.123Z
2026-12-03T10:00:00.5Z is 2026-12-03T10:00:00.005Z, as Date has it 2026-12-03T10:00:00.500Z
2026-12-03T10:00:00.1234Z is 2026-12-03T10:00:01.234Z, as Date has it 2026-12-03T10:00:00.123Z
2026-12-03T10:00:00.123456+00:00 is 2026-12-03T01:00:00.000Z, as Date has it 2026-12-03T10:00:00.123Z
2026-12-03T10:00:00,123Z is 2026-12-03T01:00:00.000Z, as Date has it 2026-12-03T10:00:00.123Z
2026-12-03 10:00:00.123456+00:00 is 2026-12-03T10:00:00.123Z, as Date has it 2026-12-03T10:00:00.123Z
TXT
cmp -s seen expected
