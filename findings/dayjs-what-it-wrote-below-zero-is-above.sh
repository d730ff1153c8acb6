#!/usr/bin/env bash
# dayjs 1.11.23 with its plugin duration (npm), read beside it by luxon 3.7.2 (npm).
#
# How early or late a device is goes through JSON as a duration: `toISOString()` writes it, which JSON.stringify calls, and `dayjs.duration(text)`
# reads it. Expected: the text that dayjs wrote gives the same length.
# Seen: below zero it does not. "-PT30M" is half an hour *late* when dayjs reads it again: the sign before the P is passed over. A reading half an
# hour early is then as overdue as one half an hour late.
# And where one part alone is below zero, the text has its sign for all of them. An hour less 30 minutes, from `duration({ hours: 1, minutes: -30 })`,
# is written "-PT1H30M".
# No error comes, and lengths above zero are right. The documentation names ISO 8601 for both ways, and no sign. Send `asMilliseconds()` instead.
#
# Output seen:
#   {"minutes":30} is 30 min and written PT30M: dayjs reads 30, luxon 30
#   {"minutes":-30} is -30 min and written -PT30M: dayjs reads 30, luxon -30
#   {"hours":1,"minutes":-30} is 30 min and written -PT1H30M: dayjs reads 90, luxon -90
#   {"days":1,"hours":-2} is 1320 min and written -P1DT2H: dayjs reads 1560, luxon -1560
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund dayjs@1.11.23 luxon@3.7.2
cat >show.js <<'END'
const dayjs = require("dayjs");
const { Duration } = require("luxon");
dayjs.extend(require("dayjs/plugin/duration"));
for (const given of [{ minutes: 30 }, { minutes: -30 }, { hours: 1, minutes: -30 }, { days: 1, hours: -2 }]) {
  const duration = dayjs.duration(given);
  const text = JSON.parse(JSON.stringify(duration));
  const luxon = Duration.fromISO(text).as("minutes");
  console.log(`${JSON.stringify(given)} is ${duration.asMinutes()} min and written ${text}: dayjs reads ${dayjs.duration(text).asMinutes()}, luxon ${luxon}`);
}
END
node show.js | tee seen
cat >expected <<'TXT'
{"minutes":30} is 30 min and written PT30M: dayjs reads 30, luxon 30
{"minutes":-30} is -30 min and written -PT30M: dayjs reads 30, luxon -30
{"hours":1,"minutes":-30} is 30 min and written -PT1H30M: dayjs reads 90, luxon -90
{"days":1,"hours":-2} is 1320 min and written -P1DT2H: dayjs reads 1560, luxon -1560
TXT
cmp -s seen expected
