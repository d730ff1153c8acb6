/** The runbooks in Korean are those in English: a page each, the same headings and points, and in each point the same commands, metrics, log lines and links. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Block, blocksOf, cellsOf, linksOf } from "#test/support/markdown.js";

const RUNBOOKS = new URL("../../docs/runbooks/", import.meta.url);
const pages = (folder: string): string[] =>
  readdirSync(new URL(folder, RUNBOOKS))
    .filter((name) => name.endsWith(".md"))
    .sort();
const english = (name: string): Block[] => blocksOf(readFileSync(new URL(name, RUNBOOKS), "utf8"));
const korean = (name: string): Block[] => blocksOf(readFileSync(new URL(`ko/${name}`, RUNBOOKS), "utf8"));

const HEADINGS: Readonly<Record<string, string>> = {
  "Look at": "확인할 것",
  Do: "조치",
  "When it is harmless": "문제가 아닌 경우",
};

/** What the words of a point are about, sorted: a language may name it in another order. */
const codeIn = (text: string): readonly string[] => (text.match(/`[^`]+`/g) ?? []).sort();
const boardsIn = (text: string): readonly string[] => (text.replaceAll("**", "").match(/\*[A-Z][^*]+\*/g) ?? []).sort();

test("each runbook is there in Korean, and no other", () => {
  assert.deepEqual(pages("ko/"), pages("./"));
});

for (const name of pages("./").filter((page) => page !== "README.md"))
  test(`${name}: headings, points, code and links are the same in Korean`, () => {
    const [ours, theirs] = [korean(name), english(name)];
    assert.deepEqual(
      ours.map(({ kind, level, text }) => [kind, kind === "heading" ? text : level]),
      theirs.map(({ kind, level, text }) => [kind, kind === "heading" ? (HEADINGS[text] ?? text) : level]),
    );
    ours.forEach(({ text, line }, index) => {
      const other = theirs[index]?.text ?? "";
      const where = `ko/${name}:${line}`;
      assert.deepEqual(codeIn(text), codeIn(other), where);
      assert.deepEqual(boardsIn(text), boardsIn(other), where);
      assert.deepEqual(
        linksOf(text)
          .map((link) => link.replace("../../", "../"))
          .sort(),
        linksOf(other).sort(),
        where,
      );
      if (text !== other && /[a-z]{3}/.test(other.replace(/`[^`]*`/g, ""))) assert.match(text, /[가-힣]/, where);
    });
  });

test("the list names the same alerts with the same severities", () => {
  const rowsOf = (blocks: readonly Block[]) =>
    blocks
      .filter(({ kind }) => kind === "table")
      .flatMap(({ text }) => cellsOf(text).slice(1))
      .map(([name, , severity]) => [name, severity]);
  assert.deepEqual(rowsOf(korean("README.md")), rowsOf(english("README.md")));
});
