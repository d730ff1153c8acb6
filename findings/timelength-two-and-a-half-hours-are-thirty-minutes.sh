#!/usr/bin/env bash
# timelength 3.0.4 (PyPI).
#
# A person mutes a device "for two and a half hours", or sets a limit as text, and timelength reads that as seconds. Parts that it cannot read are
# listed in `invalid`; `FailureFlags.ALL` makes them a failure. It knows "half an hour" and "three quarters of an hour".
# Expected: 9000 seconds, or a failure. Seen: of a number "and a half" only the half counts. Two and a half hours are 1800 seconds, ten and a half days
# are twelve hours, and `success` is True: the alerts come back when nobody awaits them. With ALL that is a failure, at least.
# A minus is a failure in neither: -1h30m is an hour and a half, later where earlier was said, and "1h -30m" is 5400 seconds as well,
# with nothing in `invalid`. So with ALL too look for a minus before.
#
# Output seen:
#   half an hour: 1800 s, success True, with ALL True
#   2.5 hours: 9000 s, success True, with ALL True
#   two and a half hours: 1800 s, success True, with ALL False
#   10 and a half days: 43200 s, success True, with ALL False
#   an hour and a half: 3600 s, success True, with ALL False
#   1h30m: 5400 s, success True, with ALL True
#   -1h30m: 5400 s, success True, with ALL True
#   1h -30m: 5400 s, success True, with ALL True
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install timelength==3.0.4
cat >show.py <<'PY'
from timelength import FailureFlags, TimeLength
from timelength.locales import English

strict = English(flags=FailureFlags.ALL)
for text in ("half an hour", "2.5 hours", "two and a half hours", "10 and a half days", "an hour and a half", "1h30m", "-1h30m", "1h -30m"):
    lax = TimeLength(text).result
    print(f"{text}: {lax.seconds:.0f} s, success {lax.success}, with ALL {TimeLength(text, locale=strict).result.success}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
half an hour: 1800 s, success True, with ALL True
2.5 hours: 9000 s, success True, with ALL True
two and a half hours: 1800 s, success True, with ALL False
10 and a half days: 43200 s, success True, with ALL False
an hour and a half: 3600 s, success True, with ALL False
1h30m: 5400 s, success True, with ALL True
-1h30m: 5400 s, success True, with ALL True
1h -30m: 5400 s, success True, with ALL True
TXT
cmp -s seen expected
