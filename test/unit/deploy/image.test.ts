import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** What the Dockerfile says, without building it; `npm run image` builds and runs it. */

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

const stages = new Map(
  text("Dockerfile")
    .split(/^(?=FROM )/m)
    .slice(1)
    .map((stage) => [/^FROM \S+ AS (\S+)/.exec(stage)?.[1] ?? "", stage]),
);
const final = ["product", "simulator"].map((name) => [name, stages.get(name) ?? ""] as const);

test("a plain build makes the product, and it has no build tools, tests or development dependencies of its own", () => {
  assert.equal([...stages.keys()].at(-1), "product");
  for (const [name, stage] of final) {
    assert.doesNotMatch(stage, /^RUN /m, name);
    assert.doesNotMatch(stage, /^COPY (?!--from=build)/m, name);
  }
  for (const build of ["build", "build-simulator"]) assert.match(stages.get(build) ?? "", /npm prune --omit=dev/);
  for (const [line] of [...stages.values()].join("\n").matchAll(/npm (ci|prune)[^&\n]*/g))
    assert.match(line, /--ignore-scripts/);
});

test("the images run unprivileged, stop by SIGTERM, and say whether they are healthy", () => {
  for (const [name, stage] of final) {
    assert.match(stage, /^USER node$/m, name);
    assert.match(stage, /^STOPSIGNAL SIGTERM$/m, name);
    assert.match(stage, /^HEALTHCHECK /m, name);
  }
  assert.match(stages.get("product") ?? "", /\/livez/);
});

test("the entry points are files that the build makes", () => {
  for (const [name, source, flags] of [
    ["product", "src/cli.ts", '"--max-semi-space-size=4", '],
    ["simulator", "tools/simulator/main.ts", ""],
  ] as const) {
    const compiled = source
      .replace(/^src/, "dist")
      .replace(/^tools/, "dist-tools")
      .replace(/ts$/, "js");
    assert.ok(existsSync(new URL(source, root)));
    assert.ok(stages.get(name)?.includes(`ENTRYPOINT ["node", ${flags}"${compiled}"]`), name);
  }
});

test("what the simulator imports is in its image", () => {
  const copied = [...(stages.get("simulator") ?? "").matchAll(/\/app\/dist-tools\/(\S+) /g)].map(
    ([, folder]) => folder,
  );
  const seen = new Set<string>();
  const follow = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    assert.ok(copied.includes(path.split("/")[0]), path);
    const source = text(`tools/${path.replace(/\.js$/, ".ts")}`);
    for (const [, what = "", from = ""] of source.matchAll(/^import (type )?.*? ?from "([^"]+)";$/gm)) {
      assert.ok(what !== "" || !from.startsWith("#src"), `${path} imports ${from}`);
      if (from.startsWith(".") && what === "") follow(new URL(from, `file:///${path}`).pathname.slice(1));
    }
  };
  follow("simulator/main.js");
  assert.ok(seen.size > 5);
});

test("what a build copies, and nothing else, is sent to it", () => {
  const sent = (text(".dockerignore").match(/^!(.+)$/gm) ?? []).map((line) => line.slice(1));
  const copied = new Set<string>();
  for (const [, sources = ""] of text("Dockerfile").matchAll(/^COPY (?!--)(.+) \S+$/gm)) {
    for (const path of sources.split(" ")) copied.add(path);
  }
  assert.deepEqual([...copied].sort(), sent.sort());
  for (const path of sent) assert.ok(existsSync(new URL(path, root)), path);
});
