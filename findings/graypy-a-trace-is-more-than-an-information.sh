#!/usr/bin/env bash
# graypy 2.1.0 (PyPI).
#
# Python's logging lets a program add levels between and below its own: 5 for a trace and 25 for a notice are usual. graypy sends a record to Graylog,
# where a level is one of syslog, 0 for an emergency to 7 for debugging. Expected: a level of one's own becomes the syslog level beside it.
# Seen: a level that graypy does not know goes out as it is. The number grows with severity in Python and falls in syslog. So a trace of level 5
# arrives as a notice, above each information, and level 1 as "alert", above each error and critical.
# A notice of level 25 or a warning of 35 is outside the scale, and a rule for "level 4 or less" does not see it. The five levels of Python are right,
# so a test sees nothing. The README does not name other levels. Use those five, or put a field of your own beside them.
#
# Output seen:
#   FINEST (1) is level 1
#   TRACE (5) is level 5
#   DEBUG (10) is level 7
#   INFO (20) is level 6
#   NOTICE (25) is level 25
#   WARNING (30) is level 4
#   ALARM (35) is level 35
#   ERROR (40) is level 3
#   CRITICAL (50) is level 2
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install graypy==2.1.0
cat >show.py <<'PY'
import json
import logging
import zlib

import graypy


class Kept(graypy.GELFUDPHandler):
    def send(self, packed):
        print(f"{self.what} is level {json.loads(zlib.decompress(packed))['level']}")


handler = Kept("127.0.0.1", 12201)
logger = logging.getLogger("pump")
logger.setLevel(1)
logger.addHandler(handler)
for level, name in ((1, "FINEST"), (5, "TRACE"), (25, "NOTICE"), (35, "ALARM")):
    logging.addLevelName(level, name)
for level in (1, 5, 10, 20, 25, 30, 35, 40, 50):
    handler.what = f"{logging.getLevelName(level)} ({level})"
    logger.log(level, "Pump 2 runs")
PY
venv/bin/python show.py | tee seen
cat >expected <<'TXT'
FINEST (1) is level 1
TRACE (5) is level 5
DEBUG (10) is level 7
INFO (20) is level 6
NOTICE (25) is level 25
WARNING (30) is level 4
ALARM (35) is level 35
ERROR (40) is level 3
CRITICAL (50) is level 2
TXT
cmp -s seen expected
