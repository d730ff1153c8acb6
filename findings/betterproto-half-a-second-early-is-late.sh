#!/usr/bin/env bash
# betterproto 1.2.5 and 2.0.0b7 (PyPI), read by protobuf 5.29.5 (PyPI), Google's own library; Python 3.9 or newer.
#
# A record has a google.protobuf.Duration, the drift of a device's clock; betterproto takes a timedelta for it. A device is 0.5 s early.
# Expected: -0.5 s at the reader, as a timedelta and as JSON.
# Seen: betterproto writes the seconds with their sign and the fraction without. Half a second early is half a second late, and -1.5 s has the
# parts -1 and +0.5, which is no valid duration; betterproto itself reads it as -0.5 s, one second off. What other libraries write, it
# reads well. In JSON the sign is right, but below 0.1 ms the text is that of a Python number with zeros behind the exponent: 25 microseconds
# are "2.5e-050s". Google's library takes it, splits it at the point, and reads 2 s.
# Write a drift as a whole number of milliseconds.
#
# Output seen, the same for both versions:
#   -0.5 s: parts 0 and 500000000, read as 0.5 s; JSON "-0.500s", to protobuf -0.5 s
#   -1.5 s: parts -1 and 500000000, read as -0.5 s; JSON "-1.500s", to protobuf -1.5 s
#   0.000025 s: parts 0 and 25000, read as 0.000025 s; JSON "2.5e-050s", to protobuf 2 s
#   written by protobuf: -0.5 s read as -0.5 s
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >show.py <<'END'
import json
from dataclasses import dataclass
from datetime import timedelta

import betterproto
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import Parse


@dataclass
class Clock(betterproto.Message):
    drift: timedelta = betterproto.message_field(1)


def seconds(duration):
    return f"{duration.total_seconds():.6f}".rstrip("0").rstrip(".") + " s"


for drift in (timedelta(seconds=-0.5), timedelta(seconds=-1.5), timedelta(microseconds=25)):
    clock = Clock(drift=drift)
    written = bytes(clock)
    # The record has one field: its number, its length, and the duration.
    parts = Duration.FromString(written[2:])
    text = json.dumps(json.loads(clock.to_json())["drift"])
    print(
        f"{seconds(drift)}: parts {parts.seconds} and {parts.nanos}, read as {seconds(Clock().parse(written).drift)};"
        f" JSON {text}, to protobuf {seconds(Parse(text, Duration()).ToTimedelta())}"
    )
early = Duration()
early.FromTimedelta(timedelta(seconds=-0.5))
written = early.SerializeToString()
print(f"written by protobuf: -0.5 s read as {seconds(Clock().parse(bytes([10, len(written)]) + written).drift)}")
END
cat >expected <<'END'
-0.5 s: parts 0 and 500000000, read as 0.5 s; JSON "-0.500s", to protobuf -0.5 s
-1.5 s: parts -1 and 500000000, read as -0.5 s; JSON "-1.500s", to protobuf -1.5 s
0.000025 s: parts 0 and 25000, read as 0.000025 s; JSON "2.5e-050s", to protobuf 2 s
written by protobuf: -0.5 s read as -0.5 s
END
for version in 1.2.5 2.0.0b7; do
  python3 -m venv "venv-$version"
  "venv-$version/bin/pip" -q --disable-pip-version-check install "betterproto==$version" protobuf==5.29.5
  "venv-$version/bin/python" show.py >"seen-$version"
  cat "seen-$version"
done
cmp -s seen-1.2.5 expected && cmp -s seen-2.0.0b7 expected
