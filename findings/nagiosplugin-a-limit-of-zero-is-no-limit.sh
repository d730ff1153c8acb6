#!/usr/bin/env bash
# nagiosplugin 1.4.0 (PyPI), the library for checks of Nagios and Icinga.
#
# A check calls its limits `warning` and `critical`; a value outside of the range is a problem. A lone limit is a range from 0 to it, as text or as a
# number. So a check that may see no error has critical=0. Expected: one error is critical. Seen: the number 0, and 0.0, are an empty range, from 0
# to infinity. Five errors, or five million, are OK, and the limit is missing in the performance data too. The text "0" is right, as is 1, so
# a check with limits from a command line has an alert, and the same one with `type=int` has none.
# A reading that is not a number is inside of any range: NaN is OK whatever the limits are.
# Give limits as text, and take NaN out before.
#
# Output seen:
#   critical=1: 0 ok, 1 ok, 5 critical, nan ok; performance data errors=5;;1
#   critical=0: 0 ok, 1 ok, 5 ok, nan ok; performance data errors=5
#   critical=0.0: 0 ok, 1 ok, 5 ok, nan ok; performance data errors=5
#   critical='0': 0 ok, 1 critical, 5 critical, nan ok; performance data errors=5;;0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install nagiosplugin==1.4.0
cat >show.py <<'PY'
from nagiosplugin import Metric, ScalarContext

for limit in (1, 0, 0.0, "0"):
    context = ScalarContext("errors", critical=limit)
    states = [f"{value} {context.evaluate(Metric('errors', value), None).state}" for value in (0, 1, 5, float("nan"))]
    print(f"critical={limit!r}: {', '.join(states)}; performance data {context.performance(Metric('errors', 5), None)}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
critical=1: 0 ok, 1 ok, 5 critical, nan ok; performance data errors=5;;1
critical=0: 0 ok, 1 ok, 5 ok, nan ok; performance data errors=5
critical=0.0: 0 ok, 1 ok, 5 ok, nan ok; performance data errors=5
critical='0': 0 ok, 1 critical, 5 critical, nan ok; performance data errors=5;;0
TXT
cmp -s seen expected
