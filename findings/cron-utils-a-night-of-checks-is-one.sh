#!/usr/bin/env bash
# cron-utils 9.2.1 (com.cronutils), beside Quartz 2.5.2 (both Java). Running the few lines below needs a JDK, 17 or newer.
#
# Devices are checked each hour of the night, by `0 0 22-2 * * ?`. Quartz supports ranges that pass the end of their field, and its documentation
# (CronExpression) has just 22-2 and NOV-FEB as examples. cron-utils reads and validates such rules by `CronType.QUARTZ`, its history has "Quartz cron
# expressions should allow overflowing ranges", and it says when the next time is.
# Expected: the same times, or an error. Seen: it takes the rule, and the night has one check, at 22 h. Of minutes, months and days of the month, too, only
# the first value of such a range is left. With weekdays it is right, FRI-MON, so a test with those proves nothing for the others.
# Write 22-23,0-2; both read it alike.
#
# Output seen (the next five, from Thursday, 3 December 2026, 12 h UTC):
#   0 0 22-2 * * ?: cron-utils 12-03T22:00 12-04T22:00 12-05T22:00 12-06T22:00 12-07T22:00
#   0 0 22-2 * * ?: Quartz 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
#   0 58-1 * * * ?: cron-utils 12-03T12:58 12-03T13:58 12-03T14:58 12-03T15:58 12-03T16:58
#   0 58-1 * * * ?: Quartz 12-03T12:01 12-03T12:58 12-03T12:59 12-03T13:00 12-03T13:01
#   0 0 9 1 NOV-FEB ?: cron-utils 11-01T09:00 11-01T09:00 11-01T09:00 11-01T09:00 11-01T09:00
#   0 0 9 1 NOV-FEB ?: Quartz 01-01T09:00 02-01T09:00 11-01T09:00 12-01T09:00 01-01T09:00
#   0 0 9 28-3 * ?: cron-utils 12-28T09:00 01-28T09:00 02-28T09:00 03-28T09:00 04-28T09:00
#   0 0 9 28-3 * ?: Quartz 12-28T09:00 12-29T09:00 12-30T09:00 12-31T09:00 01-01T09:00
#   0 0 9 ? * FRI-MON: cron-utils 12-04T09:00 12-05T09:00 12-06T09:00 12-07T09:00 12-11T09:00
#   0 0 9 ? * FRI-MON: Quartz 12-04T09:00 12-05T09:00 12-06T09:00 12-07T09:00 12-11T09:00
#   0 0 22-23,0-2 * * ?: cron-utils 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
#   0 0 22-23,0-2 * * ?: Quartz 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>cron</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.cronutils</groupId><artifactId>cron-utils</artifactId><version>9.2.1</version></dependency>
    <dependency><groupId>org.quartz-scheduler</groupId><artifactId>quartz</artifactId><version>2.5.2</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >Show.java <<'END'
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

public class Show {
    public static void main(String[] rules) throws Exception {
        CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.QUARTZ));
        ZonedDateTime from = ZonedDateTime.of(2026, 12, 3, 12, 0, 0, 0, ZoneOffset.UTC);
        for (String rule : rules) {
            ExecutionTime times = ExecutionTime.forCron(parser.parse(rule).validate());
            CronExpression quartz = new CronExpression(rule);
            quartz.setTimeZone(TimeZone.getTimeZone("UTC"));
            StringBuilder ours = new StringBuilder();
            StringBuilder theirs = new StringBuilder();
            ZonedDateTime next = from;
            Date other = Date.from(from.toInstant());
            for (int count = 0; count < 5; count++) {
                next = times.nextExecution(next).get();
                other = quartz.getNextValidTimeAfter(other);
                ours.append(" ").append(next.toInstant().toString(), 5, 16);
                theirs.append(" ").append(other.toInstant().toString(), 5, 16);
            }
            System.out.println(rule + ": cron-utils" + ours);
            System.out.println(rule + ": Quartz" + theirs);
        }
    }
}
END
java -cp "lib/*" Show.java "0 0 22-2 * * ?" "0 58-1 * * * ?" "0 0 9 1 NOV-FEB ?" "0 0 9 28-3 * ?" "0 0 9 ? * FRI-MON" "0 0 22-23,0-2 * * ?" | tee seen
cat >expected <<'TXT'
0 0 22-2 * * ?: cron-utils 12-03T22:00 12-04T22:00 12-05T22:00 12-06T22:00 12-07T22:00
0 0 22-2 * * ?: Quartz 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
0 58-1 * * * ?: cron-utils 12-03T12:58 12-03T13:58 12-03T14:58 12-03T15:58 12-03T16:58
0 58-1 * * * ?: Quartz 12-03T12:01 12-03T12:58 12-03T12:59 12-03T13:00 12-03T13:01
0 0 9 1 NOV-FEB ?: cron-utils 11-01T09:00 11-01T09:00 11-01T09:00 11-01T09:00 11-01T09:00
0 0 9 1 NOV-FEB ?: Quartz 01-01T09:00 02-01T09:00 11-01T09:00 12-01T09:00 01-01T09:00
0 0 9 28-3 * ?: cron-utils 12-28T09:00 01-28T09:00 02-28T09:00 03-28T09:00 04-28T09:00
0 0 9 28-3 * ?: Quartz 12-28T09:00 12-29T09:00 12-30T09:00 12-31T09:00 01-01T09:00
0 0 9 ? * FRI-MON: cron-utils 12-04T09:00 12-05T09:00 12-06T09:00 12-07T09:00 12-11T09:00
0 0 9 ? * FRI-MON: Quartz 12-04T09:00 12-05T09:00 12-06T09:00 12-07T09:00 12-11T09:00
0 0 22-23,0-2 * * ?: cron-utils 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
0 0 22-23,0-2 * * ?: Quartz 12-03T22:00 12-03T23:00 12-04T00:00 12-04T01:00 12-04T02:00
TXT
cmp -s seen expected
