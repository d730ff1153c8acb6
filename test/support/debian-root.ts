/**
 * Programs of Debian packages that cannot be installed here: they conflict with each other, or would change this machine. They and
 * every library they need are unpacked, once, into a directory of the user's cache; a program runs with a copy of it as its root
 * (`chroot`), so that its configuration, its users and its spool are its own and none of this machine's.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpackedPackages, whyNoPackages } from "./debian-packages.js";
import type { Guard } from "./guard.js";

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
  const why = whyNoPackages();
  return why && `the servers come as Debian packages, and ${why}`;
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

/** Rejects with what apt-get or dpkg-deb said. */
const debianRoot = (name: ServerPackage): Promise<string> =>
  unpackedPackages({
    name,
    revision: CACHE_REVISION,
    title: `${name} and its libraries`,
    choices: [PACKAGES[name]],
    needed: (one) => NEEDED.test(one) && !(name === "spamassassin" ? NOT_NEEDED_BESIDE_PERL : NOT_NEEDED).test(one),
    tooOld: UNUSABLE,
    finish: async (root) => {
      // From Debian 13 on a package of its own makes these.
      for (const folder of ["lib", "lib64", "bin", "sbin"]) {
        if (!existsSync(join(root, folder))) await symlink(`usr/${folder}`, join(root, folder));
      }
      await symlink("dash", join(root, "bin", "sh")).catch(() => {});
      await rm(join(root, "usr", "share", "doc"), { recursive: true, force: true });
    },
  });
