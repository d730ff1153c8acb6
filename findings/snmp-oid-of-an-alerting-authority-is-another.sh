#!/usr/bin/env bash
# Two SNMP libraries: net-snmp 3.29.2 (npm, which writes by asn1-ber), puresnmp 2.0.1 (PyPI, by x690 1.0.0.post1); beside them pyasn1 0.6.5 (PyPI).
#
# Who gives out warnings of the weather has an object identifier below 2.49, the World Meteorological Organization's arc: 2.49.0.0.410.0 is one
# with Korea's country code. A warning goes on as a trap, with the authority as a value. BER writes the first two numbers as one, 40 times the
# first plus the second, and below 2 the second may be as large as it likes (ITU-T X.690, 8.19.4).
# Expected: the same identifier at the reader. Seen: both take that number for one byte, and the first of the two for its fortieth part. So from
# 2.40 on they read an arc 3, which does not exist, and from 2.48 on they write another identifier. Nearly all identifiers end before that, so
# nobody notices. Here the reader gets another authority, and each library reads its own mistake back as a third one. Nothing is reported.
# Send such an identifier as text.
#
# Output seen:
#   net-snmp, a trap to itself: 2.49.0.0.410.0 is 3.8.0.410.0
#   net-snmp writes 2.49.0.0.410.0: pyasn1 reads 2.48.0.410.0
#   net-snmp reads what pyasn1 writes: 3.9.0.0.410.0
#   puresnmp writes 2.49.0.0.410.0: pyasn1 reads 2.48.0.410.0
#   puresnmp reads what pyasn1 writes: 3.9.1.0.0.410.0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund --ignore-scripts net-snmp@3.29.2 asn1-ber@1.2.2
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check puresnmp==2.0.1 x690==1.0.0.post1 pyasn1==0.6.5

cat >trap.cjs <<'END'
const snmp = require("net-snmp")
const [port, authority] = [Number(process.argv[2]), process.argv[3]]
const receiver = snmp.createReceiver({ port, address: "127.0.0.1", disableAuthorization: true }, (error, notification) => {
  if (error) throw error
  const { value } = notification.pdu.varbinds.at(-1)
  clearInterval(sending)
  console.log(`net-snmp, a trap to itself: ${authority} is ${value}`)
  session.close()
  receiver.close()
})
const session = snmp.createSession("127.0.0.1", "public", { trapPort: port, version: snmp.Version2c })
const said = { oid: "1.3.6.1.4.1.53864.1", type: snmp.ObjectType.OID, value: authority }
const send = () => session.trap("1.3.6.1.4.1.53864.2", [said], (error) => {
  if (error) throw error
})
// Again, until the receiver listens.
const sending = setInterval(send, 50)
END

cat >written.cjs <<'END'
const { BerWriter, BerReader } = require("asn1-ber")
const writer = new BerWriter()
writer.writeOID(process.argv[2])
console.log(writer.buffer.toString("hex"), new BerReader(Buffer.from(process.argv[3], "hex")).readOID())
END

cat >show.py <<'END'
import subprocess
import sys

import x690
from pyasn1.codec.ber.decoder import decode
from pyasn1.codec.ber.encoder import encode
from pyasn1.type.univ import ObjectIdentifier
from x690.types import ObjectIdentifier as PureIdentifier

authority = sys.argv[1]
right = encode(ObjectIdentifier(authority))
by_node = subprocess.run(["node", "written.cjs", authority, right.hex()], check=True, capture_output=True, text=True)
written, read = by_node.stdout.split()


def as_pyasn1_reads(octets):
    return decode(octets)[0]


print(f"net-snmp writes {authority}: pyasn1 reads", as_pyasn1_reads(bytes.fromhex(written)))
print("net-snmp reads what pyasn1 writes:", read)
print(f"puresnmp writes {authority}: pyasn1 reads", as_pyasn1_reads(bytes(PureIdentifier(authority))))
print("puresnmp reads what pyasn1 writes:", x690.decode(right)[0])
END

port=$(node -e 'const s = require("node:dgram").createSocket("udp4"); s.bind(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
{
  node trap.cjs "$port" 2.49.0.0.410.0
  venv/bin/python show.py 2.49.0.0.410.0
} >seen
cat seen
cat >expected <<'END'
net-snmp, a trap to itself: 2.49.0.0.410.0 is 3.8.0.410.0
net-snmp writes 2.49.0.0.410.0: pyasn1 reads 2.48.0.410.0
net-snmp reads what pyasn1 writes: 3.9.0.0.410.0
puresnmp writes 2.49.0.0.410.0: pyasn1 reads 2.48.0.410.0
puresnmp reads what pyasn1 writes: 3.9.1.0.0.410.0
END
cmp -s seen expected
