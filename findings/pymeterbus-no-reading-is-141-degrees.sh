#!/usr/bin/env bash
# pyMeterBus 0.8.5 (PyPI).
#
# Meters of heat and water speak M-Bus. Its data say themselves when there is nothing to read (EN 13757-3, the annex about data types): a letter
# among decimal digits is an error, the "EEEE" of a display; a date of all ones is no date. A time has one bit for "invalid", as after a power cut,
# and one for summer time. Expected: no value, or a flag beside it.
# Seen: the digits are added up with the letters in them. A sensor that says EEEE has 141.4 degrees, 0C35 are 123.5, and both are instantaneous
# values like any other. An invalid time is a time, the hour that an October night has twice is one hour, and no date is day 31 of month 15.
# Nothing is raised or logged, and `interpreted` has no flag either. A limit is passed by a sensor that is broken.
# Look at the bytes first, `record.dataField.parts`: a half of a byte above 9, or a time whose first byte is 128 or more.
#
# Output seen:
#   a temperature, digits 0235: 23.500 C FunctionType.INSTANTANEOUS_VALUE
#   a temperature, digits EEEE: 141.400 C FunctionType.INSTANTANEOUS_VALUE
#   a temperature, digits 0C35: 123.500 C FunctionType.INSTANTANEOUS_VALUE
#   a date of ones: 2027-15-31 date FunctionType.INSTANTANEOUS_VALUE
#   a time: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
#   the time in summer time: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
#   the time, invalid: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
#   a time of ones: 2027-15-31T31:63 date time FunctionType.INSTANTANEOUS_VALUE
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pyMeterBus==0.8.5
cat >show.py <<'PY'
import meterbus


def clock(invalid=0, summer=0):
    """25 October 2026, 02:30, as a meter sends it (type F)."""
    return bytes([30 | invalid << 7, 2 | summer << 7, 25 | (26 & 7) << 5, 10 | (26 >> 3) << 4])


def read(dif, vif, data):
    body = bytes.fromhex("080172" + "78563412" + "2423280455000000") + bytes([dif, vif]) + data
    telegram = bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])
    record = meterbus.load(telegram).records[0]
    return record.value, record.unit, record.interpreted["function"]


for what, dif, vif, data in (
    ("a temperature, digits 0235", 0x0A, 0x5A, b"\x35\x02"),
    ("a temperature, digits EEEE", 0x0A, 0x5A, b"\xee\xee"),
    ("a temperature, digits 0C35", 0x0A, 0x5A, b"\x35\x0c"),
    ("a date of ones", 0x02, 0x6C, b"\xff\xff"),
    ("a time", 0x04, 0x6D, clock()),
    ("the time in summer time", 0x04, 0x6D, clock(summer=1)),
    ("the time, invalid", 0x04, 0x6D, clock(invalid=1)),
    ("a time of ones", 0x04, 0x6D, b"\xff\xff\xff\xff"),
):
    value, unit, function = read(dif, vif, data)
    print(f"{what}: {value if isinstance(value, str) else round(value, 3)} {unit} {function}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
a temperature, digits 0235: 23.500 C FunctionType.INSTANTANEOUS_VALUE
a temperature, digits EEEE: 141.400 C FunctionType.INSTANTANEOUS_VALUE
a temperature, digits 0C35: 123.500 C FunctionType.INSTANTANEOUS_VALUE
a date of ones: 2027-15-31 date FunctionType.INSTANTANEOUS_VALUE
a time: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
the time in summer time: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
the time, invalid: 2026-10-25T02:30 date time FunctionType.INSTANTANEOUS_VALUE
a time of ones: 2027-15-31T31:63 date time FunctionType.INSTANTANEOUS_VALUE
TXT
cmp -s seen expected
