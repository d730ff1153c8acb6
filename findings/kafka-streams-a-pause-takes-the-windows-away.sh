#!/usr/bin/env bash
# Kafka Streams 4.3.1 (Java), by its own TopologyTestDriver. Running the few lines below needs a JDK, 17 or newer.
#
# Alerts are counted in windows of a minute, and one result comes when a window has closed: `emitStrategy(EmitStrategy.onWindowClose())`. A window is closed
# when the time of the records in its partition has passed its end, and its grace. Expected: each window comes once, as with `suppress(untilWindowCloses)`.
# Seen: after a pause in the partition what has closed is lost. A store keeps a window for its length and its grace and no longer; the new record
# goes in first and moves the store's time, so what it closes is too old to be read. Sessions (a gap of a minute) are lost so by default: an alert
# each ten minutes gives no result at all. Windows are safe behind the cache, but not with `statestore.cache.max.bytes` of 0 or `withCachingDisabled()`, which
# many set to see each update, and which the manual has as a matter of memory. The metric of dropped records stays 0. Where other devices send all the
# time nothing is lost, so a load test sees none of it. Say `Materialized.withRetention` of the longest pause, or take suppress.
#
# Output seen (counts of pump-7 by the minute that a window or session began; the last is still open):
#   windows, alerts at 0, 1, 2, 3: cache on 0=1 1=1 2=1, off 0=1 1=1 2=1, off and kept a day 0=1 1=1 2=1, suppress 0=1 1=1 2=1
#   windows, alerts at 0, 0, 10, 20, 30: cache on 0=2 10=1 20=1, off none, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
#   windows, alerts at 0, 1, 2, 60, 61: cache on 0=1 1=1 2=1 60=1, off 0=1 1=1 60=1, off and kept a day 0=1 1=1 2=1 60=1, suppress 0=1 1=1 2=1 60=1
#   sessions, alerts at 0, 0, 10, 20, 30: cache on none, off none, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
#   sessions, and pump-8 each five seconds: cache on 0=2 10=1 20=1, off 0=2 10=1 20=1, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
#   dropped records: 0
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>streams</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-streams-test-utils</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
END
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$tmp/lib" >maven.log 2>&1 || { tail -n 20 maven.log; exit 1; }
cat >Show.java <<'END'
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

public class Show {
    static final TimeWindows MINUTE = TimeWindows.ofSizeWithNoGrace(Duration.ofMinutes(1));
    static final SessionWindows GAP = SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMinutes(1));
    static final long BEGIN = Instant.parse("2026-12-03T06:00:00Z").toEpochMilli();
    static double dropped = 0;
    static int runs = 0;

    interface Counting extends Function<KGroupedStream<String, String>, KTable<Windowed<String>, Long>> {}

    /** Sends an alert of pump-7 at each of these minutes, and between them, if asked for, one of pump-8 each five seconds. */
    static String results(String cache, boolean others, Counting counting, int... minutes) {
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, String> alerts = builder.stream("alerts", Consumed.with(Serdes.String(), Serdes.String()))
            .groupByKey(Grouped.with(Serdes.String(), Serdes.String()));
        counting.apply(alerts).toStream().filter((window, count) -> window.key().equals("pump-7"))
            .map((window, count) -> pair((window.window().start() - BEGIN) / 60_000, count)).to("counts", Produced.with(Serdes.Long(), Serdes.Long()));
        Properties settings = new Properties();
        settings.put("application.id", "show");
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("state.dir", "state" + runs++);
        if (cache != null) settings.put("statestore.cache.max.bytes", cache);
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), settings, Instant.ofEpochMilli(BEGIN))) {
            var input = driver.createInputTopic("alerts", new StringSerializer(), new StringSerializer());
            var output = driver.createOutputTopic("counts", new LongDeserializer(), new LongDeserializer());
            int before = minutes[0];
            for (int minute : minutes) {
                if (others) {
                    IntStream.range(before * 12, minute * 12).forEach(step -> {
                        driver.advanceWallClockTime(Duration.ofSeconds(5));
                        input.pipeInput("pump-8", "too cold", BEGIN + step * 5000L);
                    });
                }
                driver.advanceWallClockTime(Duration.ofMinutes(1));
                input.pipeInput("pump-7", "too hot", BEGIN + minute * 60_000L);
                before = minute;
            }
            driver.metrics().forEach((name, metric) -> {
                if (name.name().equals("dropped-records-total")) dropped += (double) metric.metricValue();
            });
            String all = output.readKeyValuesToList().stream().map(pair -> pair.key + "=" + pair.value).collect(Collectors.joining(" "));
            return all.isEmpty() ? "none" : all;
        }
    }

    static KeyValue<Long, Long> pair(long minute, long count) {
        return KeyValue.pair(minute, count);
    }

    static void show(String name, boolean others, Counting closing, Counting kept, Counting suppressed, int... minutes) {
        System.out.println(name + ": cache on " + results(null, others, closing, minutes) + ", off " + results("0", others, closing, minutes)
            + ", off and kept a day " + results("0", others, kept, minutes) + ", suppress " + results("0", others, suppressed, minutes));
    }

    public static void main(String[] arguments) {
        var close = EmitStrategy.onWindowClose();
        var last = Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded());
        var day = Duration.ofDays(1);
        var longs = Serdes.Long();
        var texts = Serdes.String();
        Counting windows = alerts -> alerts.windowedBy(MINUTE).emitStrategy(close).count(Materialized.with(texts, longs));
        Counting windowsKept = alerts -> alerts.windowedBy(MINUTE).emitStrategy(close)
            .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>with(texts, longs).withRetention(day));
        Counting windowsLast = alerts -> alerts.windowedBy(MINUTE).count(Materialized.with(texts, longs)).suppress(last);
        Counting sessions = alerts -> alerts.windowedBy(GAP).emitStrategy(close).count(Materialized.with(texts, longs));
        Counting sessionsKept = alerts -> alerts.windowedBy(GAP).emitStrategy(close)
            .count(Materialized.<String, Long, SessionStore<Bytes, byte[]>>with(texts, longs).withRetention(day));
        Counting sessionsLast = alerts -> alerts.windowedBy(GAP).count(Materialized.with(texts, longs)).suppress(last);
        int[] rare = {0, 0, 10, 20, 30};
        show("windows, alerts at 0, 1, 2, 3", false, windows, windowsKept, windowsLast, 0, 1, 2, 3);
        show("windows, alerts at 0, 0, 10, 20, 30", false, windows, windowsKept, windowsLast, rare);
        show("windows, alerts at 0, 1, 2, 60, 61", false, windows, windowsKept, windowsLast, 0, 1, 2, 60, 61);
        show("sessions, alerts at 0, 0, 10, 20, 30", false, sessions, sessionsKept, sessionsLast, rare);
        show("sessions, and pump-8 each five seconds", true, sessions, sessionsKept, sessionsLast, rare);
        System.out.printf("dropped records: %.0f%n", dropped);
    }
}
END
java -cp "lib/*" Show.java | tee seen
cat >expected <<'TXT'
windows, alerts at 0, 1, 2, 3: cache on 0=1 1=1 2=1, off 0=1 1=1 2=1, off and kept a day 0=1 1=1 2=1, suppress 0=1 1=1 2=1
windows, alerts at 0, 0, 10, 20, 30: cache on 0=2 10=1 20=1, off none, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
windows, alerts at 0, 1, 2, 60, 61: cache on 0=1 1=1 2=1 60=1, off 0=1 1=1 60=1, off and kept a day 0=1 1=1 2=1 60=1, suppress 0=1 1=1 2=1 60=1
sessions, alerts at 0, 0, 10, 20, 30: cache on none, off none, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
sessions, and pump-8 each five seconds: cache on 0=2 10=1 20=1, off 0=2 10=1 20=1, off and kept a day 0=2 10=1 20=1, suppress 0=2 10=1 20=1
dropped records: 0
TXT
cmp -s seen expected
