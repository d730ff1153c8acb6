#!/usr/bin/env bash
# iec62056 0.5.1 (PyPI), beside dsmr-parser 1.11.2 (PyPI).
#
# A smart meter's telegram (DSMR) has local times with S or W behind, for summer and winter: its clock, its log of power failures, and the readings of
# meters on its bus. The library makes them dates with a zone, by the zone of the server, a Dutch one here. Expected: a failure
# of July 10, 14:00 S, is 12:00 UTC, always. Seen: it passes over S and W, and takes the offset that the server has at this moment. Read in summer the
# failure is at 12:00 UTC, and in winter at 13:00; the same telegram read twice gives two failures, and two alerts. A server on UTC makes it 14:00.
# And the bus: 0-1 and 0-2 are two meters, of gas (device type 3) and of water (7). Any of them is named `gas_delivered`, and
# telegram["gas_delivered"] is the first one's, so a leak of water is no change. dsmr-parser has the right time, and both meters.
# Take `reference` and the raw text, or dsmr-parser.
#
# Output seen:
#   server in summer: failure at 2026-07-10 12:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
#   server in winter: failure at 2026-07-10 13:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
#   server in UTC: failure at 2026-07-10 14:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
#   dsmr-parser: failure at 2026-07-10 12:00 UTC; 0-1 device type 3 100.000 m3, 0-2 device type 7 200.000 m3
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install iec62056==0.5.1 dsmr-parser==1.11.2
cat >telegram.py <<'PY'
lines = (
    "/ISK5\\2M550T-1012",
    "",
    "1-3:0.2.8(50)",
    "0-0:1.0.0(261203120000W)",
    "1-0:99.97.0(1)(0-0:96.7.19)(260710140000S)(0000000240*s)",
    "0-1:24.1.0(003)",
    "0-1:24.2.1(261203120000W)(00100.000*m3)",
    "0-2:24.1.0(007)",
    "0-2:24.2.1(261203120000W)(00200.000*m3)",
    "!",
)
body = "\r\n".join(lines)
crc = 0
for byte in body.encode():
    crc ^= byte
    for _ in range(8):
        crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
telegram = f"{body}{crc:04X}\r\n"
PY
cat >one.py <<'PY'
import sys
from datetime import timezone

from iec62056.objects import Log
from iec62056.parser import Parser
from telegram import telegram

read = Parser().parse(telegram)
failure = next(one for one in read.objects if isinstance(one, Log)).entries[0][0]
meters = [f"{one.reference!r} {one.name} {one.value} {one.unit}" for one in read.objects if one.name.startswith("gas")]
print(f"server in {sys.argv[1]}: failure at {failure.timestamp.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC; {', '.join(meters)}; [gas_delivered] {read['gas_delivered'].value}")
PY
cat >other.py <<'PY'
from datetime import timezone

from dsmr_parser import telegram_specifications
from dsmr_parser.parsers import TelegramParser
from telegram import telegram

read = TelegramParser(telegram_specifications.V5).parse(telegram)
failure = read.POWER_EVENT_FAILURE_LOG.buffer[0]
meters = [f"0-{one.channel_id} device type {one.MBUS_DEVICE_TYPE.value} {one.MBUS_METER_READING.value} {one.MBUS_METER_READING.unit}" for one in read.MBUS_DEVICES]
print(f"dsmr-parser: failure at {failure.datetime.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC; {', '.join(meters)}")
PY
for server in summer=CEST-2 winter=CET-1 UTC=UTC0; do
  TZ=${server#*=} venv/bin/python one.py "${server%=*}"
done >seen
venv/bin/python other.py >>seen
cat seen
cat >expected <<'TXT'
server in summer: failure at 2026-07-10 12:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
server in winter: failure at 2026-07-10 13:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
server in UTC: failure at 2026-07-10 14:00 UTC; 0-1:24.2.1 gas_delivered 100.0 m3, 0-2:24.2.1 gas_delivered 200.0 m3; [gas_delivered] 100.0
dsmr-parser: failure at 2026-07-10 12:00 UTC; 0-1 device type 3 100.000 m3, 0-2 device type 7 200.000 m3
TXT
cmp -s seen expected
