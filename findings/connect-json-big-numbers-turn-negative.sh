#!/usr/bin/env bash
# Kafka Connect 4.3.1 (org.apache.kafka:connect-json): JsonConverter without schemas (`schemas.enable=false`), as for plain JSON.
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A connector that copies plain JSON (a mirror, a sink, a transform in between) is expected to write what it has read, or to fail.
# Seen: a whole number beyond 2^63 wraps round, so a counter or an ID of 64 bits without sign, as devices and hashes have them, comes
# out as -1 or as another negative number. A number too large for a double becomes the text "Infinity", digits beyond a double's are
# gone. None of it is an error, and `errors.tolerance` has nothing to tolerate.
#
# Output seen:
#   {"id":18446744073709551615} -> {"id":-1}
#   {"id":9223372036854775808} -> {"id":-9223372036854775808}
#   {"value":1e400} -> {"value":"Infinity"}
#   {"value":85.123456789012345678} -> {"value":85.12345678901235}
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
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

public class Show {
    public static void main(String[] arguments) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), false);
        String[][] copies = {
            {"{\"id\":18446744073709551615}", "{\"id\":-1}"},
            {"{\"id\":9223372036854775808}", "{\"id\":-9223372036854775808}"},
            {"{\"value\":1e400}", "{\"value\":\"Infinity\"}"},
            {"{\"value\":85.123456789012345678}", "{\"value\":85.12345678901235}"},
        };
        boolean same = true;
        for (String[] copy : copies) {
            SchemaAndValue read = converter.toConnectData("topic", copy[0].getBytes());
            String written = new String(converter.fromConnectData("topic", read.schema(), read.value()));
            System.out.println(copy[0] + " -> " + written);
            same &= written.equals(copy[1]);
        }
        System.exit(same ? 0 : 1);
    }
}
END
java -cp "lib/*" Show.java
