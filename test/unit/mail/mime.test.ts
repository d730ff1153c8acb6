import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { decodeWords } from "postal-mime";
import {
  contentBytesIn,
  decodeText,
  encodeText,
  filePart as filePartSteps,
  type MimeEntity,
  multipart,
  phrase,
  textPart,
  unstructured,
  verbatim,
} from "#src/mail/mime.js";
import { createRenderer } from "#src/mail/render.js";
import { atOnce } from "#src/runtime/turns.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { digest } from "./digest.js";

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

test("a name that is too long to be quoted is encoded: a comma in it would make two addresses of one", () => {
  for (let length = 60; length <= 80; length++)
    assert.match(
      phrase(`Alerts, ${"x".repeat(length - 8)}`, 6),
      /^(".*"|=\?UTF-8\?B\?[^,]*)$/s,
      `${length} characters`,
    );
});

test("a header line of 76 characters stands as it is", () => {
  for (const value of ["x".repeat(67), `${"x".repeat(60)} ${"y".repeat(6)}`])
    assert.equal(unstructured("Subject", value), `Subject: ${value}`);
  assert.equal(
    unstructured("Subject", `${"x".repeat(60)} ${"y".repeat(7)}`),
    `Subject: ${"x".repeat(60)}\r\n ${"y".repeat(7)}`,
  );
});

const CASES: readonly (readonly [what: string, content: string, encoding: string])[] = [
  ["plain lines go as they are", "Freezer 3\r\n\r\n1. 09:00 too warm\r\n-- \tx\r\n", "7bit"],
  ["nothing goes as it is", "", "7bit"],
  ["a line of 76 octets goes as it is", "x".repeat(76), "7bit"],
  ["a longer line is cut", "x".repeat(77), "quoted-printable"],
  ["a line of thousands, all of them to be quoted, is cut", "=".repeat(4_000), "quoted-printable"],
  ["a dot at the start of a line is quoted", "a\r\n.\r\nb", "quoted-printable"],
  ["From at the start of a line is quoted", "From the boiler", "quoted-printable"],
  ["From where a long line is cut is quoted", `${"x".repeat(75)}From y ${".".repeat(150)}`, "quoted-printable"],
  ["a blank at the end of a line is quoted", "-- \r\nx", "quoted-printable"],
  ["a tab at the end of the text is quoted", "x\t", "quoted-printable"],
  ["what could be a boundary is quoted", "a\r\n--=_abc--\r\nb", "quoted-printable"],
  ["a letter outside ASCII needs base64", "21 °C", "base64"],
  ["half of a letter needs base64", "\ud800", "base64"],
  ["half of a line end needs base64", "a\nb", "base64"],
  ["a control needs base64", "a\u0000b", "base64"],
];

for (const [what, content, encoding] of CASES)
  test(what, async () => {
    const encoded = encodeText(content);
    assert.equal(encoded.encoding, encoding);
    await assertTravels(content);
  });

/** An independent reader gets the text as it was, out of lines that nobody has to change. */
async function assertTravels(content: string): Promise<void> {
  const { encoding, body } = encodeText(content);
  assert.equal(decodeText(encoding, body), content.toWellFormed());
  for (const line of body.split("\r\n")) assert.match(line, /^(?!\.|From |--=_)[\t\x20-\x7e]{0,76}(?<![ \t])$/);
  const { headers, body: parts } = multipart("alternative", "=_abc", [
    textPart("text/plain", content),
    textPart("text/html", content),
  ]);
  const email = await PostalMime.parse(["MIME-Version: 1.0", ...headers, "", parts].join("\r\n"));
  const unified = (text = ""): string => text.replace(/\r\n?/g, "\n").trimEnd();
  assert.equal(unified(email.text), unified(content.toWellFormed()));
  assert.equal(unified(email.html), unified(content.toWellFormed()));
}

test("whatever the text is, it comes out as it went in", async () => {
  const ascii = fc
    .array(
      fc.oneof(
        fc.stringMatching(/^[\t\x20-\x7e]{0,200}$/),
        fc.constantFrom(".", "From ", "--=_abc", "-- ", "=3D", "=", "\t", "=\t", `${"=".repeat(80)}.`),
      ),
    )
    .map((lines) => lines.join("\r\n"));
  await fc.assert(fc.asyncProperty(fc.oneof(ascii, anyText({ maxLength: 400 })), assertTravels));
});

test("of a mail, a part in ASCII is not in base64, one in Korean is", () => {
  const renderer = createRenderer({
    from: mailboxOf("alerts@example.com"),
    locale: "ko",
    timezone: "Asia/Seoul",
    templates: { render: () => ({ text: "Too warm.\r\n" }) },
  });
  const message = renderer.render(digest(), everybody("kim@ops.test")).raw.toString();
  const encodings = Array.from(message.matchAll(/^Content-Transfer-Encoding: (.*)\r$/gm), ([, encoding]) => encoding);
  assert.deepEqual(encodings, ["7bit", "base64"]);
});
