import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeWords } from "postal-mime";
import { phrase, unstructured, verbatim } from "#src/mail/header.js";
import { anyText } from "#test/support/any-text.js";

const afterColon = (line: string) => line.slice(line.indexOf(": ") + 2);
const decoded = (line: string) => decodeWords(afterColon(line).replace(/\r\n(?=[ \t])/g, ""));

test("plain text stays readable", () => {
  assert.equal(unstructured("Subject", "[Alert] freezer - 3 alerts"), "Subject: [Alert] freezer - 3 alerts");
});

test("long plain text is folded at its blanks, not encoded", () => {
  const text = `[Alert] ${"Freezer hall ".repeat(12)}- 3 alerts`;
  const line = unstructured("Subject", text);
  assert.doesNotMatch(line, /=\?/);
  assert.ok(line.split("\r\n").length >= 3);
  assert.equal(decoded(line), text);
});

test("text that a reader could change or misread is encoded", () => {
  for (const text of [" leading", "trailing ", "two  spaces", "=?UTF-8?B?eA==?=", "냉동고", "x".repeat(300)]) {
    const line = unstructured("X-Device", text);
    assert.match(line, /^X-Device: =\?UTF-8\?B\?/);
    assert.equal(decoded(line), text);
  }
});

test("what programs read is not encoded for its length alone, as long as a line may be", () => {
  const source = `${"plant-7.".repeat(30)}alerts/11/1234567890-1234567899`;
  assert.equal(verbatim("X-Source", source), `X-Source: ${source}`);
  for (const text of ["냉동고", "x".repeat(1_000), "=?UTF-8?B?eA==?=", "a\r\nb", "two  spaces"]) {
    assert.equal(verbatim("X-Device", text), unstructured("X-Device", text));
  }
});

test("control characters cannot end a header, they become U+FFFD", () => {
  const line = unstructured("Subject", "a\r\nBcc: evil@x.test\r\n\r\nbody\0\u0085");
  assert.ok(!/\r\n(?![ ])/.test(line));
  assert.equal(decoded(line), "a\ufffd\ufffdBcc: evil@x.test\ufffd\ufffd\ufffd\ufffdbody\ufffd\ufffd");
});

test("any text decodes back, in lines of at most 76 characters, each word whole", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is tested
  const controls = /[\x00-\x1f\x7f-\x9f]/g;
  fc.assert(
    fc.property(anyText({ maxLength: 400 }), (text) => {
      const line = unstructured("X-Alert-Digest-Device", text);
      assert.equal(decoded(line), text.replace(controls, "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd"));
      for (const part of line.split("\r\n")) {
        assert.ok(part.length <= 76, part);
        const word = /=\?UTF-8\?B\?(.*)\?=$/.exec(part)?.[1];
        if (word)
          assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(word, "base64")));
      }
    }),
  );
});

test("a display name is quoted, or encoded where it must be", () => {
  assert.equal(phrase('Alert "Digest" \\', 6), '"Alert \\"Digest\\" \\\\"');
  assert.match(phrase("알림", 6), /^=\?UTF-8\?B\?/);
  assert.match(phrase("a\r\nBcc: x", 6), /^=\?UTF-8\?B\?/);
});
