/**
 * Programs of Debian packages that cannot be installed here: they conflict with each other, or would change this machine. They and
 * every library they need are unpacked, once, into a directory of the user's cache; a program runs with a copy of it as its root
 * (`chroot`), so that its configuration, its users and its spool are its own and none of this machine's.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "./cache.js";
import { type Guard, startGuard } from "./guard.js";

/** Counts up when what is unpacked changes. */
const CACHE_REVISION = 1;

export type ServerPackage = "postfix" | "opensmtpd" | "exim" | "sendmail" | "chasquid" | "rspamd" | "spamassassin";
const PACKAGES: Readonly<Record<ServerPackage, readonly string[]>> = {
  postfix: ["postfix", "libsasl2-modules", "libsasl2-modules-db", "sasl2-bin", "dash"],
  opensmtpd: ["opensmtpd", "dash"],
  exim: ["exim4-daemon-light", "dash"],
  sendmail: ["sendmail-bin", "sendmail-cf", "procmail", "m4", "dash"],
  chasquid: ["chasquid", "procmail", "dash"],
  rspamd: ["rspamd", "dash"],
  spamassassin: ["spamassassin", "spamd", "dash"],
};
/** 6.8 cannot do TLS with OpenSSL 3 ("missing private key"), and Debian 12 has both; Debian 13 has 7.6. */
const UNUSABLE = /^opensmtpd_6\./;
const DEBIAN_13 =
  "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n";
/** Programs, and libraries but for those of what is not run: of the many packages that only installing needs, none. */
const NEEDED =
  /^(lib[a-z0-9.+-]+|zlib1g|netbase|dash|postfix|sasl2-bin|opensmtpd|exim4-(base|daemon-light)|sendmail-(base|bin|cf)|procmail|m4|chasquid|rspamd|spamassassin|spamd|perl.*)$/;
const NOT_NEEDED = /perl|libjs|semanage|sepol|pam-modules|gdbm/;
/** The same for what is written in Perl. */
const NOT_NEEDED_BESIDE_PERL = /semanage|sepol|pam-modules/;
/** User and group that mailboxes belong to. */
export const MAILBOX_OWNER = 47_105;
const COMMAND_TIMEOUT_MS = 120_000;

const execute = promisify(execFile);

/** Why no such root can be had on this machine, as one sentence; undefined when it can. */
export function whyNoDebianRoot(): string | undefined {
  if (process.getuid?.() !== 0) return "chroot and mail servers need root, and this user is not root";
  const missing = ["/usr/bin/apt-get", "/usr/bin/dpkg-deb"].find((program) => !existsSync(program));
  return missing === undefined ? undefined : `the servers come as Debian packages, and there is no ${missing} here`;
}

/** Users and groups of a root, one number each for both; none that a user of this machine is likely to have. */
const USERS = {
  postfix: 47_101,
  postdrop: 47_102,
  opensmtpd: 47_103,
  opensmtpq: 47_104,
  vmail: MAILBOX_OWNER,
  "Debian-exim": 47_106,
  smmta: 47_107,
  smmsp: 47_108,
  chasquid: 47_109,
  _rspamd: 47_110,
  "debian-spamd": 47_111,
  mail: 47_112,
  nobody: 65_534,
};

export interface Jail {
  /** The root, seen from outside. */
  readonly root: string;
  /** A path inside, seen from outside. */
  path(inside: string): string;
  write(inside: string, content: string, mode?: number): Promise<void>;
  directory(inside: string, owner: keyof typeof USERS | "root", mode: number): Promise<void>;
  /** Runs a program to its end. Rejects when it fails. */
  run(program: string, ...args: string[]): Promise<void>;
  /** Nothing happens where there is no such file. */
  remove(inside: string): Promise<void>;
  owner(inside: string, user: keyof typeof USERS): Promise<void>;
  /** Kills, one by one, every process whose root this is: a server's children may outlive it. */
  killAll(): Promise<void>;
}

/** A root in `guard.directory`, which must be in the cache: files that nobody changes are shared with it by hard links. */
export async function createJail(guard: Guard, name: ServerPackage): Promise<Jail> {
  const template = await debianRoot(name);
  const root = join(guard.directory, "root");
  await execute("cp", ["-al", template, root]);
  const inside = (path: string): string => join(root, path);
  const run = async (program: string, args: readonly string[]): Promise<void> => {
    await execute(program, [...args], { timeout: COMMAND_TIMEOUT_MS });
  };
  const jail: Jail = {
    root,
    path: inside,
    async write(path, content, mode = 0o644) {
      // Never into a file that is shared with the template.
      await rm(inside(path), { force: true });
      await writeFile(inside(path), content, { mode });
      await chmod(inside(path), mode);
    },
    async directory(path, owner, mode) {
      await mkdir(inside(path), { recursive: true });
      if (owner !== "root") await jail.owner(path, owner);
      await chmod(inside(path), mode);
    },
    remove: (path) => rm(inside(path), { force: true }),
    run: (program, ...args) => run("chroot", [root, program, ...args]),
    async killAll() {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
        // Others may end meanwhile.
        const its = await readlink(`/proc/${pid}/root`).catch(() => "");
        if (its !== root) continue;
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone by itself.
        }
      }
    },
    owner: (path, user) => run("chown", [`${USERS[user]}:${USERS[user]}`, inside(path)]),
  };
  for (const path of ["dev", "run", "var/log", "var/empty"]) await jail.directory(path, "root", 0o755);
  await jail.directory("tmp", "root", 0o1777);
  await jail.directory("var/vmail", "vmail", 0o755);
  await symlink("../run", inside("var/run")).catch(() => {});
  await run("mknod", ["-m", "666", inside("dev/null"), "c", "1", "3"]);
  await run("mknod", ["-m", "666", inside("dev/urandom"), "c", "1", "9"]);
  const entries = Object.entries({ root: 0, ...USERS });
  await jail.write(
    "etc/passwd",
    entries
      .map(([name, id]) => `${name}:x:${id}:${id}::${id === USERS.vmail ? "/var/vmail" : "/var/empty"}:/bin/sh\n`)
      .join(""),
  );
  await jail.write("etc/group", entries.map(([name, id]) => `${name}:x:${id}:\n`).join(""));
  await jail.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
  await jail.write("etc/hosts", "127.0.0.1 localhost mail.test\n");
  // No name server: whatever goes wrong, no name outside is found.
  await jail.write("etc/resolv.conf", "");
  return jail;
}

/** One process fetches each once. */
const fetched = new Map<ServerPackage, Promise<string>>();

/** Rejects with what apt-get or dpkg-deb said. */
function debianRoot(name: ServerPackage): Promise<string> {
  const directory = join(cacheRoot(), `${name}-${CACHE_REVISION}`);
  const root =
    fetched.get(name) ?? (existsSync(directory) ? Promise.resolve() : fetchRoot(name, directory)).then(() => directory);
  fetched.set(name, root);
  return root;
}

/** It appears under its final name only when complete: two processes may fetch at once, an interrupted one leaves nothing. */
async function fetchRoot(name: ServerPackage, directory: string): Promise<void> {
  await mkdir(cacheRoot(), { recursive: true });
  const guard = await startGuard(`${name}-packages`, cacheRoot());
  try {
    process.stderr.write(`fetching Debian's ${name} and its libraries into ${directory}, once\n`);
    const debs = join(guard.directory, "debs");
    const root = join(guard.directory, "unpacked");
    for (const path of [debs, root]) await mkdir(path);
    await download(PACKAGES[name], guard.directory, debs);
    for (const deb of await readdir(debs)) await execute("dpkg-deb", ["-x", join(debs, deb), root]);
    // From Debian 13 on a package of its own makes these.
    for (const folder of ["lib", "lib64", "bin", "sbin"]) {
      if (!existsSync(join(root, folder))) await symlink(`usr/${folder}`, join(root, folder));
    }
    await symlink("dash", join(root, "bin", "sh")).catch(() => {});
    await rm(join(root, "usr", "share", "doc"), { recursive: true, force: true });
    await rename(root, directory).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its programs are the same.
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await guard.close();
  }
}

/** From the sources of this machine; where it never ran `apt-get update` with lists of our own; else from Debian 13. */
async function download(packages: readonly string[], directory: string, into: string): Promise<void> {
  const state = join(directory, "apt");
  for (const folder of ["archives", "own", "debian-13"])
    await mkdir(join(state, folder, "partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  await writeFile(join(state, "sources.list"), DEBIAN_13);
  const option = (name: string, value: string): readonly string[] => ["-o", `${name}=${value}`];
  // Nothing counts as installed, so apt names every library that is needed.
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
  ];
  const problems: string[] = [];
  let tooOld = false;
  for (const { options, update, sources } of attempts) {
    // Newer lists of the same sources would not change that.
    if (tooOld && sources === "here") continue;
    try {
      if (update) await apt(into, ...options, "update");
      const names = await needed(packages, into, options);
      await apt(into, ...options, "download", ...names);
      return;
    } catch (error) {
      tooOld = error instanceof TooOld;
      problems.push((error as Error).message.trim());
    }
  }
  throw new Error(`${packages[0]} cannot be had: ${problems.join("\n")}`);
}

class TooOld extends Error {
  override readonly name = "TooOld";
}

async function needed(
  packages: readonly string[],
  cwd: string,
  options: readonly string[],
): Promise<readonly string[]> {
  const plan = await apt(cwd, ...options, "install", "--print-uris", "-y", "--no-install-recommends", ...packages);
  // 'http://…' libc6_2.36-9_amd64.deb 2759320 SHA256:…
  const files = [...plan.matchAll(/^'[^']+' (\S+)/gm)].map(([, file = ""]) => file);
  const unusable = files.find((file) => UNUSABLE.test(file));
  if (unusable !== undefined) throw new TooOld(`${unusable} is too old`);
  return files
    .map((file) => file.slice(0, file.indexOf("_")))
    .filter(
      (name) =>
        NEEDED.test(name) && !(packages.includes("spamassassin") ? NOT_NEEDED_BESIDE_PERL : NOT_NEEDED).test(name),
    );
}

async function apt(cwd: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  const options = { cwd, env, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
  return (await execute("apt-get", args, options)).stdout;
}
