#!/usr/bin/env bash
# Kafka Connect 4.3.1 (org.apache.kafka:connect-transforms): the transform Cast.
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# Its manual says that it casts integers, floats, booleans and text to any other of these types. A gateway sends an alarm as a text.
# Expected of "1": true, as of the number 1, and as Connect's own `Values.convertToBoolean` has it; of "on": that function's error.
# Seen: each text but "true" is false, without an error. The alarm is off.
# The other way a number is too big for its new type. Expected: an error, as for the same number in a text. Seen: that depends on how
# it was written. A whole number loses its upper bits, so a pressure of 300 is 44 as int8; one with a point is cut at the largest of
# an int32, and 300.0 is 44 again; no number (NaN) is the reading 0.
#
# Output seen:
#   boolean of 1: true
#   boolean of "true": true, by Values true
#   boolean of "1": false, by Values true
#   boolean of "on": false, by Values DataException
#   int8 of 300: 44
#   int8 of 300.0: 44
#   int8 of "300": DataException
#   int32 of 10000000000: 1410065408
#   int32 of 1.0E10: 2147483647
#   int32 of "10000000000": DataException
#   int32 of NaN: 0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>connect</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >Show.java <<'END'
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Cast;

public class Show {
    static String outcome(Supplier<Object> get) {
        try {
            return get.get().toString();
        } catch (DataException error) {
            return "DataException";
        }
    }

    static String shown(String type, Object value) {
        Cast.Value<SourceRecord> cast = new Cast.Value<>();
        cast.configure(Map.of("spec", "field:" + type));
        SourceRecord record = new SourceRecord(null, null, "alerts", null, Map.of("field", value));
        String outcome = outcome(() -> ((Map<?, ?>) cast.apply(record).value()).get("field"));
        return type + " of " + (value instanceof String ? "\"" + value + "\"" : value) + ": " + outcome;
    }

    public static void main(String[] arguments) {
        System.out.println(shown("boolean", 1));
        for (String text : new String[] {"true", "1", "on"}) {
            System.out.println(shown("boolean", text) + ", by Values " + outcome(() -> Values.convertToBoolean(null, text)));
        }
        for (Object value : new Object[] {300, 300.0, "300"}) System.out.println(shown("int8", value));
        for (Object value : new Object[] {10_000_000_000L, 1e10, "10000000000", Double.NaN}) {
            System.out.println(shown("int32", value));
        }
    }
}
END
java -cp "lib/*" Show.java | tee seen
diff seen - <<'END'
boolean of 1: true
boolean of "true": true, by Values true
boolean of "1": false, by Values true
boolean of "on": false, by Values DataException
int8 of 300: 44
int8 of 300.0: 44
int8 of "300": DataException
int32 of 10000000000: 1410065408
int32 of 1.0E10: 2147483647
int32 of "10000000000": DataException
int32 of NaN: 0
END
