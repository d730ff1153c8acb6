#!/usr/bin/env bash
# Six libraries that read cron's rules: croner 11.0.1, cron-parser 5.10.6, cron 4.4.0 (npm); croniter 7.0.0, cronsim 2.8, APScheduler 3.11.3
# (PyPI, its `from_crontab`).
#
# A report goes out by `0 9 */2 * 1`: on each odd day of the month that is a Monday. For cron a day must suit both fields if one of
# them begins with "*", and either of them otherwise; the author tried the rule in a crontab.
# Expected: the 7th and the 21st of December 2026. Seen: only with cronsim, which follows cron to the letter. Four libraries ask whether
# the field is "*" alone, so they go by either and send 18 reports instead of 2. For APScheduler both must suit, always, and 1 is a
# Tuesday. Nobody refuses the rule. Write the names of weekdays, and put only one of the two fields into a rule.
#
# Output seen (days of December 2026):
#   croner: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
#   cron-parser: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
#   cron: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
#   croniter: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
#   cronsim: 7 21
#   APScheduler: 1 15 29
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund croner@11.0.1 cron-parser@5.10.6 cron@4.4.0 luxon@3.7.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install croniter==7.0.0 cronsim==2.8 APScheduler==3.11.3
cat >show.mjs <<'END'
import { CronTime } from "cron"
import { CronExpressionParser } from "cron-parser"
import { Cron } from "croner"
import { DateTime } from "luxon"

const rule = process.argv[2]
const zone = { zone: "utc" }
const libraries = {
  croner: (last) => new Cron(rule, { timezone: "UTC" }).nextRun(last),
  "cron-parser": (last) => CronExpressionParser.parse(rule, { tz: "UTC", currentDate: last }).next().toDate(),
  cron: (last) => new CronTime(rule, "UTC").getNextDateFrom(DateTime.fromJSDate(last, zone), "UTC").toJSDate(),
}
for (const [name, next] of Object.entries(libraries)) {
  const days = []
  for (let run = next(new Date("2026-12-01T00:00:00Z")); run.getUTCFullYear() === 2026; run = next(run)) days.push(run.getUTCDate())
  console.log(`${name}: ${days.join(" ")}`)
}
END
cat >show.py <<'END'
import sys
from datetime import datetime, timedelta, timezone

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

rule = sys.argv[1]
libraries = {
    "croniter": lambda last: croniter(rule, last).get_next(datetime),
    "cronsim": lambda last: next(CronSim(rule, last)),
    "APScheduler": lambda last: CronTrigger.from_crontab(rule, timezone.utc).get_next_fire_time(None, last + timedelta(seconds=1)),
}
for name, after in libraries.items():
    days = []
    run = after(datetime(2026, 12, 1, tzinfo=timezone.utc))
    while run.year == 2026:
        days.append(run.day)
        run = after(run)
    print(f"{name}:", *days)
END
{ node show.mjs "0 9 */2 * 1"; venv/bin/python show.py "0 9 */2 * 1"; } >seen
cat seen
cat >expected <<'END'
croner: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
cron-parser: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
cron: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
croniter: 1 3 5 7 9 11 13 14 15 17 19 21 23 25 27 28 29 31
cronsim: 7 21
APScheduler: 1 15 29
END
cmp -s seen expected
