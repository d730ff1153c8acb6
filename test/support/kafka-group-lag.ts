import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findJava } from "./java.js";
import { kafkaClassPath } from "./kafka-jars.js";

/** One partition as Kafka's own tool shows it; undefined where it prints `-` (nothing committed). */
export interface GroupLag {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number | undefined;
  readonly end: number | undefined;
  readonly lag: number | undefined;
}

const COMMAND = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
/** It takes a JVM of its own, which a busy machine starts slowly. */
const TIMEOUT_MS = 180_000;

/** Asks `kafka-consumer-groups --describe`, the oracle for lag. By partition: with several topics, name the one meant. */
export async function readGroupLag(brokers: string, group: string, topic?: string): Promise<Map<number, GroupLag>> {
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", await kafkaClassPath()];
  const args = ["--bootstrap-server", brokers, "--describe", "--offsets", "--group", group, "--timeout", "30000"];
  const { stdout } = await promisify(execFile)(await findJava(), [...flags, COMMAND, ...args], { timeout: TIMEOUT_MS });
  const rows = parseGroupLag(stdout).filter((row) => topic === undefined || row.topic === topic);
  return new Map(rows.map((row) => [row.partition, row]));
}

/** The table has a header line that names the columns; their order and width differ between versions. */
export function parseGroupLag(output: string): GroupLag[] {
  const lines = output.split("\n").map((line) => line.trim().split(/\s+/));
  const headerAt = lines.findIndex((cells) => cells.includes("CURRENT-OFFSET"));
  const header = lines[headerAt];
  if (!header) return [];
  const column = (cells: string[], name: string): string => cells[header.indexOf(name)] ?? "-";
  const number = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : undefined);
  return lines.slice(headerAt + 1).flatMap((cells) => {
    const partition = number(column(cells, "PARTITION"));
    if (partition === undefined) return [];
    return {
      topic: column(cells, "TOPIC"),
      partition,
      committed: number(column(cells, "CURRENT-OFFSET")),
      end: number(column(cells, "LOG-END-OFFSET")),
      lag: number(column(cells, "LAG")),
    };
  });
}
