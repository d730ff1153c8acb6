/** `prometheus` and `promtool`: from PATH, else Debian's package unpacked into a cache, without root and without installing it. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { type Guard, startGuard } from "./guard.js";
import { MissingRequirement } from "./java.js";
import { readTail } from "./read-tail.js";

export { MissingRequirement } from "./java.js";

/** What Debian 12 has; `promtool check rules --lint-fatal` and `keep_firing_for` are no older than that. */
const MINIMUM = "2.42";
/** Counts up when what is unpacked changes. */
const CACHE_REVISION = 1;
const VERSION_TIMEOUT_MS = 60_000;
const NEEDED = `Prometheus ${MINIMUM} or newer, with promtool`;
const INSTALL = "install Debian's package `prometheus`, or put both programs on PATH";

export interface PrometheusTools {
  /** Paths, or names that PATH knows. */
  readonly prometheus: string;
  readonly promtool: string;
  /** For example `2.42.0`. */
  readonly version: string;
}

/** One process looks for them once. */
let found: Promise<PrometheusTools> | undefined;

/** Throws MissingRequirement, one line that says what to install. */
export function findPrometheusTools(): Promise<PrometheusTools> {
  found ??= search();
  return found;
}

async function search(): Promise<PrometheusTools> {
  const onPath = await usable("");
  if (onPath !== undefined) return onPath;
  const cached = join(cacheRoot(), `prometheus-${CACHE_REVISION}`);
  if (!existsSync(cached)) await fetchTools(cached);
  const tools = await usable(join(cached, "usr", "bin"));
  if (tools === undefined) throw new MissingRequirement(`${NEEDED} is needed and ${cached} holds none: ${INSTALL}`);
  return tools;
}

async function usable(directory: string): Promise<PrometheusTools | undefined> {
  const [prometheus, promtool] = [join(directory, "prometheus"), join(directory, "promtool")];
  const [version, promtoolVersion] = await Promise.all([versionOf(prometheus), versionOf(promtool)]);
  if (version === undefined || promtoolVersion === undefined) return undefined;
  return isNewEnough(version) ? { prometheus, promtool, version } : undefined;
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, ["--version"], { timeout: VERSION_TIMEOUT_MS });
    return /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1];
  } catch {
    // Not there, or not for this machine: the same to the reader.
    return undefined;
  }
}

const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/** They appear under their final name only when complete: two processes may fetch at once, an interrupted one leaves nothing. */
async function fetchTools(directory: string): Promise<void> {
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard("prometheus-tools", cacheRoot());
  try {
    process.stderr.write(`fetching Debian's Prometheus into ${directory}, once\n`);
    await download(guard);
    const [archive] = (await readdir(guard.directory)).filter((name) => name.endsWith(".deb"));
    const unpacked = join(guard.directory, "unpacked");
    await execute(guard, "dpkg-deb", ["-x", archive ?? "", unpacked]);
    await rename(unpacked, directory).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its programs are the same.
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await guard.close();
  }
}

async function download(guard: Guard): Promise<void> {
  try {
    await execute(guard, "apt-get", ["download", "prometheus"]);
  } catch {
    // A machine that never ran `apt-get update` knows no packages: lists of its own need no root.
    const state = join(guard.directory, "apt");
    await mkdir(join(state, "lists", "partial"), { recursive: true });
    const own = ["-o", `Dir::State::Lists=${join(state, "lists")}`, "-o", `Dir::Cache=${state}`];
    await execute(guard, "apt-get", [...own, "update"]);
    await execute(guard, "apt-get", [...own, "download", "prometheus"]);
  }
}

async function execute(guard: Guard, command: string, args: readonly string[]): Promise<void> {
  const log = join(guard.directory, `${command}.log`);
  let code: number | null;
  try {
    const child = await guard.start(command, args, { cwd: guard.directory, logFile: log });
    code = (await child.exited()).code;
  } catch {
    throw new MissingRequirement(`${NEEDED} is needed and there is no ${command} to get it with: ${INSTALL}`);
  }
  if (code === 0) return;
  const last = (await readTail(log, 1)).trim();
  throw new MissingRequirement(`${NEEDED} is needed, and ${command} could not get it (${last}): ${INSTALL}`);
}
