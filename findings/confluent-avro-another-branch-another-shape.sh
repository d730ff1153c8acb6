#!/usr/bin/env bash
# Confluent's clients for a schema registry: confluent-kafka 2.16.1 (PyPI) and @confluentinc/schemaregistry 1.10.1 (npm), Avro.
#
# A reading is null or a double. A new version of the schema allows a whole number, too: one branch more, which old records fit.
# Expected: a record with 85.5 is read as 85.5, by either schema.
# Seen: Python does so. Node gives 85.5 by the old schema and an object by the new one, { double: 85.5 }: its Avro library wraps each
# value of a union that has two kinds of number, or two records, and no other. Nothing fails: `value > 80` is false for the object, so
# an alert stays silent from the day on which somebody else's schema grew. A text as third branch changes nothing.
#
# Output seen:
#   null or double: Python 85.5, Node 85.5, above 80: true
#   null, double or string: Python 85.5, Node 85.5, above 80: true
#   null, double or long: Python 85.5, Node {"double":85.5}, above 80: false
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install 'confluent-kafka[avro,schemaregistry]==2.16.1'
npm install --silent --no-audit --no-fund @confluentinc/schemaregistry@1.10.1
cat >write.py <<'END'
import json

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

registry = SchemaRegistryClient.new_client({"url": "mock://here"})
context = SerializationContext("readings", MessageField.VALUE)
unions = {
    "null or double": ["null", "double"],
    "null, double or string": ["null", "double", "string"],
    "null, double or long": ["null", "double", "long"],
}
written = {}
for name, union in unions.items():
    schema = json.dumps({"type": "record", "name": "Reading", "fields": [{"name": "value", "type": union}]})
    record = AvroSerializer(registry, schema)({"value": 85.5}, context)
    read = AvroDeserializer(registry)(record, context)["value"]
    written[name] = {"schema": schema, "record": record.hex(), "python": read}
print(json.dumps(written))
END
cat >read.js <<'END'
const { AvroDeserializer, SchemaRegistryClient, SerdeType } = require("@confluentinc/schemaregistry")

async function main() {
  const seen = []
  for (const [number, [name, { schema, record, python }]] of Object.entries(Object.entries(require("./written.json")))) {
    const registry = SchemaRegistryClient.newClient({ baseURLs: [`mock://registry${number}`] })
    const bytes = Buffer.from(record, "hex")
    bytes.writeUInt32BE(await registry.register("readings-value", { schemaType: "AVRO", schema }), 1)
    const { value } = await new AvroDeserializer(registry, SerdeType.VALUE, {}).deserialize("readings", bytes)
    seen.push(`${name}: Python ${python}, Node ${JSON.stringify(value)}, above 80: ${value > 80}`)
  }
  console.log(seen.join("\n"))
  const expected = [
    "null or double: Python 85.5, Node 85.5, above 80: true",
    "null, double or string: Python 85.5, Node 85.5, above 80: true",
    'null, double or long: Python 85.5, Node {"double":85.5}, above 80: false',
  ]
  process.exit(seen.join() === expected.join() ? 0 : 1)
}
main().catch((error) => { console.error(error); process.exit(1) })
END
venv/bin/python write.py >written.json
node read.js
