import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanLine, escapeHtml } from "#src/mail/clean.js";

test("line breaks and control characters become spaces, text direction marks are dropped", () => {
  assert.equal(cleanLine("a\r\nb\u2028c\u0000d\u0085e", 99), "a  b c d e");
  assert.equal(cleanLine("\u202egnp.exe\u2066 x\u2069", 99), "gnp.exe x");
  assert.equal(cleanLine("x\ufffey\uffffz", 99), "x y z");
  assert.equal(cleanLine("\t 온도 높음 \n", 99), "온도 높음");
});

test("long text is cut with a mark, never through a character", () => {
  assert.equal(cleanLine("abcdef", 6), "abcdef");
  assert.equal(
    cleanLine("abcdefg", 6, (length) => ` [${length}]`),
    "abcdef [7]",
  );
  assert.equal(cleanLine("ab😀cd", 3), "ab…");
});

test("what is decomposed, as macOS writes names, is composed again, and its length is that of what is seen", () => {
  for (const name of ["부산 2공장 냉동고 1호기", "Café Zürich", "ガス"]) {
    assert.equal(cleanLine(name.normalize("NFD"), name.length), name);
    assert.equal(cleanLine(`${name.normalize("NFD")}!`, name.length), `${name}…`);
  }
  assert.equal(cleanLine(`\u202e${"각".normalize("NFD").repeat(2_000)}`, 5), "각각각각각…");
});

test("HTML is escaped", () => {
  assert.equal(escapeHtml(`<a href="x" b='y'>&`), "&lt;a href=&#34;x&#34; b=&#39;y&#39;&gt;&amp;");
});
