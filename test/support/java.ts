import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const JAVA_MINIMUM = 17;
const JAVA = `Java ${JAVA_MINIMUM} or newer`;
const MAVEN = "Maven (to fetch it once)";
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

/** Path of a Java that is new enough: JAVA_HOME first, then PATH. */
async function searchJava(): Promise<string | undefined> {
  for (const java of javaHomes()) {
    try {
      const { stderr, stdout } = await run(java, ["-version"]);
      if (Number(/version "(?:1\.)?(\d+)/.exec(stderr + stdout)?.[1]) >= JAVA_MINIMUM) return java;
    } catch {
      // Not there, or not runnable: the same to the reader.
    }
  }
  return undefined;
}

async function searchMaven(): Promise<string | undefined> {
  try {
    await run("mvn", ["--version"]);
    return "mvn";
  } catch {
    return undefined;
  }
}

/** Path of a Java 17 or newer. Throws MissingRequirement. */
export async function findJava(): Promise<string> {
  const java = await searchJava();
  if (java === undefined) throw missing([JAVA]);
  return java;
}

/** Throws MissingRequirement, which names all that is missing, so that nobody installs one thing to be asked for the next. */
export async function findMaven(): Promise<string> {
  const [java, maven] = [await searchJava(), await searchMaven()];
  if (maven === undefined) throw missing(java === undefined ? [JAVA, MAVEN] : [MAVEN]);
  return maven;
}

const missing = (what: readonly string[]): MissingRequirement =>
  new MissingRequirement(
    `an own Kafka needs ${what.join(" and ")}: install ${what.length > 1 ? "both" : "it"}, ${ELSE}`,
  );
