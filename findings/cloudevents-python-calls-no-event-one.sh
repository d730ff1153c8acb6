#!/usr/bin/env bash
# CloudEvents' own SDKs: cloudevents 2.2.0 (PyPI) writes, cloudevents 10.0.0 (npm) reads.
#
# In Kafka's structured mode a whole event lies in the record's value, as JSON, and the header `content-type` says so
# (`application/cloudevents+json`): by that header a receiver tells structured from binary mode, as the specification has it.
# Expected: what one SDK of the project writes, the other reads. Seen: `to_structured` of `cloudevents.v1.kafka`, which programs written
# before version 2 use (as `cloudevents.kafka`), puts the type of the event's data there, or no header at all, and nothing says that
# the record is an event. The JavaScript SDK detects none. The same package's newer `cloudevents.core` writes the header and is read;
# it also reads the older one's records, so Python talks to Python and shows nothing.
#
# Output seen:
#   v1 with datacontenttype: content-type application/json; Python reads id 1; JavaScript: No CloudEvent detected
#   v1 without: content-type none; Python reads id 1; JavaScript: No CloudEvent detected
#   core: content-type application/cloudevents+json; Python reads id 1; JavaScript: id 1
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cloudevents==2.2.0
npm install --silent --no-audit --no-fund cloudevents@10.0.0
cat >write.py <<'END'
import json

from cloudevents.core.bindings import kafka as core
from cloudevents.core.v1.event import CloudEvent as CoreEvent
from cloudevents.v1 import kafka as v1
from cloudevents.v1.http import CloudEvent

attributes = {"id": "1", "source": "/plant", "type": "alert"}
typed = {**attributes, "datacontenttype": "application/json"}
data = {"value": 85}
messages = {
    "v1 with datacontenttype": v1.to_structured(CloudEvent(typed, data)),
    "v1 without": v1.to_structured(CloudEvent(attributes, data)),
    "core": core.to_structured_event(CoreEvent({**typed, "specversion": "1.0"}, data)),
}
records = []
for name, message in messages.items():
    read = core.from_kafka_event(core.KafkaMessage(headers=message.headers, key=None, value=message.value))
    headers = {name: value.decode() for name, value in message.headers.items()}
    records.append({"name": name, "headers": headers, "value": message.value.decode(), "id": read.get_id()})
print(json.dumps(records))
END
cat >read.js <<'END'
const { Kafka } = require("cloudevents")
const read = (record) => {
  try {
    return `id ${Kafka.toEvent(record).id}`
  } catch (error) {
    return error.message
  }
}
const seen = require("./records.json").map(
  ({ name, id, ...record }) =>
    `${name}: content-type ${record.headers["content-type"] ?? "none"}; Python reads id ${id}; JavaScript: ${read(record)}`,
)
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "v1 with datacontenttype: content-type application/json; Python reads id 1; JavaScript: No CloudEvent detected",
  "v1 without: content-type none; Python reads id 1; JavaScript: No CloudEvent detected",
  "core: content-type application/cloudevents+json; Python reads id 1; JavaScript: id 1",
].join("\n") ? 0 : 1)
END
venv/bin/python -W ignore write.py >records.json
node read.js
