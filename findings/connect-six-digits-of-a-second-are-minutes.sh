#!/usr/bin/env bash
# Kafka Connect 4.3.1 (org.apache.kafka:connect-transforms): TimestampConverter from a text.
# (Compiling the few lines below needs a JDK, 17 or newer.)
#
# Python, Go and PostgreSQL write a time with six digits behind the second: 06:00:00.123456Z. The transform takes a `format`, and
# yyyy-MM-dd'T'HH:mm:ss.SSSSSSX looks right and takes that text. Expected: 06:00:00.123, or an error.
# Seen: the six digits are 123,456 milliseconds, so the alert occurs two minutes and three seconds later, up to 16 minutes; how much
# later depends on the digits, so the order of a device's alerts changes, too. With S alone it is the same. Nor is there an error
# for a date that does not exist, or for text behind the time: 30 February is 2 March.
# (The cause is Java's SimpleDateFormat, lenient and without fractions; the transform offers no other.)
#
# Output seen:
#   2026-12-01T06:00:00.123Z: 2026-12-01T06:00:00.123Z
#   2026-12-01T06:00:00.123456Z: 2026-12-01T06:02:03.456Z
#   2026-12-01T06:00:00.900000Z: 2026-12-01T06:15:00Z
#   2026-12-01T06:00:01.000000Z: 2026-12-01T06:00:01Z
#   2026-02-30T06:00:00.000Z: 2026-03-02T06:00:00Z
#   2026-12-01T06:00:00.123Z or so: 2026-12-01T06:00:00.123Z
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
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.TimestampConverter;

public class Show {
    public static void main(String[] arguments) {
        TimestampConverter.Value<SourceRecord> converter = new TimestampConverter.Value<>();
        converter.configure(Map.of(
            "field", "at", "target.type", "unix", "unix.precision", "milliseconds",
            "format", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSX"));
        String[][] times = {
            {"2026-12-01T06:00:00.123Z", "2026-12-01T06:00:00.123Z"},
            {"2026-12-01T06:00:00.123456Z", "2026-12-01T06:02:03.456Z"},
            {"2026-12-01T06:00:00.900000Z", "2026-12-01T06:15:00Z"},
            {"2026-12-01T06:00:01.000000Z", "2026-12-01T06:00:01Z"},
            {"2026-02-30T06:00:00.000Z", "2026-03-02T06:00:00Z"},
            {"2026-12-01T06:00:00.123Z or so", "2026-12-01T06:00:00.123Z"},
        };
        boolean same = true;
        for (String[] time : times) {
            SourceRecord record = new SourceRecord(null, null, "alerts", null, Map.of("at", time[0]));
            Instant read = Instant.ofEpochMilli((Long) ((Map<?, ?>) converter.apply(record).value()).get("at"));
            System.out.println(time[0] + ": " + read);
            same &= read.toString().equals(time[1]);
        }
        System.exit(same ? 0 : 1);
    }
}
END
java -cp "lib/*" Show.java
