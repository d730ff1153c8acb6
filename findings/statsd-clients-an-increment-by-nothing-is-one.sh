#!/usr/bin/env bash
# node-statsd 0.1.1 and statsd-client 0.4.7, beside hot-shots 17.1.1 (npm).
#
# A program adds what it saw in a minute to a StatsD counter: `increment(name, count)`, which all three have. In a quiet minute it saw 0; and it
# takes 2 back that were counted twice, `increment(name, -2)`. Expected: 0 adds nothing, -2 takes two away, as a counter of StatsD can.
# Seen: node-statsd takes 0 for "not given" and adds 1, so each quiet minute counts an alert, and a rule for "no alert for an hour" never fires;
# `decrement(name, 0)` takes 1 away. statsd-client does 0 well and drops the sign of what it is given, -2 adds two: its manual has `decrement(name, -10)`
# for ten less.
# hot-shots, the successor with nearly the same calls, sends what it is told.
# Call nothing for 0, and `decrement` with a positive number for the other way.
#
# Output seen:
#   node-statsd: increment 0 sends a:1|c, decrement 0 sends a:-1|c, increment -2 sends a:-2|c, decrement 2 sends a:-2|c
#   statsd-client: increment 0 sends a:0|c, decrement 0 sends a:0|c, increment -2 sends a:2|c, decrement 2 sends a:-2|c
#   hot-shots: increment 0 sends a:0|c, decrement 0 sends a:0|c, increment -2 sends a:-2|c, decrement 2 sends a:-2|c
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional node-statsd@0.1.1 statsd-client@0.4.7 hot-shots@17.1.1
cat >show.js <<'END'
const { createSocket } = require("node:dgram")
const { once } = require("node:events")

async function main() {
  const server = createSocket("udp4")
  server.bind(0, "127.0.0.1")
  await once(server, "listening")
  const host = "127.0.0.1"
  const { port } = server.address()
  const NodeStatsd = require("node-statsd")
  const StatsdClient = require("statsd-client")
  const HotShots = require("hot-shots")
  const clients = {
    "node-statsd": new NodeStatsd({ host, port }),
    // Its buffer holds back what it sends until more comes.
    "statsd-client": new StatsdClient({ host, port, maxBufferSize: 0 }),
    "hot-shots": new HotShots({ host, port, maxBufferSize: 0 }),
  }
  for (const [name, client] of Object.entries(clients)) {
    const sent = []
    for (const [call, value] of [["increment", 0], ["decrement", 0], ["increment", -2], ["decrement", 2]]) {
      const arrived = once(server, "message")
      client[call]("a", value)
      sent.push(`${call} ${value} sends ${(await arrived)[0]}`)
    }
    console.log(`${name}: ${sent.join(", ")}`)
  }
  process.exit()
}
main()
END
timeout 30 node show.js >seen
cat seen
cat >expected <<'END'
node-statsd: increment 0 sends a:1|c, decrement 0 sends a:-1|c, increment -2 sends a:-2|c, decrement 2 sends a:-2|c
statsd-client: increment 0 sends a:0|c, decrement 0 sends a:0|c, increment -2 sends a:2|c, decrement 2 sends a:-2|c
hot-shots: increment 0 sends a:0|c, decrement 0 sends a:0|c, increment -2 sends a:-2|c, decrement 2 sends a:-2|c
END
cmp -s seen expected
