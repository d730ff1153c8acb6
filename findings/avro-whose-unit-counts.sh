#!/usr/bin/env bash
# Avro's logical types in three libraries: avro 1.12.0 (Java), fastavro 1.13.1 and avro 1.12.2 (PyPI).
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A field changes its unit: a timestamp from milliseconds to microseconds, a decimal from two digits behind the point to one.
# Java's `SchemaCompatibility`, which registries ask, calls both COMPATIBLE. (The specification says that decimals of another scale do
# not match, and nothing about times.) Expected: an old record is converted, or refused.
# Seen: Java takes the number as it is and gives it the reader's unit. The alert of December 2025 is one of January 1970, and 1.00 is
# 10.0. Both Python libraries give it the writer's unit, which is right here; but where the writer's field was a plain `long` and only
# the reader says that it is a time, Java gives a time and Python a number. None of them says anything.
#
# Output seen:
#   timestamp-millis as timestamp-micros: COMPATIBLE
#     Java 1970-01-21T10:09:07.200123Z
#     fastavro 2025-12-01T00:00:00.123000+00:00
#     avro 2025-12-01T00:00:00.123000+00:00
#   decimal of scale 2 as scale 1: COMPATIBLE
#     Java 10.0
#     fastavro 1.00
#     avro 1.00
#   long as timestamp-millis: COMPATIBLE
#     Java 2025-12-01T00:00:00.123Z
#     fastavro 1764547200123
#     avro 1764547200123
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
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install fastavro==1.13.1 avro==1.12.2
cat >millis.avsc <<<'{"type": "long", "logicalType": "timestamp-millis"}'
cat >micros.avsc <<<'{"type": "long", "logicalType": "timestamp-micros"}'
cat >long.avsc <<<'"long"'
cat >two.avsc <<<'{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}'
cat >one.avsc <<<'{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1}'
cat >Show.java <<'END'
import java.io.File;
import java.util.HexFormat;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;

public class Show {
    public static void main(String[] arguments) throws Exception {
        Schema written = new Schema.Parser().parse(new File(arguments[0]));
        Schema reader = new Schema.Parser().parse(new File(arguments[1]));
        GenericData data = new GenericData();
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        data.addLogicalTypeConversion(new Conversions.DecimalConversion());
        byte[] bytes = HexFormat.of().parseHex(arguments[2]);
        System.out.println(SchemaCompatibility.checkReaderWriterCompatibility(reader, written).getType());
        Object value = new GenericDatumReader<>(written, reader, data).read(null, DecoderFactory.get().binaryDecoder(bytes, null));
        System.out.println("  Java " + value);
    }
}
END
cat >show.py <<'END'
import io
import json
import sys

from avro.io import BinaryDecoder, DatumReader
from avro.schema import parse
from fastavro import parse_schema, schemaless_reader

written, reader = (open(path).read() for path in sys.argv[1:3])
record = bytes.fromhex(sys.argv[3])
of_fastavro = schemaless_reader(io.BytesIO(record), *(parse_schema(json.loads(one)) for one in (written, reader)))
of_avro = DatumReader(parse(written), parse(reader)).read(BinaryDecoder(io.BytesIO(record)))
for name, value in (("fastavro", of_fastavro), ("avro", of_avro)):
    print(f"  {name} {value.isoformat() if hasattr(value, 'isoformat') else value}")
END
try() {
  echo "$1: $(java -cp "lib/*" Show.java "$2.avsc" "$3.avsc" "$4")"
  venv/bin/python show.py "$2.avsc" "$3.avsc" "$4"
}
{
  try "timestamp-millis as timestamp-micros" millis micros f691acf3da66
  try "decimal of scale 2 as scale 1" two one 0264
  try "long as timestamp-millis" long millis f691acf3da66
} >seen
cat seen
cat >expected <<'END'
timestamp-millis as timestamp-micros: COMPATIBLE
  Java 1970-01-21T10:09:07.200123Z
  fastavro 2025-12-01T00:00:00.123000+00:00
  avro 2025-12-01T00:00:00.123000+00:00
decimal of scale 2 as scale 1: COMPATIBLE
  Java 10.0
  fastavro 1.00
  avro 1.00
long as timestamp-millis: COMPATIBLE
  Java 2025-12-01T00:00:00.123Z
  fastavro 1764547200123
  avro 1764547200123
END
cmp -s seen expected
