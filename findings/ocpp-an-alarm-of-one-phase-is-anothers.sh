#!/usr/bin/env bash
# ocpp 2.1.0 (PyPI), Python 3.10 or newer.
#
# Chargers for cars speak OCPP: JSON over a socket. What the protocol has no field for, a maker's own alarms, goes in DataTransfer's "data" ("without
# specified length or format", OCPP 2.0.1) or in "customData". The package's documentation says that all keys come in snake_case and go out in
# camelCase again "and vice versa". Expected: the fields of OCPP are so renamed, and the maker's data stay as they are, or are the same again at the end.
# Seen: the renaming goes into the data and is no renaming back. "L1" and "l1", or "maxTemp" and "max_temp", are one key then, and the later one is left:
# four values of a charger are two, without an error. "E42", a code, is "e42" at the handler, and where the handler sends back what it got.
# On the way out "soc" is the state of charge in whatever word it is: "socketId" of a customData is "SoCketId" on the wire, and "associatedMeter"
# is "asSoCiatedMeter". Fields of OCPP itself are right, and those are in examples and schemas.
# Agree with the maker on a text in "data", JSON within JSON, and read it yourself; it goes through as it is.
#
# Output seen:
#   charger sends: {"L1": 93.5, "l1": 230, "maxTemp": 61, "max_temp": 80, "E42": true, "socketId": 3}
#   handler gets: {"l1": 230, "max_temp": 80, "e42": true, "socket_id": 3}
#   sent back: {"l1": 230, "maxTemp": 80, "e42": true, "SoCketId": 3}
#   customData {"vendorId": "acme", "socketId": 3, "associatedMeter": "m1"}: {"vendorId": "acme", "SoCketId": 3, "asSoCiatedMeter": "m1"}
#   as a text: the same at the handler, the same sent back
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install ocpp==2.1.0
cat >show.py <<'PY'
import asyncio
import json

from ocpp.routing import on
from ocpp.v201 import ChargePoint, call_result

own = {"L1": 93.5, "l1": 230, "maxTemp": 61, "max_temp": 80, "E42": True, "socketId": 3}
custom = {"vendorId": "acme", "socketId": 3, "associatedMeter": "m1"}


class Closed(Exception):
    pass


class Wire:
    """One message comes in, and what goes out is kept."""

    def __init__(self, data):
        self.coming = [json.dumps([2, "1", "DataTransfer", {"vendorId": "acme", "data": data}])]

    async def recv(self):
        if not self.coming:
            raise Closed
        return self.coming.pop()

    async def send(self, text):
        self.sent = json.loads(text)[2]


class Charger(ChargePoint):
    @on("DataTransfer")
    def alarm(self, vendor_id, data):
        self.got = data
        return call_result.DataTransfer(status="Accepted", data=data, custom_data=custom)


async def given(data):
    wire = Wire(data)
    charger = Charger("charger-7", wire)
    try:
        await charger.start()
    except Closed:
        pass
    return charger.got, wire.sent


async def main():
    got, sent = await given(own)
    print("charger sends:", json.dumps(own))
    print("handler gets:", json.dumps(got))
    print("sent back:", json.dumps(sent["data"]))
    print(f"customData {json.dumps(custom)}: {json.dumps(sent['customData'])}")
    text = json.dumps(own)
    got, sent = await given(text)
    print(f"as a text: {'the same' if got == text else got} at the handler, {'the same' if sent['data'] == text else sent['data']} sent back")


asyncio.run(main())
PY
venv/bin/python show.py 2>log | tee seen
cat >expected <<'TXT'
charger sends: {"L1": 93.5, "l1": 230, "maxTemp": 61, "max_temp": 80, "E42": true, "socketId": 3}
handler gets: {"l1": 230, "max_temp": 80, "e42": true, "socket_id": 3}
sent back: {"l1": 230, "maxTemp": 80, "e42": true, "SoCketId": 3}
customData {"vendorId": "acme", "socketId": 3, "associatedMeter": "m1"}: {"vendorId": "acme", "SoCketId": 3, "asSoCiatedMeter": "m1"}
as a text: the same at the handler, the same sent back
TXT
cmp -s seen expected
