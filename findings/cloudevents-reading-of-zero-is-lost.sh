#!/usr/bin/env bash
# cloudevents 10.0.0 (npm).
#
# The data of an event is any JSON value; a sensor sends its reading as it is: 85, 0, true, false. Expected: what the SDK writes, it
# reads as the same value, in each mode and binding.
# Seen: over HTTP in structured mode, 0 and false are no data at all (the event has none, and goes on without when it is sent again),
# while 85 and true arrive. In binary mode each of them becomes a text, "0" and "false", which a program takes for true.
# Over Kafka in structured mode all four are right: one event differs with the road it came by, and a test with 85 finds nothing.
#
# Output seen:
#   HTTP structured: 85 -> 85, 0 -> undefined, true -> true, false -> undefined
#   HTTP binary: 85 -> "85", 0 -> "0", true -> "true", false -> "false"
#   Kafka structured: 85 -> 85, 0 -> 0, true -> true, false -> false
#   sent on: {"id":"1","source":"/plant","type":"reading","specversion":"1.0"}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund cloudevents@10.0.0
cat >show.js <<'END'
const { CloudEvent, HTTP, Kafka } = require("cloudevents")
const eventOf = (data) => new CloudEvent({ id: "1", source: "/plant", type: "reading", datacontenttype: "application/json", data })
// What travels are texts.
const overHttp = ({ headers, body }) => HTTP.toEvent({ headers, body: String(body) })
const roads = {
  "HTTP structured": (event) => overHttp(HTTP.structured(event)),
  "HTTP binary": (event) => overHttp(HTTP.binary(event)),
  "Kafka structured": (event) => Kafka.toEvent(Kafka.structured(event)),
}
const seen = Object.entries(roads).map(([name, road]) => {
  const read = [85, 0, true, false].map((data) => `${data} -> ${JSON.stringify(road(eventOf(data)).data)}`)
  return `${name}: ${read.join(", ")}`
})
const { time, ...again } = JSON.parse(HTTP.structured(HTTP.toEvent({
  headers: { "content-type": "application/cloudevents+json" },
  body: '{"id":"1","source":"/plant","type":"reading","specversion":"1.0","data":0}',
})).body)
const { id, source, type, specversion, ...others } = again
seen.push(`sent on: ${JSON.stringify({ id, source, type, specversion, ...others })}`)
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "HTTP structured: 85 -> 85, 0 -> undefined, true -> true, false -> undefined",
  'HTTP binary: 85 -> "85", 0 -> "0", true -> "true", false -> "false"',
  "Kafka structured: 85 -> 85, 0 -> 0, true -> true, false -> false",
  'sent on: {"id":"1","source":"/plant","type":"reading","specversion":"1.0"}',
].join("\n") ? 0 : 1)
END
node show.js
