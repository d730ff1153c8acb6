#!/usr/bin/env bash
# cloudevents 10.0.0 (npm).
#
# An event's `time` is an RFC 3339 timestamp, with any number of digits and any offset. Binary mode carries it in a header,
# structured mode in JSON. Expected: one event, one time. Seen: binary mode leaves it as it was given; structured mode makes a
# JavaScript Date of it, which cuts the digits behind the millisecond and writes UTC. Two events of one device in one millisecond
# change from ordered to equal, and a comparison of the texts no longer matches.
#
# Output seen:
#   binary: 2024-01-01T00:00:00.123456+09:00
#   structured: 2023-12-31T15:00:00.123Z
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund cloudevents@10.0.0
cat >show.js <<'END'
const { CloudEvent, HTTP, Kafka } = require("cloudevents")
const time = "2024-01-01T00:00:00.123456+09:00"
const event = new CloudEvent({ id: "1", source: "/plant", type: "alert", time, data: { value: 85 } })
const [binary, structured] = [Kafka.binary(event).headers.ce_time, JSON.parse(Kafka.structured(event).value).time]
console.log(`binary: ${binary}\nstructured: ${structured}`)
const overHttp = JSON.parse(HTTP.structured(event).body).time
process.exit(binary === time && structured === "2023-12-31T15:00:00.123Z" && overHttp === structured ? 0 : 1)
END
node show.js
