/** Confluent's Kafka client for Python with its serializers, fastavro and protoc: they write alerts as their users do. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pipPackages } from "./pip-packages.js";

const PACKAGES = {
  name: "confluent-python",
  revision: 1,
  title: "confluent-kafka for Python (20 MB)",
  packages: ["confluent-kafka[avro,json,protobuf]==2.16.1", "grpcio-tools==1.85.1"],
} as const;
const SCRIPT = fileURLToPath(new URL("../../test/support/confluent-records.py", import.meta.url));
const run = promisify(execFile);

/** A device, and texts that a mail about it has to have. */
export interface WrittenAlert {
  readonly device: string;
  readonly says: readonly string[];
}

/** To partition 0. Throws MissingRequirement where the clients cannot be had. */
export async function writeConfluentRecords(to: {
  readonly brokers: string;
  readonly registryUrl: string;
  readonly topic: string;
  readonly timestamp: number;
}): Promise<readonly WrittenAlert[]> {
  const modules = await pipPackages(PACKAGES);
  const args = [SCRIPT, to.brokers, to.registryUrl, to.topic, String(to.timestamp)];
  const { stdout } = await run("python3", args, { env: { ...process.env, PYTHONPATH: modules } });
  return JSON.parse(stdout) as readonly WrittenAlert[];
}
