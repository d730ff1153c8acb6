/**
 * Programs of Debian packages that are not installed here. They are fetched with apt-get and unpacked, once, into a directory of the
 * user's cache: that needs no root and changes nothing of this machine.
 */

import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { cacheRoot } from "./cache.js";
import { type Guard, startGuard } from "./guard.js";
import { readTail } from "./read-tail.js";

const DEBIAN_13 =
  "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n";

export interface DebianPackages {
  /** The directory's name in the cache. */
  readonly name: string;
  /** Counts up when what is unpacked changes. */
  readonly revision: number;
  /** What the user reads: "Debian's …". */
  readonly title: string;
  /** The first of these sets that the sources of this machine have. */
  readonly choices: readonly (readonly string[])[];
  /** Which packages are unpacked, of these and of all that they depend on. */
  readonly needed: (name: string) => boolean;
  /** Files of packages that are too old; then they are taken from Debian 13, which works only for a root of its own (`chroot`). */
  readonly tooOld?: RegExp;
  /** The last thing that is done to the directory before it is complete. */
  readonly finish?: (root: string) => Promise<void>;
}

/** Why none can be had on this machine, as half a sentence; undefined when they can. */
export function whyNoPackages(): string | undefined {
  const missing = ["/usr/bin/apt-get", "/usr/bin/dpkg-deb"].find((program) => !existsSync(program));
  return missing && `there is no ${missing} here`;
}

/** One process fetches each once. */
const roots = new Map<string, Promise<string>>();

/** The directory with the unpacked files. Rejects with what apt-get or dpkg-deb said, in one line. */
export function unpackedPackages(wanted: DebianPackages, signal?: AbortSignal): Promise<string> {
  const directory = unpackedDirectory(wanted);
  const root =
    roots.get(directory) ??
    (existsSync(directory) ? Promise.resolve() : fetchPackages(wanted, directory, signal)).then(() => directory);
  roots.set(directory, root);
  return root;
}

/** Where they are, or would be. */
export const unpackedDirectory = ({ name, revision }: DebianPackages): string =>
  join(cacheRoot(), `${name}-${revision}`);

/** It appears under its final name only when complete: two processes may fetch at once, an interrupted one leaves nothing. */
async function fetchPackages(
  wanted: DebianPackages,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard(`${wanted.name}-packages`, cacheRoot());
  const stop = (): void => void guard.close();
  signal?.addEventListener("abort", stop);
  try {
    signal?.throwIfAborted();
    process.stderr.write(`fetching Debian's ${wanted.title} into ${directory}, once\n`);
    const debs = join(guard.directory, "debs");
    const root = join(guard.directory, "unpacked");
    for (const path of [debs, root]) await mkdir(path);
    await download(guard, wanted, debs);
    for (const deb of await readdir(debs)) await run(guard, "dpkg-deb", ["-x", join(debs, deb), root]);
    await wanted.finish?.(root);
    await rename(root, directory).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its programs are the same.
      if (!existsSync(directory)) throw error;
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await guard.close();
  }
}

/** From the sources of this machine; where it never ran `apt-get update` with lists of our own; else from Debian 13. */
async function download(guard: Guard, wanted: DebianPackages, into: string): Promise<void> {
  const state = join(guard.directory, "apt");
  for (const folder of ["archives", "own", "debian-13"])
    await mkdir(join(state, folder, "partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  await writeFile(join(state, "sources.list"), DEBIAN_13);
  const option = (name: string, value: string): readonly string[] => ["-o", `${name}=${value}`];
  // Nothing counts as installed, so apt names every package that is needed.
  const here = [
    ...option("Dir::State::status", join(state, "status")),
    ...option("Dir::Cache", state),
    ...option("Debug::NoLocking", "true"),
  ];
  const lists = (name: string) => option("Dir::State::Lists", join(state, name));
  const debian13 = [
    ...option("Dir::Etc::SourceList", join(state, "sources.list")),
    ...option("Dir::Etc::SourceParts", "/dev/null"),
  ];
  const attempts = [
    { options: here, update: false, sources: "here" },
    { options: [...here, ...lists("own")], update: true, sources: "here" },
    { options: [...here, ...lists("debian-13"), ...debian13], update: true, sources: "Debian 13" },
  ].filter(({ sources }) => sources === "here" || wanted.tooOld !== undefined);
  const problems: string[] = [];
  let tooOld = false;
  for (const { options, update, sources } of attempts) {
    // Newer lists of the same sources would not change that.
    if (tooOld && sources === "here") continue;
    try {
      if (update) await run(guard, "apt-get", [...options, "update"]);
      const names = await neededPackages(guard, wanted, options);
      await run(guard, "apt-get", [...options, "download", ...names], into);
      return;
    } catch (error) {
      tooOld = error instanceof TooOld;
      problems.push((error as Error).message);
    }
  }
  throw new Error([...new Set(problems)].join("; "));
}

class TooOld extends Error {
  override readonly name = "TooOld";
}

async function neededPackages(
  guard: Guard,
  { choices, needed, tooOld }: DebianPackages,
  options: readonly string[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const packages of choices) {
    const plan = ["install", "--print-uris", "-y", "--no-install-recommends", ...packages];
    const printed = await run(guard, "apt-get", [...options, ...plan]).catch((error: Error) => {
      problems.push(error.message);
    });
    if (printed === undefined) continue;
    // 'http://…' libc6_2.36-9_amd64.deb 2759320 SHA256:…
    const files = [...printed.matchAll(/^'[^']+' (\S+)/gm)].map(([, file = ""]) => file);
    const unusable = files.find((file) => tooOld?.test(file));
    if (unusable !== undefined) throw new TooOld(`${unusable} is too old`);
    return files.map((file) => file.slice(0, file.indexOf("_"))).filter(needed);
  }
  throw new Error([...new Set(problems)].join("; "));
}

/** Resolves with what it printed. It ends with this process, however that ends. */
async function run(guard: Guard, command: string, args: readonly string[], cwd = guard.directory): Promise<string> {
  const logFile = join(guard.directory, `${command}.log`);
  await rm(logFile, { force: true });
  const env = { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  const child = await guard.start(command, args, { cwd, env, logFile });
  const { code } = await child.exited();
  if (code === 0) return readFile(logFile, "utf8");
  throw new Error(`${command}: ${(await readTail(logFile, 1)).trim() || `exit code ${code}`}`);
}

/** Links to `/…` lead into `root` afterwards: for programs that run where they were unpacked. */
export async function keepLinksInside(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true })) {
    const path = join(root, entry);
    if (!(await lstat(path)).isSymbolicLink()) continue;
    const target = await readlink(path);
    if (!target.startsWith("/")) continue;
    await rm(path);
    await symlink(relative(dirname(path), join(root, target)), path);
  }
}
