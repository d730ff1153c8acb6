/** The npm package: what the program and its users need, and nothing else. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

test("the package has the compiled program, what comes with it, and the first documents", {
  skip: npm === undefined,
}, () => {
  const args = [npm ?? "", "pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const out = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(out) as [{ files: readonly { path: string }[] }];
  const expected = [
    ...under("dist").filter((file) => !/\.(d\.ts|map)$/.test(file)),
    ...["migrations", "templates", "schemas", "examples", "deploy/systemd"].flatMap(under),
    ...["package.json", "LICENSE", "README.md", "README.ko.md", "CHANGELOG.md"],
  ];
  assert.deepEqual(files.map(({ path }) => path).toSorted(), expected.toSorted());
  for (const path of Object.values(manifest.bin)) assert.ok(expected.includes(path.replace("./", "")), path);
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
  assert.equal(manifest.scripts["prepack"], "node test/support/prepare.mjs");
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
