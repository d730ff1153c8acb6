#!/usr/bin/env bash
# pytimeparse2 1.7.1 (PyPI).
#
# A plan of checks has its offsets as Python writes a timedelta: half a minute early is "-1 day, 23:59:30", where only the days are negative (Python's
# documentation of timedelta). The package's README names str(timedelta) as the way back from seconds to a text, with '1 day, 14:20:16' as the
# example, and reads texts with a minus. Expected: parse(str(timedelta(seconds=n))) is n, or None, its word for what it cannot read.
# Seen: for each offset below nought the minus is taken for the hours, too: half a minute early is 47 hours, 59 minutes and 30 seconds early.
# The smaller the offset, the further off it is; whole days are right, and all above nought, so a first test finds nothing.
# Write the minus yourself, before str(abs(offset)).
#
# Output seen:
#   138016 s, written "1 day, 14:20:16": read 138016
#   30 s, written "0:00:30": read 30
#   -30 s, written "-1 day, 23:59:30": read -172770
#   -5400 s, written "-1 day, 22:30:00": read -167400
#   -86400 s, written "-1 day, 0:00:00": read -86400
#   -90000 s, written "-2 days, 23:00:00": read -255600
#   -30 s, written by hand "-0:00:30": read -30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pytimeparse2==1.7.1
cat >show.py <<'PY'
from datetime import timedelta

from pytimeparse2 import parse

for seconds in (138016, 30, -30, -5400, -86400, -90000):
    text = str(timedelta(seconds=seconds))
    print(f'{seconds} s, written "{text}": read {parse(text)}')
text = "-" + str(timedelta(seconds=30))
print(f'-30 s, written by hand "{text}": read {parse(text)}')
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
138016 s, written "1 day, 14:20:16": read 138016
30 s, written "0:00:30": read 30
-30 s, written "-1 day, 23:59:30": read -172770
-5400 s, written "-1 day, 22:30:00": read -167400
-86400 s, written "-1 day, 0:00:00": read -86400
-90000 s, written "-2 days, 23:00:00": read -255600
-30 s, written by hand "-0:00:30": read -30
TXT
cmp -s seen expected
