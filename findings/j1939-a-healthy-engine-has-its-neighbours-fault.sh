#!/usr/bin/env bash
# can-j1939 2.0.12 with python-can 4.6.1 (PyPI), on the virtual bus of python-can.
#
# Engines and generators say each second which of their faults are active, in the message DM1 of J1939: lamps, then a suspect parameter (spn) and a
# failure mode (fmi) for each fault. With no fault the message still has 8 bytes, and its one fault is all zeros (SAE J1939-73).
# Here engine 0x21 has a fault, and engine 0x22 has none, as an empty list; later 0x21 has none either. All three use the class `Dm1`.
# Expected at the reader: an empty list from 0x22, and from 0x21 once its fault is gone.
# Seen: the sender of an empty list leaves the zeros away and sends 2 bytes. The reader logs "length shorted than 6 bytes", keeps what it read
# last, from whomever, and gives it to the subscribers under the address of this sender: the healthy engine has its neighbour's fault and lamp,
# and a fault that is gone stays. Where the sender does as the standard says, "none" is a list with one fault, 0 and 0.
# Look at the length of `Dm1.data` in the callback, and drop spn 0 with fmi 0.
#
# Output seen:
#   0x21 has a fault, sends 10ff64000103: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
#   0x22 has none, sends 00ff: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
#   0x21 has none any more, sends 00ff: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
#   0x23 has none, sends 00ff00000000ffff: heard {'spn': 0, 'fmi': 0, 'oc': 0}, red lamp 0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install can-j1939==2.0.12 python-can==4.6.1
cat >show.py <<'PY'
import os
import queue
import sys
import time

import can
import j1939

ON, OFF = j1939.DtcLamp.ON, j1939.DtcLamp.OFF
heard = queue.Queue()


def unit(address):
    ecu = j1939.ElectronicControlUnit()
    ecu.connect(interface="virtual", channel="engines")
    name = j1939.Name(
        arbitrary_address_capable=0, industry_group=j1939.Name.IndustryGroup.Industrial, vehicle_system_instance=1,
        vehicle_system=1, function=1, function_instance=1, ecu_instance=1, manufacturer_code=666, identity_number=address,
    )
    application = j1939.ControllerApplication(name, address)
    ecu.add_ca(controller_application=application)
    application.start()
    while application.state != j1939.ControllerApplication.State.NORMAL:
        time.sleep(0.05)
    return application


def next_from(address, wire, what):
    """What the reader tells of the first message of this address that has these bytes."""
    while True:
        sender, data, lamps, faults = heard.get(timeout=10)
        if (sender, data) == (address, wire):
            print(f"{address:#x} {what}, sends {wire}: heard {', '.join(map(str, faults))}, red lamp {lamps['rsl']}")
            return


faults = {0x21: [{"spn": 100, "fmi": 1, "oc": 3}], 0x22: []}


def sender(address):
    dm1 = j1939.Dm1(unit(address))
    lamps = lambda: {"rsl": ON if faults[address] else OFF}
    dm1.start_send(lambda: (lamps(), list(faults[address])), cycletime=0.2)
    return dm1


reader = j1939.Dm1(unit(0x01))
reader.subscribe(lambda sa, lamps, dtcs, _: heard.put((sa, bytes(reader.data).hex(), lamps, dtcs)))
senders = [sender(0x21)]
next_from(0x21, "10ff64000103", "has a fault")
senders.append(sender(0x22))
next_from(0x22, "00ff", "has none")
faults[0x21] = []
next_from(0x21, "00ff", "has none any more")
with can.Bus(interface="virtual", channel="engines") as bus:
    bus.send(can.Message(arbitration_id=0x18FECA23, data=bytes.fromhex("00ff00000000ffff"), is_extended_id=True))
    next_from(0x23, "00ff00000000ffff", "has none")
sys.stdout.flush()
os._exit(0)
PY
timeout 60 venv/bin/python show.py 2>log >seen || { cat log; exit 1; }
cat seen
cat >expected <<'TXT'
0x21 has a fault, sends 10ff64000103: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
0x22 has none, sends 00ff: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
0x21 has none any more, sends 00ff: heard {'spn': 100, 'fmi': 1, 'oc': 3}, red lamp 1
0x23 has none, sends 00ff00000000ffff: heard {'spn': 0, 'fmi': 0, 'oc': 0}, red lamp 0
TXT
cmp -s seen expected
