/** Small classes for a broker's plugins, compiled where the tests run: Eclipse's compiler, which needs no JDK. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { startGuard } from "./guard.js";
import { findJava, findMaven, MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";

const VERSION = "3.38.0";
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const run = promisify(execFile);

/** Compiles `NAME.java` with this text into the directory. Throws with the compiler's words, or MissingRequirement. */
export async function compileJava(options: {
  readonly name: string;
  readonly source: string;
  /** Java's: a directory and `*`. */
  readonly classPath: string;
  readonly directory: string;
}): Promise<void> {
  const compiler = await compilerJar();
  const file = join(options.directory, `${options.name}.java`);
  await writeFile(file, options.source);
  // Its class path knows no wildcards.
  const jars = dirname(options.classPath);
  const names = (await readdir(jars)).filter((jar) => jar.endsWith(".jar"));
  const classPath = names.map((jar) => join(jars, jar)).join(":");
  const args = ["-jar", compiler, "-17", "-nowarn", "-cp", classPath, "-d", options.directory, file];
  await run(await findJava(), args);
}

/** In a per-user cache; it appears under its final name only when complete. */
async function compilerJar(): Promise<string> {
  const jar = join(cacheRoot(), `ecj-${VERSION}.jar`);
  if (existsSync(jar)) return jar;
  const mvn = await findMaven();
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard("ecj", cacheRoot());
  try {
    const log = join(guard.directory, "maven.log");
    const repository = `-Dmaven.repo.local=${join(guard.directory, "repository")}`;
    const what = [`-Dartifact=org.eclipse.jdt:ecj:${VERSION}`, `-DoutputDirectory=${guard.directory}`];
    const maven = await guard.start(mvn.command, ["-B", "-ntp", repository, `${PLUGIN}:copy`, ...what], {
      env: mvn.env,
      logFile: log,
    });
    const { code } = await maven.exited();
    if (code !== 0) {
      process.stderr.write(await readTail(log, 20));
      throw new MissingRequirement(`fetching Eclipse's Java compiler ${VERSION} with Maven failed, exit code ${code}`);
    }
    await rename(join(guard.directory, `ecj-${VERSION}.jar`), jar);
    return jar;
  } finally {
    await guard.close();
  }
}
