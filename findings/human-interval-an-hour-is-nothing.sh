#!/usr/bin/env bash
# human-interval 2.0.1 (npm).
#
# A setting says in words how long a window or a silence lasts; the schedulers Agenda and Bree read their intervals with this package. Its README says
# "Supports numbers being written out in English words" and shows "minute" and "one minute". Expected: another wording is as long, or gives NaN, as
# "soon" does.
# Seen: a word beside the unit that is no number is a zero. "an hour" and "half an hour" are 0 ms, and a check that ran each hour runs without a
# pause. In a list only that part is nothing: "a day and an hour" is 0, "an hour and 30 minutes" is half an hour.
# A half behind the number is left out: "two and a half hours" are two. "hour", "one hour" and "2.5 hours" are right. Refuse a result of 0, and write
# lengths in numbers.
#
# Output seen:
#   hour is 60 minutes
#   one hour is 60 minutes
#   an hour is 0 minutes
#   half an hour is 0 minutes
#   an hour and 30 minutes is 30 minutes
#   2.5 hours is 150 minutes
#   two and a half hours is 120 minutes
#   soon is NaN minutes
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund human-interval@2.0.1
cat >show.js <<'END'
const read = require("human-interval");
for (const text of ["hour", "one hour", "an hour", "half an hour", "an hour and 30 minutes", "2.5 hours", "two and a half hours", "soon"])
  console.log(`${text} is ${read(text) / 60_000} minutes`);
END
node show.js | tee seen
cat >expected <<'TXT'
hour is 60 minutes
one hour is 60 minutes
an hour is 0 minutes
half an hour is 0 minutes
an hour and 30 minutes is 30 minutes
2.5 hours is 150 minutes
two and a half hours is 120 minutes
soon is NaN minutes
TXT
cmp -s seen expected
