/** Where a Chromium is, installed when there is none and this machine lets us. */

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const execute = promisify(execFile);

/** Its message is a sentence that says what to do. */
export class NoChromiumError extends Error {
  override readonly name = "NoChromiumError";
}

/** The path in `CHROMIUM`, or the first of the usual names on `PATH`. */
export const installedChromium = (env: NodeJS.ProcessEnv = process.env): string | undefined => {
  if (env["CHROMIUM"]) return env["CHROMIUM"];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
};

/** Installs Debian's or Ubuntu's package when nothing is there; rejects with a `NoChromiumError`. */
export const findChromium = async (env: NodeJS.ProcessEnv = process.env): Promise<string> => {
  const found = installedChromium(env) ?? (await installed(env));
  if (!isExecutable(found)) throw new NoChromiumError(`CHROMIUM=${found} cannot be executed`);
  return found;
};

const installed = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const how = "install Chromium (Debian: apt-get install chromium), or set CHROMIUM to the path of one";
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...args: string[]): Promise<void> => {
    const [command = "", ...rest] = [...asRoot, "apt-get", "-qq", ...args];
    await execute(command, rest, {
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      maxBuffer: 64 * 1024 * 1024,
    });
  };
  try {
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", "chromium");
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    throw new NoChromiumError(`${how}; it could not be installed: ${lines.at(-1)}`);
  }
  const found = installedChromium(env);
  if (found === undefined) throw new NoChromiumError(`${how}; the package brought none`);
  return found;
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
