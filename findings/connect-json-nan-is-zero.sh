#!/usr/bin/env bash
# Kafka Connect 4.3.1 (org.apache.kafka:connect-json): JsonConverter with its defaults (the schema beside the payload).
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A sensor without a reading gives NaN. JsonConverter writes it as the text "NaN". Expected of the same converter: it reads NaN, or
# fails. Seen: it reads 0.0, an ordinary reading, and says nothing; infinity likewise. The cause is wider: a payload of another JSON
# type than its schema's is never an error for numbers and booleans, so a text "85.5" is read as 0.0 and a text "true" as false.
#
# Output seen:
#   NaN: written as "NaN", read as 0.0
#   Infinity: written as "Infinity", read as 0.0
#   a double "85.5" is read as 0.0
#   a boolean "true" is read as false
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >Show.java <<'END'
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;

public class Show {
    public static void main(String[] arguments) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of(), false);
        boolean same = true;
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            byte[] json = converter.fromConnectData("topic", Schema.FLOAT64_SCHEMA, value);
            String payload = new String(json).replaceAll(".*\"payload\":(.*)}", "$1");
            Object read = converter.toConnectData("topic", json).value();
            System.out.println(value + ": written as " + payload + ", read as " + read);
            same &= payload.equals("\"" + value + "\"") && read.equals(0.0);
        }
        for (String[] one : new String[][] {{"double", "85.5", "0.0"}, {"boolean", "true", "false"}}) {
            String json = "{\"schema\":{\"type\":\"" + one[0] + "\"},\"payload\":\"" + one[1] + "\"}";
            String read = converter.toConnectData("topic", json.getBytes()).value().toString();
            System.out.println("a " + one[0] + " \"" + one[1] + "\" is read as " + read);
            same &= read.equals(one[2]);
        }
        System.exit(same ? 0 : 1);
    }
}
END
java -cp "lib/*" Show.java
