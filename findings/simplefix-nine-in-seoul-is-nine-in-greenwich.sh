#!/usr/bin/env bash
# simplefix 1.0.17 (PyPI).
#
# An alert goes to a desk by FIX, and simplefix writes its times: `append_utc_timestamp` a UTCTimestamp, `append_tz_timestamp` a TZTimestamp with its zone.
# Both take a datetime, and the second a "local" one. Nine in the morning in Seoul, aware of its zone, is midnight in UTC.
# Expected: 00:00:00 in UTC, and 09:00:00 with +09, or an error. Seen: both write the digits of the clock and pass over the zone. The first makes
# it nine in UTC, and the second gives it the zone of the server: "09:00:00.000Z" in Greenwich, and -05 in New York. The alert is nine or fourteen hours late.
# `append_tz_time_only_parts` takes the minutes east of UTC, "-1439 to +1439". Of those less than an hour west it writes the minutes east: -30 is +00:30.
# Hand it `when.astimezone(timezone.utc)` and take the first.
#
# Output seen:
#   2026-12-03T09:00:00+09:00 in UTC: UTC 20261203-09:00:00.000, zone 20261203-09:00:00.000Z
#   2026-12-03T00:00:00+00:00 in UTC: UTC 20261203-00:00:00.000, zone 20261203-00:00:00.000Z
#   30 minutes east 09:00+00:30, -30 minutes east 09:00+00:30, -210 minutes east 09:00-03:30
#   2026-12-03T09:00:00+09:00 in America/New_York: UTC 20261203-09:00:00.000, zone 20261203-09:00:00.000-05
#   2026-12-03T00:00:00+00:00 in America/New_York: UTC 20261203-00:00:00.000, zone 20261203-00:00:00.000-05
#   30 minutes east 09:00+00:30, -30 minutes east 09:00+00:30, -210 minutes east 09:00-03:30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install simplefix==1.0.17
cat >show.py <<'PY'
import os
from datetime import datetime, timedelta, timezone

from simplefix import FixMessage


def written(method, *given, **named):
    message = FixMessage()
    getattr(message, method)(60, *given, **named)
    return message.get(60).decode()


seoul = datetime(2026, 12, 3, 9, tzinfo=timezone(timedelta(hours=9)))
zone = os.environ["TZ"]
for when in (seoul, seoul.astimezone(timezone.utc)):
    print(f"{when.isoformat()} in {zone}: UTC {written('append_utc_timestamp', when)}, zone {written('append_tz_timestamp', when)}")
print(", ".join(f"{east} minutes east {written('append_tz_time_only_parts', 9, 0, offset=east)}" for east in (30, -30, -210)))
PY
for zone in UTC America/New_York; do
  TZ=$zone venv/bin/python show.py
done >seen
cat seen
cat >expected <<'TXT'
2026-12-03T09:00:00+09:00 in UTC: UTC 20261203-09:00:00.000, zone 20261203-09:00:00.000Z
2026-12-03T00:00:00+00:00 in UTC: UTC 20261203-00:00:00.000, zone 20261203-00:00:00.000Z
30 minutes east 09:00+00:30, -30 minutes east 09:00+00:30, -210 minutes east 09:00-03:30
2026-12-03T09:00:00+09:00 in America/New_York: UTC 20261203-09:00:00.000, zone 20261203-09:00:00.000-05
2026-12-03T00:00:00+00:00 in America/New_York: UTC 20261203-00:00:00.000, zone 20261203-00:00:00.000-05
30 minutes east 09:00+00:30, -30 minutes east 09:00+00:30, -210 minutes east 09:00-03:30
TXT
cmp -s seen expected
