#!/usr/bin/env bash
# snmp-native 1.2.0 (npm), at an agent of net-snmp 3.29.2 (npm, the library of Node); Node 20 or newer.
#
# A limit of a freezer is written by SNMP, as tenths of a degree: -20.0 is -200. An INTEGER goes out in as few bytes as hold it with its sign (BER, X.690 8.3):
# one byte holds -128 to 127, two hold -32768 to 32767. Expected: the agent has what was set. Seen: the library counts the bytes of the number without its sign.
# So -129 to -255 go out in one byte and -32769 to -65535 in two, and those bytes mean a number above zero: -200 is 56, and the limit of -20.0 is 5.6 degrees.
# The agent answers that all is well, the callback has no error, and the freezer thaws without an alarm.
# What lies between, -256 to -32768, is right, so -30.0 tests well, and so is each number above zero. What it reads is right, too.
# Read back what was set. No value of the library's makes the byte that is missing: set such a number with another library.
#
# Output seen:
#   set 200: the agent has 200
#   set -5: the agent has -5
#   set -128: the agent has -128
#   set -129: the agent has 127
#   set -200: the agent has 56
#   set -255: the agent has 1
#   set -300: the agent has -300
#   set -32768: the agent has -32768
#   set -40000: the agent has 25536
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund snmp-native@1.2.0 net-snmp@3.29.2
cat >show.cjs <<'JS'
const native = require('snmp-native')
const snmp = require('net-snmp')

const address = '127.0.0.1'
const failed = (error) => {
  if (error) throw error
}
const agent = snmp.createAgent({ port: 0, address, disableAuthorization: true }, failed)
agent.registerProvider({
  name: 'limit',
  type: snmp.MibProviderType.Scalar,
  oid: '1.3.6.1.4.1.8072.9999.1',
  scalarType: snmp.ObjectType.Integer,
  maxAccess: snmp.MaxAccess['read-write'],
})
agent.getMib().setScalarValue('limit', 0)

const run = async () => {
  const [socket] = Object.values(agent.listener.sockets)
  await new Promise((resolve) => socket.once('listening', resolve))
  const { port } = socket.address()
  const session = new native.Session({ host: address, port, community: 'public' })
  const oid = [1, 3, 6, 1, 4, 1, 8072, 9999, 1, 0]
  for (const value of [200, -5, -128, -129, -200, -255, -300, -32768, -40000]) {
    await new Promise((resolve) => session.set({ oid, value, type: 2 }, (error) => resolve(failed(error))))
    console.log(`set ${value}: the agent has ${agent.getMib().getScalarValue('limit')}`)
  }
  session.close()
  agent.close()
}
run()
JS
NODE_OPTIONS=--no-deprecation node show.cjs | tee seen
cat >expected <<'TXT'
set 200: the agent has 200
set -5: the agent has -5
set -128: the agent has -128
set -129: the agent has 127
set -200: the agent has 56
set -255: the agent has 1
set -300: the agent has -300
set -32768: the agent has -32768
set -40000: the agent has 25536
TXT
cmp -s seen expected
