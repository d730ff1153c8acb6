import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { multipart, textPart } from "#src/mail/mime.js";
import { createRenderer } from "#src/mail/render.js";
import { decodeText, encodeText } from "#src/mail/transfer-encoding.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { digest } from "./digest.js";

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
