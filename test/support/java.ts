import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const JAVA_MINIMUM = 17;
const ELSE = "or set KAFKA_BROKERS=host:port (for example of the broker that `docker compose up` starts)";

/** Something this machine lacks; the message is one line that says what to install or to set. */
export class MissingRequirement extends Error {
  override readonly name = "MissingRequirement";
}

const run = promisify(execFile);

const javaHomes = (): string[] => {
  const home = process.env["JAVA_HOME"];
  const inHome = home ? join(home, "bin", "java") : undefined;
  return inHome !== undefined && existsSync(inHome) ? [inHome, "java"] : ["java"];
};

/** Path of a Java 17 or newer: JAVA_HOME first, then PATH. Throws MissingRequirement. */
export async function findJava(): Promise<string> {
  let oldest = "";
  for (const java of javaHomes()) {
    try {
      const { stderr, stdout } = await run(java, ["-version"]);
      const version = /version "(?:1\.)?(\d+)/.exec(stderr + stdout)?.[1];
      if (Number(version) >= JAVA_MINIMUM) return java;
      oldest = ` (found ${version ?? "an unknown version"})`;
    } catch {
      // Not there, or not runnable: the same to the reader.
    }
  }
  throw new MissingRequirement(`Kafka needs Java ${JAVA_MINIMUM} or newer${oldest}: install a JDK or JRE, ${ELSE}`);
}

/** Throws MissingRequirement. */
export async function findMaven(): Promise<string> {
  try {
    await run("mvn", ["--version"]);
    return "mvn";
  } catch (cause) {
    throw new MissingRequirement(`Kafka is fetched with Maven, which is not installed: install Maven, ${ELSE}`, {
      cause,
    });
  }
}
