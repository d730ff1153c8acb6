import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "./cache.js";
import { startGuard } from "./guard.js";
import { findMaven, MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";

export const KAFKA_VERSION = "4.3.1";
/** Counts up when the list of jars changes, so that an old cache is not taken for a new one. */
const CACHE_REVISION = 1;
const DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

const dependency = (group: string, artifact: string, version: string, without: readonly string[] = []): string => {
  const exclusions = without.map(
    (name) => `<exclusion><groupId>${group}</groupId><artifactId>${name}</artifactId></exclusion>`,
  );
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
    <exclusions>${exclusions.join("")}</exclusions></dependency>`;
};

// The tools are there for ConsumerGroupCommand; Kafka Connect, a web server of its own, would double the download of a broker.
const pom = (
  dependencies: readonly string[],
): string => `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>alert-digest</groupId><artifactId>embedded-kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${[...dependencies, dependency("org.slf4j", "slf4j-simple", "1.7.36")].join("\n    ")}
  </dependencies></project>
`;
const BROKER = [
  dependency("org.apache.kafka", "kafka_2.13", KAFKA_VERSION),
  dependency("org.apache.kafka", "kafka-tools", KAFKA_VERSION, ["connect-runtime", "connect-api", "connect-json"]),
];
/** MirrorMaker 2, with Kafka Connect under it. Few tests need it. */
const MIRROR = [dependency("org.apache.kafka", "connect-mirror", KAFKA_VERSION)];

/** Kafka Streams: a peer of the benchmark. */
const STREAMS = [dependency("org.apache.kafka", "kafka-streams", KAFKA_VERSION)];

/** Where Kafka's jars are, or would be. */
export const kafkaJarsDirectory = (): string => join(cacheRoot(), `kafka-${KAFKA_VERSION}-${CACHE_REVISION}`);

/**
 * Kafka's jars (45 MB) in a per-user cache, fetched once with Maven. They appear under their final name only when
 * complete, so two processes may fetch at once and an interrupted one leaves nothing behind. Resolves with a Java class path.
 * Throws MissingRequirement where Maven cannot be had, or when the download fails.
 */
export async function kafkaClassPath(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
  const jars = kafkaJarsDirectory();
  if (!existsSync(jars)) await fetchJars({ name: "Apache Kafka", megabytes: 45 }, BROKER, jars, options.signal);
  return join(jars, "*");
}

/** The jars of MirrorMaker 2 (60 MB), likewise. */
export async function mirrorClassPath(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
  const jars = join(cacheRoot(), `kafka-mirror-${KAFKA_VERSION}-${CACHE_REVISION}`);
  if (!existsSync(jars)) await fetchJars({ name: "MirrorMaker", megabytes: 60 }, MIRROR, jars, options.signal);
  return join(jars, "*");
}

/** The jars of Kafka Streams (80 MB), likewise. */
export async function streamsClassPath(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
  const jars = join(cacheRoot(), `kafka-streams-${KAFKA_VERSION}-${CACHE_REVISION}`);
  if (!existsSync(jars)) await fetchJars({ name: "Kafka Streams", megabytes: 80 }, STREAMS, jars, options.signal);
  return join(jars, "*");
}

async function fetchJars(
  { name, megabytes }: { readonly name: string; readonly megabytes: number },
  dependencies: readonly string[],
  jars: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const mvn = await findMaven(signal);
  process.stderr.write(
    `fetching ${name} ${KAFKA_VERSION} (${megabytes} MB, in many files: it may take minutes) with Maven into ${jars}, once\n`,
  );
  await mkdir(cacheRoot(), { recursive: true });
  // In the cache's own file system, or the rename at the end would not be atomic.
  const guard = await startGuard("kafka-jars", cacheRoot());
  const stop = (): void => void guard.close();
  signal?.addEventListener("abort", stop);
  try {
    signal?.throwIfAborted();
    const file = join(guard.directory, "pom.xml");
    const log = join(guard.directory, "maven.log");
    const lib = join(guard.directory, "lib");
    await writeFile(file, pom(dependencies));
    const repository = `-Dmaven.repo.local=${join(guard.directory, "repository")}`;
    const goal = [`${DEPENDENCY_PLUGIN}:copy-dependencies`, "-DincludeScope=runtime", `-DoutputDirectory=${lib}`];
    const maven = await guard.start(mvn.command, ["-B", "-ntp", "-f", file, repository, ...goal], {
      env: mvn.env,
      logFile: log,
    });
    const { code } = await maven.exited();
    signal?.throwIfAborted();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching ${name} ${KAFKA_VERSION} with Maven failed, exit code ${code}`);
    }
    await rename(lib, jars).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its jars are the same.
      if (!existsSync(jars)) throw error;
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await guard.close();
  }
}
