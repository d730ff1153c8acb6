#!/usr/bin/env bash
# node-bacnet 0.2.4, beside @bacnet-js/client 3.3.2 (npm), Node 20 or newer.
#
# BACnet, the protocol of buildings, sends a date as year, month, day and day of the week; January is 1. A program sets the clock of a
# device and asks it for its date. Expected: 6 December is month 12 on the wire, and month 12 is December.
# Seen: node-bacnet puts JavaScript's month there, where January is 0, and takes what it gets for one: a device whose clock it has set is
# a month behind (in January it is told a month 0, which there is not), and an event of 6 December is one of 6 January of the next year.
# 31 January, read so, is 3 March. Two programs with this library agree, and so does one with itself: writing and reading cancel out.
# What is read from real devices lies a month ahead. @bacnet-js/client, which is built upon the same code, has it right.
#
# Output seen:
#   node-bacnet: sets 2026-11-6 for 2026-12-6; reads 2026-12-6 as 2027-1-6, 2026-1-31 as 2026-3-3
#   @bacnet-js/client: sets 2026-12-6 for 2026-12-6; reads 2026-12-6 as 2026-12-6, 2026-1-31 as 2026-1-31
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund --ignore-scripts node-bacnet@0.2.4 @bacnet-js/client@3.3.2
cat >show.js <<'END'
const { createSocket } = require("node:dgram")
const { once } = require("node:events")

// A device: it keeps the date that it is set to, and answers each question with the date in its property, as BACnet writes it.
let kept
let property
const device = createSocket("udp4")
device.on("message", (message, from) => {
  const isQuestion = message[6] >> 4 === 0
  if (!isQuestion) {
    const at = message.indexOf(0xa4)
    kept = [...message.subarray(at + 1, at + 4)]
    device.emit("set")
    return
  }
  const answer = [1, 0, 0x30, message[8], 0x0c, ...message.subarray(10), 0x3e, 0xa4, ...property, 0x3f]
  device.send(Buffer.from([0x81, 0x0a, 0, answer.length + 4, ...answer]), from.port, from.address)
})

const shown = (date) => `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`

async function main() {
  device.bind(0, "127.0.0.1")
  await once(device, "listening")
  const address = `127.0.0.1:${device.address().port}`
  const old = require("node-bacnet")
  const young = require("@bacnet-js/client")
  const clients = {
    "node-bacnet": [old, address, (client, ...question) => new Promise((resolve, reject) => {
      client.readProperty(...question, (error, value) => (error ? reject(error) : resolve(value)))
    })],
    "@bacnet-js/client": [young.default ?? young, { address }, (client, ...question) => client.readProperty(...question)],
  }
  for (const [name, [Client, receiver, ask]] of Object.entries(clients)) {
    const client = new Client({ port: 0, interface: "127.0.0.1" })
    const set = once(device, "set")
    client.timeSync(receiver, new Date(2026, 11, 6, 6, 0, 0))
    await set
    const [year, month, day] = kept
    const read = []
    for (const date of [[126, 12, 6, 7], [126, 1, 31, 6]]) {
      property = date
      const { values } = await ask(client, receiver, { type: 8, instance: 1 }, 56)
      read.push(`${date[0] + 1900}-${date[1]}-${date[2]} as ${shown(values[0].value)}`)
    }
    console.log(`${name}: sets ${year + 1900}-${month}-${day} for 2026-12-6; reads ${read.join(", ")}`)
  }
  process.exit()
}
main()
END
timeout 30 node show.js >seen
cat seen
cat >expected <<'END'
node-bacnet: sets 2026-11-6 for 2026-12-6; reads 2026-12-6 as 2027-1-6, 2026-1-31 as 2026-3-3
@bacnet-js/client: sets 2026-12-6 for 2026-12-6; reads 2026-12-6 as 2026-12-6, 2026-1-31 as 2026-1-31
END
cmp -s seen expected
