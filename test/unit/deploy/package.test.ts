/** The npm package: what the program and its users need, and nothing else. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { npmScript } from "#test/support/npm.js";

const root = new URL("../../../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly keywords: readonly string[];
};

const npm = npmScript();

const under = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      `${entry.parentPath ?? entry.path}/${entry.name}`.slice(fileURLToPath(root).length).replaceAll("\\", "/"),
    );

const SHIPPED_FOLDERS = ["migrations", "templates", "schemas", "examples", "deploy/systemd", "docs", "grafana"];
const SHIPPED_FILES = ["package.json", "LICENSE", "README.md", "README.ko.md", "CHANGELOG.md", "SECURITY.md"];

test("the package has the compiled program, what comes with it, and the documents", { skip: npm === undefined }, () => {
  const args = [npm ?? "", "pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const out = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(out) as [{ files: readonly { path: string }[] }];
  const expected = [
    ...under("dist").filter((file) => !/\.(d\.ts|map)$/.test(file)),
    ...SHIPPED_FOLDERS.flatMap(under),
    ...SHIPPED_FILES,
  ];
  assert.deepEqual(files.map(({ path }) => path).toSorted(), expected.toSorted());
  for (const path of Object.values(manifest.bin)) assert.ok(expected.includes(path.replace("./", "")), path);
});

test("what a document of the package links to is in the package, or for whoever builds it", () => {
  const shipped = new Set([...SHIPPED_FOLDERS.flatMap(under), ...SHIPPED_FILES]);
  const isThere = (path: string) => shipped.has(path) || [...shipped].some((file) => file.startsWith(`${path}/`));
  const FOR_BUILDERS = /^(CONTRIBUTING\.md|src\/.*|test\/.*)$/;
  const links = [...shipped]
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      [...readFileSync(new URL(file, root), "utf8").matchAll(/\]\(([^)#\s]+)|(?:src|href)="([^"#]+)/g)]
        .map(([, link, attribute]) => link ?? attribute ?? "")
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => ({ file, path: posix.join(posix.dirname(file), link).replace(/\/$/, "") })),
    );
  assert.ok(links.length > 100);
  assert.deepEqual(
    links.filter(({ path }) => !isThere(path) && !FOR_BUILDERS.test(path)),
    [],
  );
});

test("the public workflow runs what a developer runs", () => {
  const workflow = parse(readFileSync(new URL(".github/workflows/ci.yml", root), "utf8")) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
  };
  const commands = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  assert.deepEqual(commands, [".ci/run"]);
});

test("scripts need no shell of Unix: they run on Windows, too", () => {
  for (const [name, script] of Object.entries(manifest.scripts)) {
    assert.match(script, /^(node|tsc|biome) /, name);
    assert.doesNotMatch(script, /[$;|<>`']|\bexec\b/, name);
  }
  assert.ok(manifest.keywords.length > 0);
});

test("npm pack makes a fresh clone ready itself, and packs nothing of sources that are gone", () => {
  assert.equal(manifest.scripts["prepack"], "node test/support/prepare.mjs tools/revision.mjs write");
  assert.equal(manifest.scripts["postpack"], "node tools/revision.mjs remove");
});

test("a packed program knows the commit that it was made of, and a source without a history none", (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "alert-digest-revision-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["clone/tools", "clone/dist"]) mkdirSync(join(folder, name), { recursive: true });
  const clone = join(folder, "clone");
  cpSync(new URL("tools/revision.mjs", root), join(clone, "tools/revision.mjs"));
  writeFileSync(join(clone, ".gitignore"), "dist/");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.test", ...args], { cwd: folder, encoding: "utf8" });
  const written = (): string | undefined => {
    execFileSync(process.execPath, [join(clone, "tools/revision.mjs"), "write"], { cwd: folder });
    const file = join(clone, "dist/revision");
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  };
  git("init", "-q");
  assert.equal(written(), undefined, "no commit yet");
  git("add", ".");
  git("commit", "-qm", "one");
  assert.equal(written(), undefined, "a folder of another's history");
  rmSync(join(folder, ".git"), { recursive: true });
  git("init", "-q", "clone");
  git("-C", "clone", "add", ".");
  git("-C", "clone", "commit", "-qm", "one");
  const commit = git("-C", "clone", "rev-parse", "HEAD").trim();
  assert.equal(written(), commit);
  writeFileSync(join(clone, ".gitignore"), "dist/\n");
  assert.equal(written(), `${commit}-dirty`);
  execFileSync(process.execPath, [join(clone, "tools/revision.mjs"), "remove"], { cwd: folder });
  assert.equal(existsSync(join(clone, "dist/revision")), false);
});

test("whatever is installed is checked against the lock file's checksum of it", () => {
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const unchecked = Object.entries(packages).filter(([path, { integrity }]) => path !== "" && integrity === undefined);
  assert.deepEqual(
    unchecked.map(([path]) => path),
    [],
  );
});
