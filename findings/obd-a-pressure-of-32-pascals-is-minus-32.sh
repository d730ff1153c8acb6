#!/usr/bin/env bash
# obd 0.7.3 (PyPI).
#
# A car tells the pressure in its fuel tank's vapour system by OBD-II, PID 01 32: two bytes, one number in two's complement, in quarters of a pascal.
# A leak is an alert of a pressure that doesn't hold. Expected: 0080 is 128 quarters, 32 Pa. Seen: the library takes the sign of each of the two bytes,
# and so a low byte of 80 or more is 256 quarters, 64 Pa, too little. 31.75 Pa is right, and with a quarter more the value is -32 Pa.
# A pressure that rises without a stop is a saw with teeth of 64 Pa, of which half are wrong. An overpressure is a vacuum, and a limit of 40 Pa
# is passed at 64 first. Negative ones are off by the same. PID 01 54, the other pressure of the system, is right.
# Add 64 Pa when the low byte, four times the value modulo 256, is 128 or more.
#
# Output seen:
#   31.75 Pa (007f): 31.75 pascal
#   32 Pa (0080): -32.0 pascal
#   40 Pa (00a0): -24.0 pascal
#   63.75 Pa (00ff): -0.25 pascal
#   64 Pa (0100): 64.0 pascal
#   -0.25 Pa (ffff): -64.25 pascal
#   -32 Pa (ff80): -96.0 pascal
#   -32.25 Pa (ff7f): -32.25 pascal
#   -64 Pa (ff00): -64.0 pascal
#   40 Pa by PID 54: 40 pascal
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install obd==0.7.3
cat >show.py <<'PY'
from obd import commands
from obd.protocols.protocol import Message


def read(command, number):
    message = Message([])
    message.data = bytearray(command.command.replace(b"01", b"\x41", 1)[:1] + bytes([command.pid])) + number.to_bytes(2, "big")
    return command.decode([message])


for pascals in (31.75, 32, 40, 63.75, 64, -0.25, -32, -32.25, -64):
    number = round(pascals * 4) % 65536
    print(f"{pascals} Pa ({number:04x}): {read(commands.EVAP_VAPOR_PRESSURE, number)}")
print(f"40 Pa by PID 54: {read(commands.EVAP_VAPOR_PRESSURE_ALT, 40 + 32767)}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
31.75 Pa (007f): 31.75 pascal
32 Pa (0080): -32.0 pascal
40 Pa (00a0): -24.0 pascal
63.75 Pa (00ff): -0.25 pascal
64 Pa (0100): 64.0 pascal
-0.25 Pa (ffff): -64.25 pascal
-32 Pa (ff80): -96.0 pascal
-32.25 Pa (ff7f): -32.25 pascal
-64 Pa (ff00): -64.0 pascal
40 Pa by PID 54: 40 pascal
TXT
cmp -s seen expected
