/** A machine without Java and Maven gets Debian's: unpacked into the user's cache, found again, and able to do what they are for. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { delimiter } from "node:path/posix";
import { after, before, describe, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { cacheRoot } from "#test/support/cache.js";
import {
  type DebianPackages,
  unpackedDirectory,
  unpackedPackages,
  whyNoPackages,
} from "#test/support/debian-packages.js";
import { findJava, findMaven } from "#test/support/java.js";
import { javaTrustStore, trustedAuthorities } from "#test/support/trust-store.js";

const run = promisify(execFile);

const set = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

/** Changed for one test, of this process only. */
const setFor = (t: TestContext, name: string, value: string | undefined): void => {
  const before = process.env[name];
  t.after(() => set(name, before));
  set(name, value);
};

describe("programs of Debian's packages", { skip: whyNoPackages() ?? false }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "alert-digest-unpacked-"));
    // Ahead of what is installed: what cannot be run counts as not there.
    for (const name of ["java", "mvn"]) await program(join(folder, name), "echo 'not here' >&2\nexit 127");
    // apt-get reads as a user of its own where it was started by root.
    await chmod(folder, 0o755);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const withoutJava = (t: TestContext): void => {
    setFor(t, "PATH", `${folder}${delimiter}${process.env["PATH"]}`);
    setFor(t, "JAVA_HOME", undefined);
  };
  const emptyCache = async (t: TestContext): Promise<void> => {
    const cache = join(folder, `cache ${t.name}`);
    await mkdir(cache);
    setFor(t, "XDG_CACHE_HOME", cache);
  };

  /** The fingerprints in a key store, as Java reads it. */
  const trustedBy = async (java: string, store: readonly string[]): Promise<ReadonlySet<string>> => {
    const { stdout } = await run(join(dirname(java), "keytool"), ["-list", ...store, "-storepass", "changeit"]);
    return new Set(stdout.match(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g));
  };

  test("Java is found where none can be run, and trusts authorities", async (t) => {
    withoutJava(t);
    const java = await findJava();
    assert.ok(java.startsWith(cacheRoot()), java);
    const { stderr } = await run(java, ["-version"]);
    assert.match(stderr, /version "(1[7-9]|[2-9]\d)/);
    assert.ok((await trustedBy(java, ["-cacerts"])).size > 50);
  });

  test("Java trusts every authority that this machine trusts, and no other", async (t) => {
    withoutJava(t);
    const java = await findJava();
    const authorities = trustedAuthorities();
    const store = join(folder, "cacerts");
    await writeFile(store, javaTrustStore(authorities));
    const wanted = new Set(authorities.map((pem) => new X509Certificate(pem).fingerprint256));
    assert.ok(wanted.size > 50, String(wanted.size));
    assert.deepEqual(await trustedBy(java, ["-keystore", store]), wanted);
  });

  test("Maven runs with that Java", async (t) => {
    withoutJava(t);
    const { command, env } = await findMaven();
    assert.ok(command.startsWith(cacheRoot()), command);
    const { stdout } = await run(command, ["--version"], { env });
    assert.match(stdout, /Apache Maven \d/);
    assert.ok(stdout.includes(cacheRoot()), stdout);
  });

  test("an installed Java that is new enough is taken", async (t) => {
    withoutJava(t);
    await emptyCache(t);
    const home = join(folder, "own java");
    await mkdir(join(home, "bin"), { recursive: true });
    const java = join(home, "bin", "java");
    for (const [version, isTaken] of [
      ["21.0.1", true],
      ["17", true],
      ["11.0.2", false],
      ["1.8.0_292", false],
    ] as const) {
      await program(java, `echo 'openjdk version "${version}"' >&2`);
      process.env["JAVA_HOME"] = home;
      // Asked to stop, it says so instead of fetching one.
      const found = await findJava(AbortSignal.abort(new Error("would fetch"))).catch((error: Error) => error.message);
      assert.equal(found, isTaken ? java : "would fetch", version);
    }
  });

  describe("from a source of packages", () => {
    let source: string;
    before(async () => {
      source = join(folder, "source");
      await mkdir(source);
      const index = [await deb(source, "first", "second"), await deb(source, "second")];
      await writeFile(join(source, "Packages"), index.join("\n"));
      await writeFile(join(source, "sources.list"), `deb [trusted=yes] file:${source} ./\n`);
      await writeFile(
        join(source, "apt.conf"),
        `Dir::Etc::SourceList "${join(source, "sources.list")}";\nDir::Etc::SourceParts "/dev/null";\n`,
      );
    });
    const small = (changes: Partial<DebianPackages>): DebianPackages => ({
      name: "small",
      revision: 1,
      title: "small package",
      choices: [["first"]],
      needed: (name) => name === "first",
      ...changes,
    });
    const useSource = async (t: TestContext): Promise<void> => {
      await emptyCache(t);
      setFor(t, "APT_CONFIG", join(source, "apt.conf"));
    };

    test("the first set that there is gets unpacked, what is needed of it, once, and nothing else stays", async (t) => {
      await useSource(t);
      const asked: string[] = [];
      const wanted = small({
        choices: [["nobody-has-it"], ["first"]],
        needed: (name) => {
          asked.push(name);
          return name === "first";
        },
        finish: (root) => writeFile(join(root, "finished"), ""),
      });
      const roots = await Promise.all([unpackedPackages(wanted), unpackedPackages(wanted)]);
      assert.deepEqual(roots, [unpackedDirectory(wanted), unpackedDirectory(wanted)]);
      assert.deepEqual(asked.toSorted(), ["first", "second"]);
      const root = unpackedDirectory(wanted);
      assert.deepEqual((await readdir(root)).toSorted(), ["finished", "opt"]);
      assert.deepEqual(await readdir(join(root, "opt")), ["first"]);
      assert.deepEqual(await readdir(cacheRoot()), ["small-1"]);
    });

    test("a package that nobody has is an error in one line, and leaves nothing", async (t) => {
      await useSource(t);
      const wanted = small({ choices: [["nobody-has-it"]] });
      await assert.rejects(unpackedPackages(wanted), { message: /^apt-get: .*nobody-has-it[^\n]*$/ });
      assert.deepEqual(await readdir(cacheRoot()), []);
    });

    test("a stop in the middle leaves nothing", async (t) => {
      await useSource(t);
      const stop = new AbortController();
      const finish = async (): Promise<void> => {
        stop.abort(new Error("stopped"));
        throw new Error("what it was doing failed");
      };
      await assert.rejects(unpackedPackages(small({ finish }), stop.signal), { message: "stopped" });
      assert.deepEqual(await readdir(cacheRoot()), []);
    });
  });
});

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** Makes a package with one file, `/opt/NAME`; resolves with its entry of the index. */
async function deb(source: string, name: string, depends?: string): Promise<string> {
  const tree = join(source, "trees", name);
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await mkdir(join(tree, "opt"));
  await writeFile(join(tree, "opt", name), name);
  const fields = [
    `Package: ${name}`,
    "Version: 1",
    "Architecture: all",
    "Maintainer: nobody <nobody@example.com>",
    "Description: for a test",
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
  ];
  await writeFile(join(tree, "DEBIAN", "control"), `${fields.join("\n")}\n`);
  const file = `${name}_1_all.deb`;
  // Whatever the umask: dpkg-deb refuses a control folder that others cannot read.
  await chmod(join(tree, "DEBIAN"), 0o755);
  await run("dpkg-deb", ["--build", "--root-owner-group", tree, join(source, file)]);
  const bytes = await readFile(join(source, file));
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `${[...fields, `Filename: ./${file}`, `Size: ${bytes.length}`, `SHA256: ${hash}`].join("\n")}\n`;
}
