#!/usr/bin/env bash
# pycron 3.3.0, beside croniter 7.0.0 (both PyPI).
#
# A check runs at nine on some days of the week. cron's own table (crontab(5)) has Sunday as 0 or 7; pycron takes names as well, and has a branch for ranges
# of days that go past the end of the week. Expected: sat-sun is Saturday and Sunday, fri-mon four days, 7 a Sunday, or an error for what it does not know.
# Seen: no error, and no Sunday: is_now compares with 0 for it alone, so 7 never is, 5-7 ends on Saturday, sat-sun is Saturday, and fri-mon
# has lost Sunday and Monday; what stands behind such a range, ",wed", is passed over. A step behind names, mon-fri/2, matches no day at all.
# So a watch over the weekend is off on each Sunday. Write 6,0 or sat,sun; lists of days are right, and so is sun-tue.
#
# Output seen:
#   sat,sun: pycron Sat Sun, croniter Sat Sun
#   sun-tue: pycron Mon Tue Sun, croniter Mon Tue Sun
#   7: pycron none, croniter Sun
#   5-7: pycron Fri Sat, croniter Fri Sat Sun
#   sat-sun: pycron Sat, croniter Sat Sun
#   fri-mon: pycron Fri Sat, croniter Mon Fri Sat Sun
#   fri-mon,wed: pycron Fri Sat, croniter Mon Wed Fri Sat Sun
#   mon-fri/2: pycron none, croniter Mon Wed Fri
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pycron==3.3.0 croniter==7.0.0
cat >show.py <<'PY'
from datetime import datetime, timedelta

import croniter
import pycron

week = [datetime(2026, 12, 7, 9) + timedelta(days=day) for day in range(7)]
for days in ("sat,sun", "sun-tue", "7", "5-7", "sat-sun", "fri-mon", "fri-mon,wed", "mon-fri/2"):
    rule = f"0 9 * * {days}"
    seen = {"pycron": pycron.is_now, "croniter": croniter.croniter.match}
    print(f"{days}: " + ", ".join(f"{name} {' '.join(f'{day:%a}' for day in week if match(rule, day)) or 'none'}" for name, match in seen.items()))
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
sat,sun: pycron Sat Sun, croniter Sat Sun
sun-tue: pycron Mon Tue Sun, croniter Mon Tue Sun
7: pycron none, croniter Sun
5-7: pycron Fri Sat, croniter Fri Sat Sun
sat-sun: pycron Sat, croniter Sat Sun
fri-mon: pycron Fri Sat, croniter Mon Fri Sat Sun
fri-mon,wed: pycron Fri Sat, croniter Mon Wed Fri Sat Sun
mon-fri/2: pycron none, croniter Mon Wed Fri
TXT
cmp -s seen expected
