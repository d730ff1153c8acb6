#!/usr/bin/env bash
# Kafka Connect 4.3.1 (org.apache.kafka:connect-api): SimpleHeaderConverter, the default `header.converter` of every worker.
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# A header is a name and some bytes. A connector that only copies records (a source, a sink, a transform between them) is expected to
# leave them alone. Seen: the default converter guesses a type from the text and writes that type back, with other bytes:
# leading zeros and signs go, a version 1.10 becomes 1.1, a long fraction becomes a 32-bit float, and of "1,2" only the 1 is left.
# It decides by content: the same header keeps its bytes for one device and loses them for the next.
#
# Output seen:
#   00123 -> 123
#   +49123 -> 49123
#   1.10 -> 1.1
#   1.0 -> 1
#   3.14159265358979 -> 3.1415927
#   1,2 -> 1
#   device-1 -> device-1
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
    <dependency><groupId>org.apache.kafka</groupId><artifactId>connect-api</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >Show.java <<'END'
import java.util.Map;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;

public class Show {
    public static void main(String[] arguments) {
        Map<String, String> expected = Map.of(
            "00123", "123", "+49123", "49123", "1.10", "1.1", "1.0", "1",
            "3.14159265358979", "3.1415927", "1,2", "1", "device-1", "device-1");
        boolean same = true;
        SimpleHeaderConverter converter = new SimpleHeaderConverter();
        for (String text : new String[] {"00123", "+49123", "1.10", "1.0", "3.14159265358979", "1,2", "device-1"}) {
            var read = converter.toConnectHeader("topic", "name", text.getBytes());
            String written = new String(converter.fromConnectHeader("topic", "name", read.schema(), read.value()));
            System.out.println(text + " -> " + written);
            same &= written.equals(expected.get(text));
        }
        System.exit(same ? 0 : 1);
    }
}
END
java -cp "lib/*" Show.java
