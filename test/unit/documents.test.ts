/** What the READMEs list, held against what there is. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { VARIABLES } from "#src/config/variables.js";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** Cells of the rows under a heading, up to the next one of its rank. */
const rowsUnder = (heading: string): string[][] =>
  (text("README.md").split(`\n${heading}\n`)[1] ?? "")
    .split(/\n#{1,2} /)[0]
    ?.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .slice(2)
        .split(" |")
        .map((cell) => cell.trim()),
    ) ?? [];

test("each variable has exactly one row in the README, with the default that --help shows", () => {
  const rows = rowsUnder("## Configuration");
  const listed = rows.flatMap(([names = ""]) => codes(names));
  assert.deepEqual(listed.toSorted(), VARIABLES.map(({ name }) => name).toSorted());
  for (const [names = "", defaults = ""] of rows) {
    // One for all of the row, or one for each; in words where it is none that could be given.
    const shown = codes(defaults).length > 0 ? codes(defaults) : [defaults];
    for (const [index, name] of codes(names).entries()) {
      const { fallback = "" } = VARIABLES.find((variable) => variable.name === name) ?? {};
      const said = shown[Math.min(index, shown.length - 1)] ?? "";
      if (fallback === "")
        assert.match(defaults, /^(|off|of `.*|address of `.*|`MAIL_\w+`|`alert-digest\.<.*>`)$/, name);
      else assert.equal(said, fallback, name);
    }
  }
});

test("README.md says which variables can be read from a file", () => {
  const [said = ""] = /Any `\*_PASSWORD`,.*?from a file/s.exec(text("README.md")) ?? [];
  const files = VARIABLES.filter(({ file }) => file).map(({ name }) => name);
  assert.ok(files.length >= 3);
  for (const name of files) assert.ok(name.endsWith("_PASSWORD") || said.includes(`\`${name}\``), name);
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
