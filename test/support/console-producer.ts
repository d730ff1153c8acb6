import { spawn } from "node:child_process";
import { once } from "node:events";
import { findJava } from "./java.js";
import { kafkaClassPath } from "./kafka-jars.js";

const TAB = "\t";

/**
 * Writes records with Kafka's own kafka-console-producer, a Java client, so that its encoding is not ours: one batch as far as
 * it can, compressed. Keys and values must have no tab and no line break. Timestamps are the time of writing.
 */
export async function produceByConsole(
  brokers: string,
  topic: string,
  codec: "none" | "gzip" | "snappy" | "lz4" | "zstd",
  records: readonly (readonly [key: string, value: string])[],
): Promise<void> {
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", await kafkaClassPath()];
  const properties = ["parse.key=true", `key.separator=${TAB}`].flatMap((property) => ["--reader-property", property]);
  const args = ["--bootstrap-server", brokers, "--topic", topic, "--compression-codec", codec, ...properties];
  const child = spawn(await findJava(), [...flags, "org.apache.kafka.tools.ConsoleProducer", ...args], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.end(`${records.map((record) => record.join(TAB)).join("\n")}\n`);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the console producer ended with ${code}: ${errors}`);
}
