#!/usr/bin/env bash
# cloudevents 10.0.0 (npm).
#
# The attribute `time` says when an event occurred; it is optional, and the specification's smallest event has none.
# Expected: an event without a time is read as one without a time. Seen: the SDK gives it the time of reading, as if the sender had said
# so, in both modes over HTTP and in binary mode over Kafka. A record that is read again, after a restart or for a second group, has
# another time then, and an alert that lay in the topic for a day occurs now. In structured mode over Kafka the same event is an error.
#
# Output seen:
#   HTTP structured: now
#   HTTP binary: now
#   Kafka binary: now
#   Kafka structured: RangeError: Invalid time value
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund cloudevents@10.0.0
cat >show.js <<'END'
const { HTTP, Kafka } = require("cloudevents")
const attributes = { specversion: "1.0", id: "1", source: "/plant", type: "alert" }
const json = JSON.stringify({ ...attributes, data: { value: 85 } })
const structured = { "content-type": "application/cloudevents+json" }
const binary = (prefix) => ({
  ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prefix + name, value])),
  "content-type": "application/json",
})
const ways = {
  "HTTP structured": () => HTTP.toEvent({ headers: structured, body: json }),
  "HTTP binary": () => HTTP.toEvent({ headers: binary("ce-"), body: '{"value":85}' }),
  "Kafka binary": () => Kafka.toEvent({ headers: binary("ce_"), value: Buffer.from('{"value":85}') }),
  "Kafka structured": () => Kafka.toEvent({ headers: structured, value: json }),
}
const seen = Object.entries(ways).map(([name, read]) => {
  const began = Date.now()
  try {
    const { time } = read()
    const isNow = Date.parse(time) >= began && Date.parse(time) <= Date.now()
    return `${name}: ${isNow ? "now" : time}`
  } catch (error) {
    return `${name}: ${error.name}: ${error.message}`
  }
})
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "HTTP structured: now",
  "HTTP binary: now",
  "Kafka binary: now",
  "Kafka structured: RangeError: Invalid time value",
].join("\n") ? 0 : 1)
END
node show.js
