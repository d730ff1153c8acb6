/** A real Apicurio Registry on this machine, in memory. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { eventually } from "./eventually.js";
import { freePorts } from "./free-ports.js";
import { startGuard } from "./guard.js";
import { findMaven, MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";
import { findRegistryJava } from "./registry-java.js";

const VERSION = "3.3.3";
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const run = promisify(execFile);

export interface Apicurio {
  /** For `SCHEMA_REGISTRY_API=apicurio`. */
  readonly url: string;
  /** For clients of Confluent's API. */
  readonly confluentUrl: string;
  close(): Promise<void>;
}

/** Throws MissingRequirement where it cannot be had. */
export async function startApicurio(): Promise<Apicurio> {
  const java = await findRegistryJava();
  const folder = join(cacheRoot(), `apicurio-${VERSION}`);
  if (!existsSync(folder)) await fetchRegistry(folder);
  const [port = 0, managementPort = 0] = await freePorts(2);
  const guard = await startGuard("apicurio");
  try {
    const env = {
      ...process.env,
      QUARKUS_HTTP_HOST: "127.0.0.1",
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_MANAGEMENT_HOST: "127.0.0.1",
      QUARKUS_MANAGEMENT_PORT: String(managementPort),
    };
    const logFile = join(guard.directory, "apicurio.log");
    const flags = ["-Xmx400m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", "quarkus-run.jar"];
    const registry = await guard.start(java, flags, { cwd: folder, env, logFile });
    const url = `http://127.0.0.1:${port}`;
    await eventually("Apicurio Registry answers, or has ended", async () => {
      const answer = await fetch(`${url}/apis/registry/v3/system/info`).catch(() => undefined);
      return answer?.ok === true || registry.exit() !== undefined;
    });
    if (registry.exit() !== undefined) throw new Error(`Apicurio ended\n${await readTail(logFile, 20)}`);
    return { url, confluentUrl: `${url}/apis/ccompat/v7`, close: () => guard.close() };
  } catch (error) {
    await guard.close();
    throw error;
  }
}

/** It appears under its final name only when complete. */
async function fetchRegistry(folder: string): Promise<void> {
  const mvn = await findMaven();
  process.stderr.write(`fetching Apicurio Registry ${VERSION} (200 MB) with Maven into ${folder}, once\n`);
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard("apicurio-app", cacheRoot());
  try {
    const log = join(guard.directory, "maven.log");
    const [repository, download, unpacked] = ["repository", "download", "unpacked"].map((name) =>
      join(guard.directory, name),
    ) as [string, string, string];
    const args = ["-B", "-ntp", `-Dmaven.repo.local=${repository}`, `${PLUGIN}:copy`, `-Dartifact=${ARTIFACT}`];
    const maven = await guard.start(mvn.command, [...args, `-DoutputDirectory=${download}`], {
      env: mvn.env,
      logFile: log,
    });
    const { code } = await maven.exited();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching ${ARTIFACT} with Maven failed, exit code ${code}`);
    }
    await mkdir(unpacked);
    for (const file of await readdir(download)) await run("tar", ["-xzf", join(download, file), "-C", unpacked]);
    await rename(unpacked, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its files are the same.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await guard.close();
  }
}
