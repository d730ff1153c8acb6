import { spawn } from "node:child_process";
import { once } from "node:events";
import { findJava } from "./java.js";
import { kafkaClassPath } from "./kafka-jars.js";

export interface ConsoleConsumer {
  /** Everything on stdout so far: the values, one a line. */
  stdout(): string;
  stderr(): string;
  running(): boolean;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<void>;
  /** Ends it, and resolves when it is gone. Safe to call twice. */
  close(): Promise<void>;
}

/** Kafka's own kafka-console-consumer, a Java client, as a member of a group: what any other program may be that somebody gives the same group. */
export async function startConsoleConsumer(
  brokers: string,
  topic: string,
  group: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<ConsoleConsumer> {
  const logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", logging, "-cp", await kafkaClassPath()];
  const all = Object.entries(properties).flatMap(([name, value]) => ["--command-property", `${name}=${value}`]);
  const args = ["--bootstrap-server", brokers, "--topic", topic, "--group", group, "--from-beginning", ...all];
  const main = "org.apache.kafka.tools.consumer.ConsoleConsumer";
  const child = spawn(await findJava(), [...flags, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(() => undefined);
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    running: () => child.exitCode === null && child.signalCode === null,
    ended,
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
