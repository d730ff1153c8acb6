/** Apicurio's serializers for Java: they write alerts as their users do. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import type { WrittenAlert } from "./confluent-clients.js";
import { startGuard } from "./guard.js";
import { findMaven, MissingRequirement } from "./java.js";
import { compileJava } from "./java-compiler.js";
import { readTail } from "./read-tail.js";
import { findRegistryJava } from "./registry-java.js";

const VERSION = "3.1.7";
const REVISION = 1;
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const SOURCE = fileURLToPath(new URL("../../test/support/ApicurioRecords.java", import.meta.url));
const run = promisify(execFile);

/** To partition 0. Throws MissingRequirement where the serializers cannot be had. */
export async function writeApicurioRecords(to: {
  readonly brokers: string;
  readonly registryUrl: string;
  readonly topic: string;
  readonly timestamp: number;
}): Promise<readonly WrittenAlert[]> {
  const java = await findRegistryJava();
  const jars = await serdeJars();
  const guard = await startGuard("apicurio-records");
  try {
    const source = await readFile(SOURCE, "utf8");
    const { directory } = guard;
    await compileJava({ name: "ApicurioRecords", source, classPath: join(jars, "*"), directory });
    const args = ["-cp", `${directory}:${join(jars, "*")}`, "ApicurioRecords"];
    const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"];
    const to4 = [to.brokers, to.registryUrl, to.topic, String(to.timestamp)];
    const { stdout } = await run(java, [...flags, ...args, ...to4], { cwd: directory });
    return JSON.parse(stdout) as readonly WrittenAlert[];
  } finally {
    await guard.close();
  }
}

const dependency = (artifact: string): string =>
  `<dependency><groupId>io.apicurio</groupId><artifactId>apicurio-registry-${artifact}-serde-kafka</artifactId><version>${VERSION}</version></dependency>`;
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>alert-digest</groupId><artifactId>apicurio-serdes</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${["avro", "protobuf", "jsonschema"].map(dependency).join("")}</dependencies></project>
`;

/** In a per-user cache; they appear under their final name only when complete. */
async function serdeJars(): Promise<string> {
  const jars = join(cacheRoot(), `apicurio-serdes-${VERSION}-${REVISION}`);
  if (existsSync(jars)) return jars;
  const mvn = await findMaven();
  process.stderr.write(`fetching Apicurio's serializers ${VERSION} (80 MB) with Maven into ${jars}, once\n`);
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard("apicurio-serdes", cacheRoot());
  try {
    const [pom, log, lib] = ["pom.xml", "maven.log", "lib"].map((name) => join(guard.directory, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(pom, POM);
    const repository = `-Dmaven.repo.local=${join(guard.directory, "repository")}`;
    const goal = [`${PLUGIN}:copy-dependencies`, "-DincludeScope=runtime", `-DoutputDirectory=${lib}`];
    const maven = await guard.start(mvn.command, ["-B", "-ntp", "-f", pom, repository, ...goal], {
      env: mvn.env,
      logFile: log,
    });
    const { code } = await maven.exited();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching Apicurio's serializers ${VERSION} with Maven failed, exit code ${code}`);
    }
    await rename(lib, jars).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its jars are the same.
      if (!existsSync(jars)) throw error;
    });
    return jars;
  } finally {
    await guard.close();
  }
}
