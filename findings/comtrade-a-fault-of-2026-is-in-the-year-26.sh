#!/usr/bin/env bash
# comtrade 0.2.0 (PyPI).
#
# Protection relays write what they measured around a fault as COMTRADE: a header with the time of the first sample, and the samples. The revision of 1991,
# which old relays still write, has a year of two digits. That of 2013 has the zone of the time and a letter for the clock's quality, where F is a clock
# that has failed (IEEE C37.111). The package's table of features has "Time code and local code" and "Time quality of the samples" as supported.
# Expected: 2026, a time with its zone, and the quality. Seen: 12/03/26 is the year 26, two thousand years back, and it raises nothing. One fault, recorded
# by a relay in UTC and another in Seoul, has two times without a zone, nine hours apart; a failed clock is as good as
# any. The three codes are read from the header, and no public attribute tells them: "supported" is that the file can be read.
# Add the century and the zone yourself; the codes are in the last two lines of the header.
#
# Output seen:
#   1991, 12/03/26: 0026-12-03T14:05:09
#   1991, 12/03/98: 0098-12-03T14:05:09
#   1999, 03/12/2026: 2026-12-03T14:05:09
#   2013, in UTC: 2026-12-03T14:05:09
#   2013, in Seoul: 2026-12-03T14:05:09
#   2013, in UTC, the clock has failed: 2026-12-03T14:05:09
#   what is told of zone and clock: nothing
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install comtrade==0.2.0
cat >show.py <<'PY'
import comtrade


def start(revision, date, *codes):
    """What is told of a record that begins at 14:05:09, with one channel and two samples."""
    modern = bool(revision)
    lines = [
        "STATION,RECORDER" + f",{revision}" * modern,
        "1,1A,0D",
        "1,A,,,A,0.1,0,0,-32767,32767" + ",1,1,P" * modern,
        "50",
        "1",
        "1000,2",
        f"{date},14:05:09.000000",
        f"{date},14:05:09.500000",
        "ASCII",
        *(["1"] if modern else []),
        *codes,
    ]
    record = comtrade.Comtrade()
    record.read("\n".join(lines) + "\n", "1,0,100\n2,1000,-50\n")
    return record.start_timestamp.isoformat()


print(f"1991, 12/03/26: {start('', '12/03/26')}")
print(f"1991, 12/03/98: {start('', '12/03/98')}")
print(f"1999, 03/12/2026: {start('1999', '03/12/2026')}")
print(f"2013, in UTC: {start('2013', '03/12/2026', '0,0', '0,0')}")
print(f"2013, in Seoul: {start('2013', '03/12/2026', '+9,+9', '0,0')}")
print(f"2013, in UTC, the clock has failed: {start('2013', '03/12/2026', '0,0', 'F,0')}")
public = (name for thing in (comtrade.Comtrade, comtrade.Cfg) for name in vars(thing) if not name.startswith("_"))
print(f"what is told of zone and clock: {', '.join(name for name in public if 'code' in name or 'leap' in name) or 'nothing'}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
1991, 12/03/26: 0026-12-03T14:05:09
1991, 12/03/98: 0098-12-03T14:05:09
1999, 03/12/2026: 2026-12-03T14:05:09
2013, in UTC: 2026-12-03T14:05:09
2013, in Seoul: 2026-12-03T14:05:09
2013, in UTC, the clock has failed: 2026-12-03T14:05:09
what is told of zone and clock: nothing
TXT
cmp -s seen expected
