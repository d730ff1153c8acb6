/** The documents are read by people in a hurry: short pages, short sentences, and nothing in them that leads nowhere. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { anchorsOf, blocksOf, cellsOf, linksOf, sentencesOf, wordsOf } from "#test/support/markdown.js";

const root = new URL("../../", import.meta.url);
const README_LINES = 150;
const PROSE_LINES = 200;
const SENTENCE_WORDS = 35;
const FOLDERS = ["docs", "src", "grafana", "findings", "deploy", "examples"];

const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const under = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true }).map(
    (name) => `${folder}/${String(name).replaceAll("\\", "/")}`,
  );

const documents = [...readdirSync(root).map(String), ...FOLDERS.flatMap(under)].filter((path) => path.endsWith(".md"));
const testFiles = under("test");

/** Lists of the tests that hold what was said: a dash, then names between dots. They are no sentences. */
const TESTS = /(?:^|(?<=[.:)] ))— .*$/s;

test(`README.md has at most ${README_LINES} lines`, () => {
  assert.ok(text("README.md").trimEnd().split("\n").length <= README_LINES);
});

test(`a page has at most ${PROSE_LINES} lines of prose, beside tables and code`, () => {
  for (const path of documents) {
    const page = text(path);
    const apart = blocksOf(page).filter(({ kind }) => kind === "table" || kind === "code");
    const lines = page.split("\n").filter((line) => line.trim() !== "").length;
    const prose =
      lines - apart.reduce((sum, block) => sum + block.text.split("\n").length + (block.kind === "code" ? 1 : 0), 0);
    assert.ok(prose <= PROSE_LINES, `${path}: ${prose}`);
  }
});

test(`no sentence has more than ${SENTENCE_WORDS} words`, () => {
  const long: string[] = [];
  for (const path of documents) {
    for (const block of blocksOf(text(path))) {
      if (block.kind === "code" || block.kind === "marks") continue;
      const pieces = block.kind === "table" ? cellsOf(block.text).flat() : [block.text.replace(TESTS, "")];
      for (const sentence of pieces.flatMap(sentencesOf)) {
        const { length } = wordsOf(sentence);
        if (length > SENTENCE_WORDS) long.push(`${path}:${block.line}: ${length} words: ${sentence}`);
      }
    }
  }
  assert.deepEqual(long, []);
});

/** What two languages of one document have in common: everything but the words. */
const structureOf = (path: string) => {
  const page = text(path);
  const blocks = blocksOf(page);
  const same = (link: string): string =>
    link
      .replace("README.ko.md", "README.md")
      .replace("live-page-ko", "live-page-en")
      .replace("runbooks/ko/", "runbooks/");
  return {
    order: blocks.map(({ kind, level }) => `${kind}${level || ""}`),
    code: blocks.filter(({ kind }) => kind === "code").map((block) => block.text),
    rows: blocks.filter(({ kind }) => kind === "table").map((block) => cellsOf(block.text).map((row) => row.length)),
    links: linksOf(page).map(same).toSorted(),
    variables: [...new Set(page.match(/`[A-Z]+(_[A-Z]+)+[^`]*`/g))].toSorted(),
  };
};

test("README.ko.md has the structure of README.md: headings, lists, tables, code and links", () => {
  assert.deepEqual(structureOf("README.ko.md"), structureOf("README.md"));
});

test("every link and picture leads to a file, and every anchor to a heading", () => {
  const broken: string[] = [];
  for (const path of documents) {
    for (const link of linksOf(text(path))) {
      if (/^(https?|mailto):/.test(link)) continue;
      const [target = "", anchor] = link.split("#");
      const url = target === "" ? new URL(path, root) : new URL(target, new URL(path, root));
      const leads =
        existsSync(url) && (anchor === undefined || anchorsOf(readFileSync(url, "utf8")).has(decodeURI(anchor)));
      if (!leads) broken.push(`${path}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("every page of docs can be reached from README.md", () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path) || !path.endsWith(".md") || !existsSync(new URL(path, root))) return;
    reached.add(path);
    for (const link of linksOf(text(path))) {
      const [target = ""] = link.split("#");
      if (target !== "" && !/^\w+:/.test(target))
        visit(fileURLToPath(new URL(target, new URL(path, root))).slice(fileURLToPath(root).length));
    }
  };
  visit("README.md");
  assert.deepEqual(
    documents.filter((path) => path.startsWith("docs/") && !reached.has(path)),
    [],
  );
});

test("every path of this repository that a document names exists", () => {
  const missing: string[] = [];
  for (const path of documents) {
    for (const { kind, text: block } of blocksOf(text(path))) {
      if (kind === "code") continue;
      for (const [, name = ""] of block.matchAll(
        /`((?:test|src|docs|grafana|deploy|examples|schemas|templates|migrations|findings)\/[\w./-]+)`/g,
      ))
        if (!existsSync(new URL(name, root))) missing.push(`${path}: ${name}`);
    }
  }
  assert.deepEqual(missing, []);
});

/** Where `name` is a test: `units` of a list, else an integration test or a long one; a name that ends in `/` is a folder of tests. */
const filesNamed = (name: string, isUnit: boolean): string[] => {
  // Its titles are the claims of the weathers.
  if (name === "simulation") return testFiles.filter((file) => /^test\/simulation\/[^/]+\.ts$/.test(file));
  if (name === "property") return ["test/volume/core/partition.property.test.ts"];
  const folders = isUnit ? ["test/unit/", "test/volume/"] : ["test/integration/", "test/long/"];
  return testFiles.filter((file) => {
    const folder = folders.find((start) => file.startsWith(start));
    if (folder === undefined) return false;
    if (file === `${folder}${name.replace(/\/$/, "")}`) return statSync(new URL(file, root)).isDirectory();
    return `/${file.slice(folder.length)}`.endsWith(`/${name}.test.ts`);
  });
};

const pattern = (title: string): RegExp =>
  new RegExp(
    title
      .split(/\s*…\s*/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\s+/g, "\\s+"))
      .join("[^]*"),
  );

test("every test that a document names exists, with the title that it quotes", () => {
  const missing: string[] = [];
  let named = 0;
  for (const path of documents.filter((name) => name.startsWith("docs/"))) {
    for (const { kind, text: block, line } of blocksOf(text(path))) {
      const [list] = kind === "text" ? (TESTS.exec(block) ?? []) : [];
      for (const item of (list ?? "")
        .replace(/^— /, "")
        .replaceAll(/\([^)]*\)/g, "")
        .split(" · ")
        .filter(Boolean)) {
        const isUnit = /^unit\b/.test(item.trim());
        const titles = [...item.matchAll(/\*([^*]+)\*/g)].map(([, title = ""]) => title);
        const names = (isUnit ? item.replace(/^\s*unit:?/, "") : item.replace(/:.*$/s, ""))
          .split(",")
          .map((name) => name.trim());
        for (const name of names.filter(Boolean)) {
          named++;
          const files = filesNamed(name, isUnit);
          if (files.length === 0) missing.push(`${path}:${line}: ${name}`);
          for (const title of titles)
            if (!files.some((file) => file.endsWith(".ts") && pattern(title).test(text(file))))
              missing.push(`${path}:${line}: ${name}: ${title}`);
        }
      }
    }
  }
  assert.ok(named > 50, String(named));
  assert.deepEqual(missing, []);
});
