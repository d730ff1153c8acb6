/** What documents say, held against what there is. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { configurationPage } from "#test/documents/configuration.js";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** A repository holds every version of a picture for ever. */
const PICTURE_BYTES_MAX = 200 * 1024;

test("docs/configuration.md is what `npm run docs` writes", () => {
  assert.equal(text("docs/configuration.md"), configurationPage(), "run: npm run docs");
});

test("src/README.md has each folder of src, and names no file that is not there", () => {
  const map = text("src/README.md");
  const named = new Set([...map.matchAll(/`([\w./-]+)`/g)].map(([, name = ""]) => name));
  const entries = readdirSync(new URL("src/", root), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`);
  assert.deepEqual(
    folders.filter((folder) => !named.has(folder)),
    [],
  );
  const files = [...named].filter((name) => /^[a-z-]+\/[\w./-]+\.ts$/.test(name));
  assert.deepEqual(
    files.filter((name) => !existsSync(new URL(name, root)) && !existsSync(new URL(`src/${name}`, root))),
    [],
  );
});

test("no picture of the documents is large", () => {
  const pictures = readdirSync(new URL("docs/images/", root)).filter((name) => name.endsWith(".png"));
  assert.ok(pictures.length > 0);
  const large = pictures.filter((name) => statSync(new URL(`docs/images/${name}`, root)).size > PICTURE_BYTES_MAX);
  assert.deepEqual(large, []);
});
