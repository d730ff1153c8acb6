/** Java and Maven: those of this machine, else Debian's packages unpacked into the user's cache. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { type DebianPackages, keepLinksInside, unpackedPackages, whyNoPackages } from "./debian-packages.js";
import { javaTrustStore, trustedAuthorities } from "./trust-store.js";

const JAVA_MINIMUM = 17;
const JAVA = `Java ${JAVA_MINIMUM} or newer`;
const MAVEN = "Maven (to fetch it once)";
const ELSE = "or set KAFKA_BROKERS=host:port (for example of the broker that `docker compose up` starts)";

/** Link in the unpacked packages to what JAVA_HOME names. */
const HOME = "java-home";
const JAVA_PACKAGES: DebianPackages = {
  name: "java",
  revision: 1,
  title: "Java (44 MB)",
  choices: [["openjdk-21-jre-headless"], ["openjdk-17-jre-headless"], ["openjdk-25-jre-headless"]],
  // The libraries that it loads for a broker, every machine has.
  needed: (name) => /^openjdk-\d+-jre-headless$/.test(name),
  finish: finishJava,
};
const MAVEN_PACKAGES: DebianPackages = {
  name: "maven",
  revision: 1,
  title: "Maven (9 MB)",
  choices: [["maven"]],
  needed: (name) => name === "maven" || /^lib.+-java$/.test(name),
  finish: keepLinksInside,
};

/** Something this machine lacks; the message is one line that says what to install or to set. */
export class MissingRequirement extends Error {
  override readonly name = "MissingRequirement";
}

export interface Maven {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);

async function isNewEnough(java: string): Promise<boolean> {
  try {
    const { stderr, stdout } = await run(java, ["-version"]);
    return Number(/version "(?:1\.)?(\d+)/.exec(stderr + stdout)?.[1]) >= JAVA_MINIMUM;
  } catch {
    // Not there, or not runnable: the same to the reader.
    return false;
  }
}

/** JAVA_HOME first, then PATH. */
async function installedJava(): Promise<string | undefined> {
  const home = process.env["JAVA_HOME"];
  const inHome = home ? join(home, "bin", "java") : undefined;
  for (const java of inHome !== undefined && existsSync(inHome) ? [inHome, "java"] : ["java"]) {
    if (await isNewEnough(java)) return java;
  }
  return undefined;
}

async function hasMaven(): Promise<boolean> {
  try {
    await run("mvn", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** Path of a Java 17 or newer; fetched where there is none. Throws MissingRequirement. */
export async function findJava(signal?: AbortSignal): Promise<string> {
  const installed = await installedJava();
  if (installed !== undefined) return installed;
  const java = join(await unpacked(JAVA_PACKAGES, [JAVA], signal), HOME, "bin", "java");
  if (!(await isNewEnough(java))) throw missing([JAVA], `${java} cannot be run`);
  return java;
}

/** Likewise; where no packages can be had, the error names all that is missing: nobody installs one thing to be asked for the next. */
export async function findMaven(signal?: AbortSignal): Promise<Maven> {
  if (await hasMaven()) return { command: "mvn", env: process.env };
  if (whyNoPackages() !== undefined)
    throw missing((await installedJava()) === undefined ? [JAVA, MAVEN] : [MAVEN], undefined);
  const java = await findJava(signal);
  const command = join(await unpacked(MAVEN_PACKAGES, [MAVEN], signal), "usr", "share", "maven", "bin", "mvn");
  const home = isAbsolute(java) ? dirname(dirname(java)) : undefined;
  return { command, env: { ...process.env, JAVA_HOME: home } };
}

async function unpacked(packages: DebianPackages, what: readonly string[], signal?: AbortSignal): Promise<string> {
  if (whyNoPackages() !== undefined) throw missing(what, undefined);
  try {
    return await unpackedPackages(packages, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw missing(what, (error as Error).message);
  }
}

/** What installing would do: links that lead into this root, and the authorities that TLS trusts. */
async function finishJava(root: string): Promise<void> {
  const [machine = ""] = (await readdir(join(root, "usr", "lib", "jvm"))).filter((name) => /^java-\d+-/.test(name));
  await symlink(join("usr", "lib", "jvm", machine), join(root, HOME));
  const authorities = join(root, "etc", "ssl", "certs", "java");
  await mkdir(authorities, { recursive: true });
  await writeFile(join(authorities, "cacerts"), javaTrustStore(trustedAuthorities()));
  await keepLinksInside(root);
}

const missing = (what: readonly string[], why: string | undefined): MissingRequirement => {
  const because = why === undefined ? "" : ` (fetching ${what.length > 1 ? "them" : "it"} failed: ${why})`;
  const install = `install ${what.length > 1 ? "both" : "it"}, ${ELSE}`;
  return new MissingRequirement(`an own Kafka needs ${what.join(" and ")}${because}: ${install}`);
};
