#!/usr/bin/env bash
# dlms-cosem 25.1.0, beside gurux-dlms 1.0.203 and amshan 2.1.1 (PyPI), three readers of the times of electricity meters.
#
# A time in DLMS/COSEM has 12 bytes, with the minutes from local time to UTC among them (Blue Book, 4.1.6.1): -540 in Seoul, 0 for a clock that
# runs in UTC, and 8000 (hexadecimal) for "not specified". An event of the meter has such a time.
# Expected: 0 is UTC. Seen: to dlms-cosem 0 is the same as "not specified", and the time comes without a zone. Python takes that for the zone of
# the machine: in Seoul the event lies nine hours back, and a comparison with a time that has a zone raises. On a machine in UTC nothing shows.
# It writes UTC as 0, so what it wrote and read it writes back as "not specified". All other zones are right, and so are the other two readers.
# Add the zone yourself where `tzinfo` is None: the deviation is in bytes 10 and 11.
#
# Output seen (on a machine in Seoul, as UTC):
#   a clock in UTC, 07ea0c03040e050900000000: dlms-cosem 05:05:09, amshan 14:05:09, gurux-dlms 14:05:09
#   a clock in Seoul, 07ea0c03040e050900fde400: dlms-cosem 05:05:09, amshan 05:05:09, gurux-dlms 05:05:09
#   a clock in London in July, 07ea0703040e050900ffc480: dlms-cosem 13:05:09, amshan 13:05:09, gurux-dlms 13:05:09
#   UTC written by dlms-cosem: 07ea0c03ff0e050900000000, read and written again: 07ea0c03ff0e050900800000
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install dlms-cosem==25.1.0 gurux-dlms==1.0.203 amshan==2.1.1
cat >show.py <<'PY'
from datetime import datetime, timezone

from dlms_cosem.time import datetime_from_bytes, datetime_to_bytes
from gurux_dlms.GXDLMSClient import GXDLMSClient
from gurux_dlms.enums import DataType
from han.cosem import DateTime

readers = {
    "dlms-cosem": lambda data: datetime_from_bytes(data)[0],
    "amshan": lambda data: DateTime.parse(bytes([len(data)]) + data).datetime,
    "gurux-dlms": lambda data: GXDLMSClient.changeType(bytearray(data), DataType.DATETIME).value,
}
for what, data in (
    ("a clock in UTC", "07ea0c03040e050900000000"),
    ("a clock in Seoul", "07ea0c03040e050900fde400"),
    ("a clock in London in July", "07ea0703040e050900ffc480"),
):
    times = (f"{name} {read(bytes.fromhex(data)).astimezone(timezone.utc):%H:%M:%S}" for name, read in readers.items())
    print(f"{what}, {data}: {', '.join(times)}")
written = datetime_to_bytes(datetime(2026, 12, 3, 14, 5, 9, tzinfo=timezone.utc))
again = datetime_to_bytes(datetime_from_bytes(written)[0])
print(f"UTC written by dlms-cosem: {written.hex()}, read and written again: {again.hex()}")
PY
TZ=Asia/Seoul venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
a clock in UTC, 07ea0c03040e050900000000: dlms-cosem 05:05:09, amshan 14:05:09, gurux-dlms 14:05:09
a clock in Seoul, 07ea0c03040e050900fde400: dlms-cosem 05:05:09, amshan 05:05:09, gurux-dlms 05:05:09
a clock in London in July, 07ea0703040e050900ffc480: dlms-cosem 13:05:09, amshan 13:05:09, gurux-dlms 13:05:09
UTC written by dlms-cosem: 07ea0c03ff0e050900000000, read and written again: 07ea0c03ff0e050900800000
TXT
cmp -s seen expected
