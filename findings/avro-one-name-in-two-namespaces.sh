#!/usr/bin/env bash
# Avro's schema resolution in four libraries: avro 1.12.0 (Java), fastavro 1.13.1 and avro 1.12.2 (PyPI), avsc 5.7.9 (npm).
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A record is written as `plant.Alert`; the reader's schema is the same but for its namespace: `mail.Alert` (a class in a package of its
# own, as generators make it). The specification matches records by their *unqualified* name. Expected: each library reads it.
# Seen: Java and fastavro do. Apache's own Python library and avsc compare the full names and refuse. Two schemas that serve a Java
# consumer stop a Python or Node one.
# Java, on the other hand, does not look at the outermost name at all: it reads the record as `mail.Invoice`, too.
#
# Output seen:
#   plant.Alert as mail.Alert:
#     avro (Java): read
#     fastavro: read
#     avro (Python): refused (Schemas do not match)
#     avsc: refused (no alias found for plant.Alert)
#   plant.Alert as mail.Invoice:
#     avro (Java): read
#     fastavro: refused (Schema mismatch)
#     avro (Python): refused (Schemas do not match)
#     avsc: refused (no alias found for plant.Alert)
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>avro</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.0</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
npm install --silent --no-audit --no-fund avsc@5.7.9
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install fastavro==1.13.1 avro==1.12.2
for name in plant.Alert mail.Alert mail.Invoice; do
  echo "{\"type\": \"record\", \"name\": \"$name\", \"fields\": [{\"name\": \"value\", \"type\": \"int\"}]}" >"$name.avsc"
done
# The record {"value": 85}: an int is a zigzag number.
cat >Show.java <<'END'
import java.io.File;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;

public class Show {
    public static void main(String[] arguments) throws Exception {
        Schema written = new Schema.Parser().parse(new File("plant.Alert.avsc"));
        Schema reader = new Schema.Parser().parse(new File(arguments[0]));
        byte[] record = {(byte) 0xaa, 0x01};
        System.out.println(new GenericDatumReader<>(written, reader).read(null, DecoderFactory.get().binaryDecoder(record, null)));
    }
}
END
cat >with_fastavro.py <<'END'
import io
import json
import sys

from fastavro import parse_schema, schemaless_reader

written, reader = (parse_schema(json.load(open(path))) for path in ("plant.Alert.avsc", sys.argv[1]))
print(json.dumps(schemaless_reader(io.BytesIO(b"\xaa\x01"), written, reader)))
END
cat >with_avro.py <<'END'
import io
import json
import sys

from avro.io import BinaryDecoder, DatumReader
from avro.schema import parse

written, reader = (parse(open(path).read()) for path in ("plant.Alert.avsc", sys.argv[1]))
print(json.dumps(DatumReader(written, reader).read(BinaryDecoder(io.BytesIO(b"\xaa\x01")))))
END
cat >with_avsc.js <<'END'
const { readFileSync } = require("node:fs")
const { Type } = require("avsc")
const [written, reader] = ["plant.Alert.avsc", process.argv[2]].map((path) => Type.forSchema(JSON.parse(readFileSync(path))))
console.log(JSON.stringify(reader.fromBuffer(Buffer.from([0xaa, 0x01]), reader.createResolver(written))))
END
# Each says {"value": 85}, or fails for the reason named here.
try() {
  local library=$1 refusal=$2
  shift 2
  if "$@" >answer 2>errors; then sed 's/.*85.*/read/' answer
  elif grep -q "$refusal" errors; then echo "refused ($refusal)"
  else echo "failed"; tail -n 3 errors >&2; fi | sed "s/^/  $library: /"
}
for name in mail.Alert mail.Invoice; do
  echo "plant.Alert as $name:"
  try "avro (Java)" "AvroTypeException" java -cp "lib/*" Show.java "$name.avsc"
  try "fastavro" "Schema mismatch" venv/bin/python with_fastavro.py "$name.avsc"
  try "avro (Python)" "Schemas do not match" venv/bin/python with_avro.py "$name.avsc"
  try "avsc" "no alias found for plant.Alert" node with_avsc.js "$name.avsc"
done >seen
cat seen
cat >expected <<'END'
plant.Alert as mail.Alert:
  avro (Java): read
  fastavro: read
  avro (Python): refused (Schemas do not match)
  avsc: refused (no alias found for plant.Alert)
plant.Alert as mail.Invoice:
  avro (Java): read
  fastavro: refused (Schema mismatch)
  avro (Python): refused (Schemas do not match)
  avsc: refused (no alias found for plant.Alert)
END
cmp -s seen expected
