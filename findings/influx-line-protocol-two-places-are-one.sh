#!/usr/bin/env bash
# influx-line-protocol 0.1.5, beside influxdb-client 1.50.0 (both PyPI).
#
# A gateway writes its readings as lines for InfluxDB: where a device is, a pressure in pascals, a meter's count. A field without "i" is a float of 64 bits
# (InfluxDB's reference of the line protocol). Expected: the number that was given, as repr() of Python writes it and as influxdb-client does.
# Seen: floats go out with six digits, by "%g", and nothing is said: a place is up to 50 metres off, a pressure has lost its fraction, and a meter that
# counts to 1234567.8 is at 1234570 and stands still for days. Small numbers and all whole ones are right, so a first test finds nothing.
# A limit on the change of a count never rings. Write the fields yourself, or multiply and send whole numbers.
#
# Output seen:
#   21.5: influx-line-protocol 21.5, influxdb-client 21.5
#   51.507351: influx-line-protocol 51.5074, influxdb-client 51.507351
#   101325.25: influx-line-protocol 101325.0, influxdb-client 101325.25
#   1234567.8: influx-line-protocol 1234570.0, influxdb-client 1234567.8
#   1234571.3: influx-line-protocol 1234570.0, influxdb-client 1234571.3
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install influx-line-protocol==0.1.5 influxdb-client==1.50.0
cat >show.py <<'PY'
from influx_line_protocol import Metric
from influxdb_client import Point

for value in (21.5, 51.507351, 101325.25, 1234567.8, 1234571.3):
    metric = Metric("device")
    metric.add_value("reading", value)
    lines = {"influx-line-protocol": str(metric), "influxdb-client": Point("device").field("reading", value).to_line_protocol()}
    print(f"{value}: " + ", ".join(f"{name} {float(line.split('reading=')[1])}" for name, line in lines.items()))
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
21.5: influx-line-protocol 21.5, influxdb-client 21.5
51.507351: influx-line-protocol 51.5074, influxdb-client 51.507351
101325.25: influx-line-protocol 101325.0, influxdb-client 101325.25
1234567.8: influx-line-protocol 1234570.0, influxdb-client 1234567.8
1234571.3: influx-line-protocol 1234570.0, influxdb-client 1234571.3
TXT
cmp -s seen expected
