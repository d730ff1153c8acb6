#!/usr/bin/env bash
# canopen 2.4.1 (PyPI).
#
# A node of CANopen tells a fault by an emergency message, with a code and an error register that has a bit for each kind of fault. When one of several
# faults is gone, CiA 301 has it send code 0000 with the register of what remains: 09 is "generic" and "temperature".
# The library has a list `emcy.active`. Expected: the drive is still too hot, or a list that says so by its register.
# Seen: the code 0000 empties the list, whatever the register has. The voltage is back, so the temperature is no alert any more, and as
# the node does not repeat it, it never comes back.
# Look at `register` of the last message in `emcy.log`: all is well when that is 0.
#
# Output seen:
#   too hot (4210, register 09): active Temperature; last register 09
#   no voltage (3110, register 0D): active Temperature, Voltage; last register 0D
#   voltage back (0000, register 09): active nothing; last register 09
#   cool again (0000, register 00): active nothing; last register 00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install canopen==2.4.1
cat >show.py <<'PY'
import struct

import canopen

network = canopen.Network()
node = canopen.RemoteNode(1, canopen.ObjectDictionary())
network.add_node(node)
for what, code, register in (
    ("too hot", 0x4210, 0x09),
    ("no voltage", 0x3110, 0x0D),
    ("voltage back", 0x0000, 0x09),
    ("cool again", 0x0000, 0x00),
):
    network.notify(0x81, struct.pack("<HB5x", code, register), 0.0)
    active = [fault.get_desc() for fault in node.emcy.active]
    print(f"{what} ({code:04X}, register {register:02X}): active {', '.join(active) or 'nothing'}; last register {node.emcy.log[-1].register:02X}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
too hot (4210, register 09): active Temperature; last register 09
no voltage (3110, register 0D): active Temperature, Voltage; last register 0D
voltage back (0000, register 09): active nothing; last register 09
cool again (0000, register 00): active nothing; last register 00
TXT
cmp -s seen expected
