/** `prometheus` and `promtool`: from PATH, else Debian's package unpacked into a cache, without root and without installing it. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DebianPackages, unpackedPackages } from "./debian-packages.js";
import { MissingRequirement } from "./java.js";

export { MissingRequirement } from "./java.js";

/** What Debian 12 has; `promtool check rules --lint-fatal` and `keep_firing_for` are no older than that. */
const MINIMUM = "2.42";
const PACKAGE: DebianPackages = {
  name: "prometheus",
  revision: 1,
  title: "Prometheus",
  choices: [["prometheus"]],
  needed: (name) => name === "prometheus",
};
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
  const cached = await unpackedPackages(PACKAGE).catch((error: Error) => {
    throw new MissingRequirement(`${NEEDED} is needed, and could not be fetched (${error.message}): ${INSTALL}`);
  });
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
