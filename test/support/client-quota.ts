import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findJava } from "./java.js";
import { kafkaClassPath } from "./kafka-jars.js";

/** It takes a JVM of its own, which a busy machine starts slowly. */
const TIMEOUT_MS = 180_000;

/** What each broker lets clients of this ID read, with Kafka's own kafka-configs. Undefined: as much as they like. */
export async function setConsumerQuota(
  brokers: string,
  clientId: string,
  bytesPerSecond: number | undefined,
): Promise<void> {
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", await kafkaClassPath()];
  const change =
    bytesPerSecond === undefined
      ? ["--delete-config", "consumer_byte_rate"]
      : ["--add-config", `consumer_byte_rate=${bytesPerSecond}`];
  const args = ["--bootstrap-server", brokers, "--alter", ...change, "--entity-type", "clients", "--entity-name"];
  await promisify(execFile)(await findJava(), [...flags, "kafka.admin.ConfigCommand", ...args, clientId], {
    timeout: TIMEOUT_MS,
  });
}
