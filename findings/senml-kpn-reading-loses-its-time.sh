#!/usr/bin/env bash
# kpn-senml 1.0.1 (PyPI), beside cbor2 5.9.0, which shows what it wrote; Python 3.9 or newer.
#
# SenML (RFC 8428) is a list of a device's readings in JSON or CBOR. What is said once for all of them has a name of its own: base time, base
# unit, base value, base sum. A pump's pack has two readings of one base time, with a unit, each some seconds before it, and a meter's sum.
# Expected: at the reader the readings with their times, units and sums, as the pack that was written has them.
# Seen: the reader takes names and values, and nothing else. Time, unit and sum are None in each record, also where the same library wrote
# them, and those of the pack stay None too: nothing is left by which one could add them. Nothing is reported, so whoever takes "no time"
# for "now" (as RFC 8428 has it where there is none) makes a reading of yesterday one of today. And in CBOR the base sum has the label -16,
# where the RFC has -6, so no other reader finds it. A loop over a pack, `for record in pack`, sees no record at all.
#
# Output seen:
#   written: [{"n": "temperature", "v": 93.5, "t": -60, "u": "Cel", "bn": "pump-7:", "bt": 1796364000}, {"n": "water", "s": 120, "t": -30, "u": "m3"}]
#   read: temperature 93.5 time None unit None sum None, water None time None unit None sum None, base time None
#   a loop over the pack sees: []
#   the label of the base sum: -16
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check kpn-senml==1.0.1 cbor2==5.9.0
cat >show.py <<'END'
import json

import cbor2
from kpn_senml import SenmlPack, SenmlRecord, SenmlUnits

YESTERDAY = 1796364000


def pump():
    pack = SenmlPack("pump-7:")
    pack.base_time = YESTERDAY
    pack.add(SenmlRecord("temperature", unit=SenmlUnits.SENML_UNIT_DEGREES_CELSIUS, value=93.5, time=YESTERDAY - 60))
    pack.add(SenmlRecord("water", unit=SenmlUnits.SENML_UNIT_CUBIC_METER, sum=120, time=YESTERDAY - 30))
    return pack


written = pump().to_json()
print("written:", written)

read = []
reader = SenmlPack("pump-7:", lambda one, device: read.append(one))
reader.from_json(written)
told = [f"{one.name} {one.value} time {one.time} unit {one.unit} sum {one.sum}" for one in read]
print("read: " + ", ".join(told) + f", base time {reader.base_time}")
print("a loop over the pack sees:", [one.name for one in reader])

meter = SenmlPack("meter-3:")
meter.base_sum = 5000
meter.add(SenmlRecord("water", sum=5120))
labels = [label for label, value in cbor2.loads(meter.to_cbor())[0].items() if value == 5000]
print("the label of the base sum:", *labels)
END
venv/bin/python show.py | tee seen
cat >expected <<'END'
written: [{"n": "temperature", "v": 93.5, "t": -60, "u": "Cel", "bn": "pump-7:", "bt": 1796364000}, {"n": "water", "s": 120, "t": -30, "u": "m3"}]
read: temperature 93.5 time None unit None sum None, water None time None unit None sum None, base time None
a loop over the pack sees: []
the label of the base sum: -16
END
cmp -s seen expected
