#!/usr/bin/env bash
# Confluent's clients for a schema registry: confluent-kafka 2.16.1 (PyPI) and @confluentinc/schemaregistry 1.10.1 (npm), JSON Schema.
#
# A record's schema says `"format": "date-time"` of its time, or has a word of its own beside a field, a unit. JSON Schema allows both: a
# format is a note unless one asks for more, and unknown words are passed over. Expected: a client that checks records takes the good ones.
# Seen: Python checks and takes them. Node does not check by itself; told to (`validate: true`), it neither reads nor writes a single
# record of such a schema, whatever is in it. For the format it says that it "ignored" it. (The cause is the strict mode of its
# validator, which gets no formats.)
#
# Output seen:
#   plain: Python writes, Node reads, checked: reads
#   with a format: Python writes, Node reads, checked: unknown format "date-time" ignored in schema at path "#/properties/at"
#   with a word of its own: Python writes, Node reads, checked: strict mode: unknown keyword: "unit"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install 'confluent-kafka[json,schemaregistry]==2.16.1'
npm install --silent --no-audit --no-fund @confluentinc/schemaregistry@1.10.1
cat >schemas.json <<'END'
{
  "plain": {"at": {"type": "string"}},
  "with a format": {"at": {"type": "string", "format": "date-time"}},
  "with a word of its own": {"at": {"type": "string"}, "value": {"type": "number", "unit": "Cel"}}
}
END
cat >write.py <<'END'
import json

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

registry = SchemaRegistryClient.new_client({"url": "mock://here"})
context = SerializationContext("alerts", MessageField.VALUE)
record = {"at": "2026-12-01T09:00:00Z", "value": 85}
written = {}
for name, properties in json.load(open("schemas.json")).items():
    schema = json.dumps({"title": "Alert", "type": "object", "properties": properties})
    written[name] = {"schema": schema, "record": JSONSerializer(schema, registry)(record, context).hex()}
print(json.dumps(written))
END
cat >read.js <<'END'
const { JsonDeserializer, SchemaRegistryClient, SerdeType } = require("@confluentinc/schemaregistry")
const written = require("./written.json")

async function main() {
  const lines = []
  for (const [number, [name, { schema, record }]] of Object.entries(written).entries()) {
    const registry = SchemaRegistryClient.newClient({ baseURLs: [`mock://registry${number}`] })
    const bytes = Buffer.from(record, "hex")
    bytes.writeUInt32BE(await registry.register("alerts-value", { schemaType: "JSON", schema }), 1)
    const read = (options) =>
      new JsonDeserializer(registry, SerdeType.VALUE, options).deserialize("alerts", bytes).then(
        ({ value }) => (value === 85 ? "reads" : "reads otherwise"),
        (error) => error.message,
      )
    lines.push(`${name}: Python writes, Node ${await read({})}, checked: ${await read({ validate: true })}`)
  }
  console.log(lines.join("\n"))
  const expected = ["reads", 'unknown format "date-time" ignored in schema at path "#/properties/at"', 'strict mode: unknown keyword: "unit"']
  process.exit(lines.every((line, number) => line.endsWith(`Node reads, checked: ${expected[number]}`)) ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
venv/bin/python write.py >written.json
node read.js
