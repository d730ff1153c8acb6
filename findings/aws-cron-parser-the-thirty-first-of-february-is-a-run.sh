#!/usr/bin/env bash
# aws-cron-parser 1.1.12 (npm), beside aws-croniter 2.1.1 (PyPI).
#
# A schedule of EventBridge runs on the 31st: `cron(0 8 31 * ? *)`, a monthly check or a window of maintenance. A month without that day has
# no run. Expected: January, March, May. Seen: `next` takes the day over into the month that follows. After January 31 comes March 3, the 31st of
# February, then March 31 and May 1, the 31st of April. Who mutes alerts for a maintenance then mutes those of five or more wrong days a year, and
# who looks for a missed run raises an alert for one that was never to be. February 29 is March 1 in three years of four.
# `prev` disagrees: from May 15 it goes to March 31 and January 31. aws-croniter has the right days for all.
# Write L where the last day of a month is meant.
#
# Output seen:
#   0 8 31 * ? *: next 2027-01-31 2027-03-03 2027-03-31 2027-05-01 2027-05-31, aws-croniter 2027-01-31 2027-03-31 2027-05-31 2027-07-31 2027-08-31
#   0 8 30 * ? *: next 2027-01-30 2027-03-02 2027-03-30 2027-04-30 2027-05-30, aws-croniter 2027-01-30 2027-03-30 2027-04-30 2027-05-30 2027-06-30
#   0 8 29 2 ? *: next 2027-03-01 2028-02-29 2029-03-01 2030-03-01 2031-03-01, aws-croniter 2028-02-29 2032-02-29 2036-02-29 2040-02-29 2044-02-29
#   0 8 L * ? *: next 2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31, aws-croniter 2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund aws-cron-parser@1.1.12
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install aws-croniter==2.1.1
printf '%s\n' '0 8 31 * ? *' '0 8 30 * ? *' '0 8 29 2 ? *' '0 8 L * ? *' >rules
cat >show.js <<'END'
const fs = require("node:fs");
const { parse, next } = require("aws-cron-parser");
for (const rule of fs.readFileSync("rules", "utf8").trim().split("\n")) {
  const parsed = parse(rule);
  const days = [];
  for (let at = new Date("2026-12-31T12:00:00Z"); days.length < 5; ) {
    at = next(parsed, at);
    days.push(at.toISOString().slice(0, 10));
  }
  console.log(`${rule}: next ${days.join(" ")}`);
}
END
cat >show.py <<'PY'
from datetime import datetime, timezone

from aws_croniter import AwsCroniter

for rule in open("rules"):
    days = AwsCroniter(rule.strip()).get_next(datetime(2026, 12, 31, 12, tzinfo=timezone.utc), n=5)
    print(f", aws-croniter {' '.join(day.strftime('%Y-%m-%d') for day in days)}")
PY
paste -d '\0' <(TZ=UTC node show.js) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
0 8 31 * ? *: next 2027-01-31 2027-03-03 2027-03-31 2027-05-01 2027-05-31, aws-croniter 2027-01-31 2027-03-31 2027-05-31 2027-07-31 2027-08-31
0 8 30 * ? *: next 2027-01-30 2027-03-02 2027-03-30 2027-04-30 2027-05-30, aws-croniter 2027-01-30 2027-03-30 2027-04-30 2027-05-30 2027-06-30
0 8 29 2 ? *: next 2027-03-01 2028-02-29 2029-03-01 2030-03-01 2031-03-01, aws-croniter 2028-02-29 2032-02-29 2036-02-29 2040-02-29 2044-02-29
0 8 L * ? *: next 2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31, aws-croniter 2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31
TXT
cmp -s seen expected
