#!/usr/bin/env bash
# bleparser 3.7.3 (PyPI), which reads the Bluetooth advertisements of sensors.
#
# Thermometers with one to six probes (iBBQ) send each probe's temperature in tenths of a degree, as a signed number of two bytes. A freezer has -18.0.
# Expected: -18 degrees. Seen: what is below zero becomes 0, with one, four and six probes. The freezer is at 0 degrees whatever happens
# below, so its alert for thawing never ends. With two probes the same bytes are read without a
# sign: -18.0 is 6535.6 degrees, and -0.1 is 6553.5, an alert for fire. The sensors IBS-TH of the same maker are right.
# Take 0 from these devices as "unknown", and subtract 6553.6 from what is above 3000.
#
# Output seen:
#   21.5 degrees: iBBQ-1 21.5, iBBQ-2 21.5 21.5, iBBQ-4 21.5 21.5 21.5 21.5, iBBQ-6 21.5 21.5 21.5 21.5 21.5 21.5
#   -0.1 degrees: iBBQ-1 0, iBBQ-2 6553.5 6553.5, iBBQ-4 0 0 0 0, iBBQ-6 0 0 0 0 0 0
#   -18.0 degrees: iBBQ-1 0, iBBQ-2 6535.6 6535.6, iBBQ-4 0 0 0 0, iBBQ-6 0 0 0 0 0 0
#   -18.0 degrees: IBS-TH -18.0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install bleparser==3.7.3
cat >show.py <<'PY'
import struct

from bleparser import BleParser

MAC = bytes.fromhex("a1b2c3d4e5f6")


def advertised(name, data):
    """An HCI event with flags, the service FFF0, a name and the maker's own data."""
    given = ((0x01, b"\x06"), (0x03, b"\xf0\xff"), (0x09, name), (0xFF, data))
    parts = b"".join(bytes([len(part) + 1, kind]) + part for kind, part in given if part)
    report = bytes([0x02, 0x01, 0x00, 0x00]) + MAC[::-1] + bytes([len(parts)]) + parts + b"\xc0"
    return bytes([0x04, 0x3E, len(report)]) + report


def read(name, data):
    sensor, _ = BleParser(discovery=True, filter_duplicates=False).parse_raw_data(advertised(name, data))
    values = [f"{value}" for key, value in sensor.items() if key.startswith("temperature")]
    return f"{sensor['type']} {' '.join(values)}"


for tenths, what in ((215, "21.5 degrees"), (-1, "-0.1 degrees"), (-180, "-18.0 degrees")):
    seen = []
    for probes in (1, 2, 4, 6):
        seen.append(read(b"", bytes(4) + MAC + struct.pack(f"<{probes}h", *[tenths] * probes)))
    print(f"{what}: {', '.join(seen)}")
print(f"-18.0 degrees: {read(b'sps', struct.pack('<hHBHB', -1800, 4000, 0, 0, 90) + bytes(1))}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
21.5 degrees: iBBQ-1 21.5, iBBQ-2 21.5 21.5, iBBQ-4 21.5 21.5 21.5 21.5, iBBQ-6 21.5 21.5 21.5 21.5 21.5 21.5
-0.1 degrees: iBBQ-1 0, iBBQ-2 6553.5 6553.5, iBBQ-4 0 0 0 0, iBBQ-6 0 0 0 0 0 0
-18.0 degrees: iBBQ-1 0, iBBQ-2 6535.6 6535.6, iBBQ-4 0 0 0 0, iBBQ-6 0 0 0 0 0 0
-18.0 degrees: IBS-TH -18.0
TXT
cmp -s seen expected
