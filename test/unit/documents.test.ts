/** What documents say, held against what there is. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { configurationPage } from "#test/documents/configuration.js";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

test("docs/configuration.md is what `npm run docs` writes", () => {
  assert.equal(text("docs/configuration.md"), configurationPage(), "run: npm run docs");
});

test("src/README.md names no file that is not there, none twice, and all of the large folders", () => {
  const map = text("src/README.md");
  const files = readdirSync(new URL("src/", root), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  let folder = "";
  const named: string[] = [];
  for (const line of map.split("\n")) {
    folder = /^## (\S+\/)$/.exec(line)?.[1] ?? folder;
    if (!line.startsWith("| `") || folder === "") continue;
    let within = "";
    for (const name of codes(line.split(" | ")[0] ?? "").filter((code) => code.endsWith(".ts"))) {
      // `browser/group.ts`, `verdict.ts`: the second one is in that folder, too.
      const path = new URL(folder + within + name, "file:///").pathname.slice(1);
      within = name.includes("/") && !name.startsWith("..") ? name.slice(0, name.lastIndexOf("/") + 1) : within;
      named.push(path);
    }
  }
  const exists = (path: string): boolean =>
    path.includes("*")
      ? files.some((file) => new RegExp(`^${path.replaceAll(".", "\\.").replace("*", ".*")}$`).test(file))
      : files.includes(path);
  assert.deepEqual(
    named.filter((path) => !exists(path)),
    [],
    "are not there",
  );
  assert.deepEqual(
    named.filter((path, index) => named.indexOf(path) < index),
    [],
    "are there twice",
  );
  const unnamed = files.filter(
    (file) => MAPPED.test(file) && !map.includes(`\`${file.slice(file.lastIndexOf("/") + 1)}\``),
  );
  assert.deepEqual(unnamed, [], "have no row");
});

/** Folders whose files each have a row. */
const MAPPED = /^(core|runtime|kafka|mail|routing|postgres)\/[^/]+$/;
