#!/usr/bin/env bash
# Pint 0.25.3 (PyPI), its own registry of units.
#
# A device sends a unit with its reading, as a word: "pct", "Nm", "cfm", "RH". Pint is asked for it, to compare or to convert. Expected: the unit
# that the field means by it, or `UndefinedUnitError`, as for "gpm" and "ppb". Seen: Pint knows any prefix before any unit, and its units are those
# of all trades. 45 pct are picocarats, a mass. 5 Nm are no torque but the fineness of a yarn. 300 cfm, cubic feet a minute,
# are centifermis, a length, and 60 RH are ronnahenrys. 10 PS, the horsepower of engines, are petasiemens, and a 100 Mb link has an area, megabarns.
# No error comes where readings are stored, shown or compared with a limit in the same word; it comes, if ever, at a conversion.
# Translate the words of your devices by a table of your own, and check `.dimensionality` at the edge.
#
# Output seen:
#   pct is picocarat
#   Nm is number_meter
#   cfm is centifermi
#   RH is ronnahenry
#   PS is petasiemens
#   Mb is megabarn
#   gpm is unknown
#   N*m is meter * newton
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install Pint==0.25.3
cat >show.py <<'PY'
import pint

units = pint.UnitRegistry()
for word in ("pct", "Nm", "cfm", "RH", "PS", "Mb", "gpm", "N*m"):
    try:
        print(f"{word} is {units.parse_units(word)}")
    except pint.UndefinedUnitError:
        print(f"{word} is unknown")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
pct is picocarat
Nm is number_meter
cfm is centifermi
RH is ronnahenry
PS is petasiemens
Mb is megabarn
gpm is unknown
N*m is meter * newton
TXT
cmp -s seen expected
