import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { decodeWords } from "postal-mime";
import { contentBytesIn, filePart as filePartSteps, type MimeEntity, multipart, textPart } from "#src/mail/mime.js";
import { atOnce } from "#src/runtime/steps.js";
import { anyText } from "#test/support/any-text.js";

const filePart = (...asked: Parameters<typeof filePartSteps>) => atOnce(filePartSteps(...asked));

const message = ({ headers, body }: MimeEntity): Buffer =>
  Buffer.from(["MIME-Version: 1.0", ...headers, "", body].join("\r\n"), "latin1");

const withFile = (filename: string, content: Buffer): MimeEntity =>
  multipart("mixed", "=_mixed_abc", [
    multipart("alternative", "=_abc", [textPart("text/plain", "안녕"), textPart("text/html", "<p>안녕</p>")]),
    filePart("text/csv; charset=utf-8", filename, content),
  ]);

/** What an independent parser gets. */
async function parsed(filename: string, content: Buffer) {
  const email = await PostalMime.parse(message(withFile(filename, content)));
  const [file, ...others] = email.attachments;
  assert.ok(file);
  assert.equal(others.length, 0);
  return { email, file, bytes: Buffer.from(file.content as ArrayBuffer) };
}

test("two bodies and a file come out as they went in", async () => {
  const content = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 256));
  const { email, file, bytes } = await parsed("alerts-freezer-3.csv", content);
  assert.equal(email.text?.trim(), "안녕");
  assert.equal(email.html?.trim(), "<p>안녕</p>");
  assert.deepEqual(
    [file.filename, file.mimeType, file.disposition],
    ["alerts-freezer-3.csv", "text/csv", "attachment"],
  );
  assert.ok(bytes.equals(content));
});

for (const filename of [
  "a.csv",
  "냉동고.csv",
  `${"부산 냉동고 ".repeat(20)}.csv`,
  `${"x".repeat(200)}.csv`,
  'a"b\\c;d=e.csv',
  "a%20b'c*d.csv",
  "😀.csv",
]) {
  test(`the file name ${JSON.stringify(filename.slice(0, 20))} of ${filename.length} characters is read as it was`, async () => {
    const { file } = await parsed(filename, Buffer.from("x"));
    assert.equal(file.filename, filename);
  });
}

test("no line is longer than RFC 5322 recommends, all is ASCII, whatever name and content are", () => {
  fc.assert(
    fc.property(anyText({ minLength: 1, maxLength: 256 }), fc.uint8Array({ maxLength: 500 }), (name, content) => {
      const text = message(withFile(name, Buffer.from(content))).toString("latin1");
      for (const line of text.split("\r\n")) assert.match(line, /^[\t\x20-\x7e]{0,78}$/);
    }),
  );
});

test("what fits into a number of octets does, and is not far from it", () => {
  for (let octets = 0; octets < 2_000; octets++) {
    const bytes = contentBytesIn(octets);
    const { body } = filePart("text/csv", "a.csv", Buffer.alloc(bytes));
    assert.ok(body.length <= octets, `${bytes} bytes take ${body.length} of ${octets}`);
    assert.ok(filePart("text/csv", "a.csv", Buffer.alloc(bytes + 58)).body.length > octets);
  }
});

test("a program that does not know RFC 2231 reads the name as encoded words, one that does as it was", async () => {
  for (const filename of ["냉동고.csv", `${"부산 냉동고 ".repeat(20)}.csv`]) {
    const { headers } = filePart("text/csv; charset=utf-8", filename, Buffer.from("x"));
    const [type = "", disposition = ""] = headers.map((line) => line.replaceAll("\r\n", ""));
    const word = / name="([^"]*)"$/.exec(type)?.[1];
    assert.equal(decodeWords(word ?? ""), filename);
    assert.match(disposition, /^Content-Disposition: attachment; filename\*(0\*)?=UTF-8''/);
    const onlyType = headers.map((line) => line.replace(/^(Content-Disposition: attachment).*$/s, "$1"));
    const { attachments } = await PostalMime.parse(
      message(multipart("mixed", "=_mixed_abc", [textPart("text/plain", "x"), { headers: onlyType, body: "eA==" }])),
    );
    assert.equal(attachments[0]?.filename, filename);
  }
});
