#!/usr/bin/env bash
# Two libraries for Cayenne LPP, the payload of LoRaWAN sensors: pycayennelpp 2.4.0 (PyPI) and cayenne-lpp 1.0.2 (npm).
#
# An analog value goes out as a whole number of hundredths, as the format says. A sensor has 1.15; a gateway reads the payload and writes it again for
# the next hop. Expected: 115 hundredths, on each hop. Seen: both multiply by 100 and cut the rest. 1.15 * 100 is 114.99999999999999 to a
# double, so 114 goes out; 1.14 becomes 113 at the next hop, and so on, until a value is met that a double has right. A limit of 1.15 is never
# reached, and two gateways in a row look like a sensor that drifts. Values with one digit or a quarter are often right.
# Rounding to two digits beforehand changes nothing, as the cut comes after: add a thousandth, away from zero.
#
# Output seen:
#   pycayennelpp: 1.15 is 1.14, then 1.13, then 1.12; 2.3 is 2.29, then 2.29, then 2.29; -36.3 is -36.29, then -36.29, then -36.29
#   cayenne-lpp: 1.15 is 1.14, then 1.13, then 1.12; 2.3 is 2.29, then 2.29, then 2.29; -36.3 is -36.29, then -36.29, then -36.29
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pycayennelpp==2.4.0
npm install --silent --no-audit --no-fund cayenne-lpp@1.0.2
cat >show.py <<'PY'
from cayennelpp import LppFrame


def hop(value):
    frame = LppFrame()
    frame.add_analog_input(1, value)
    return LppFrame().from_bytes(bytes(frame)).data[0].value[0]


def hops(value):
    first = hop(value)
    second = hop(first)
    return f"{value} is {first}, then {second}, then {hop(second)}"


print("pycayennelpp:", "; ".join(map(hops, (1.15, 2.3, -36.3))))
PY
cat >show.js <<'JS'
const { decoder, encoder } = require("cayenne-lpp")

function hop(value) {
  return decoder.decode(encoder.encodeAnalogInput(1, value))[0].analog_input_1
}

function hops(value) {
  const first = hop(value)
  const second = hop(first)
  return `${value} is ${first}, then ${second}, then ${hop(second)}`
}
console.log(`cayenne-lpp: ${[1.15, 2.3, -36.3].map(hops).join("; ")}`)
JS
{ venv/bin/python show.py && node show.js; } >seen
cat seen
cat >expected <<'TXT'
pycayennelpp: 1.15 is 1.14, then 1.13, then 1.12; 2.3 is 2.29, then 2.29, then 2.29; -36.3 is -36.29, then -36.29, then -36.29
cayenne-lpp: 1.15 is 1.14, then 1.13, then 1.12; 2.3 is 2.29, then 2.29, then 2.29; -36.3 is -36.29, then -36.29, then -36.29
TXT
cmp -s seen expected
