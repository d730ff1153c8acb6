/** Packages of PyPI in a folder of the user's cache, fetched once with pip. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { startGuard } from "./guard.js";
import { MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";

export interface PipPackages {
  /** Of the folder. */
  readonly name: string;
  /** Counts up when the packages change. */
  readonly revision: number;
  /** With the size of the download. */
  readonly title: string;
  /** Each with its version. */
  readonly packages: readonly string[];
}

const PYTHON = "Python 3.9 or newer with pip (for tests with a schema registry)";
const run = promisify(execFile);

/** The folder: a path of Python's modules. It appears under its final name only when complete. Throws MissingRequirement where it cannot be had. */
export async function pipPackages({ name, revision, title, packages }: PipPackages): Promise<string> {
  const folder = join(cacheRoot(), `${name}-${revision}`);
  if (existsSync(folder)) return folder;
  await run("python3", ["-m", "pip", "--version"]).catch(() => {
    throw new MissingRequirement(`install ${PYTHON}`);
  });
  process.stderr.write(`fetching ${title} with pip into ${folder}, once\n`);
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard(name, cacheRoot());
  try {
    const log = join(guard.directory, "pip.log");
    const target = join(guard.directory, "packages");
    const args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", target, ...packages];
    const { code } = await (await guard.start("python3", args, { logFile: log })).exited();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching ${packages.join(", ")} with pip failed, exit code ${code}`);
    }
    await rename(target, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its packages are the same.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await guard.close();
  }
  return folder;
}
