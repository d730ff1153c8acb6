/** Kafka Streams on the same topic: windows of 30 s a device, suppressed until they close. One thread, stores in memory without a changelog. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findJava } from "../support/java.js";
import { compileJava } from "../support/java-compiler.js";
import { streamsClassPath } from "../support/kafka-jars.js";
import type { ThroughputJob, ThroughputResult } from "./throughput.js";

const HEAP_MEGABYTES = 512;

/** The alert as it came, end to end with the window's others: what a mail would need, and the least that can be kept of it. */
const SOURCE = `
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;

public class Windows {
  static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  public static void main(String[] args) throws Exception {
    long total = Long.parseLong(args[3]);
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("application.id", args[2]);
    properties.put("state.dir", args[4]);
    properties.put("auto.offset.reset", "earliest");
    properties.put("num.stream.threads", "1");
    AtomicLong seen = new AtomicLong();
    AtomicLong began = new AtomicLong();
    AtomicLong cpuBefore = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
      .peek((key, value) -> {
        long count = seen.incrementAndGet();
        if (count == 1) { began.set(System.nanoTime()); cpuBefore.set(cpu()); }
        if (count == total) done.countDown();
      })
      .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
      .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofSeconds(30), Duration.ofSeconds(2)))
      .aggregate(() -> new byte[0], (key, value, all) -> {
        byte[] joined = java.util.Arrays.copyOf(all, all.length + value.length);
        System.arraycopy(value, 0, joined, all.length, value.length);
        return joined;
      }, Materialized.<String, byte[]>as(
          org.apache.kafka.streams.state.Stores.inMemoryWindowStore("windows", Duration.ofSeconds(90), Duration.ofSeconds(30), false))
        .withKeySerde(Serdes.String()).withValueSerde(Serdes.ByteArray()).withLoggingDisabled().withCachingDisabled())
      .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded().withLoggingDisabled()))
      .toStream()
      .foreach((window, all) -> { });
    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    streams.start();
    done.await();
    double seconds = (System.nanoTime() - began.get()) / 1e9;
    double cpuSeconds = (cpu() - cpuBefore.get()) / 1e9;
    System.out.println("{\\"seconds\\":" + seconds + ",\\"cpuSeconds\\":" + cpuSeconds + "}");
    Runtime.getRuntime().halt(0);
  }
}
`;

export interface StreamsPeer {
  run(job: Omit<ThroughputJob, "contestant">): Promise<ThroughputResult>;
  close(): Promise<void>;
}

/** Throws MissingRequirement where neither Java nor the library can be had. */
export async function createStreamsPeer(signal: AbortSignal): Promise<StreamsPeer> {
  const java = await findJava(signal);
  const classPath = await streamsClassPath({ signal });
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-streams-"));
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await compileJava({ name: "Windows", source: SOURCE, classPath, directory });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async run({ brokers, topic, group, records }) {
      const state = join(directory, group);
      const args = ["-cp", `${classPath}:${directory}`, `-Xmx${HEAP_MEGABYTES}m`, "Windows"];
      const { stdout } = await promisify(execFile)(java, [...args, brokers, topic, group, String(records), state], {
        signal,
      });
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ThroughputResult;
    },
  };
}
