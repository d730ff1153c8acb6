#!/usr/bin/env bash
# mailparser 3.14.2, beside postal-mime 4.0.0 (npm), Node 20 or newer.
#
# A mailing list, or an alarm system, sends the mails of a day as one: a multipart/digest. Its parts need no type of their own: they are mails
# (message/rfc822) there, where elsewhere they would be plain text. RFC 2046 made the digest for that. Expected: two mails, as with the type
# written out. Seen: mailparser takes such parts for plain text. The text of the digest then has the mails' sources in it, headers and all, and
# what they encode stays encoded: "85 =C2=B0C" for 85 °C. With the type it gives two attachments and the text is without them. postal-mime
# reads both alike. Ask mailparser for the text of a digest only when its parts name their type; otherwise split it yourself.
#
# Output seen:
#   mailparser, without types: 0 mails attached; text has "Subject: Heat", has "85 =C2=B0C"
#   mailparser, with types: 2 mails attached; text has neither
#   postal-mime, without types: text has "Subject: Heat", has "85 °C"
#   postal-mime, with types: text has "Subject: Heat", has "85 °C"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2 postal-mime@4.0.0
cat >show.mjs <<'JS'
import { simpleParser } from "mailparser"
import PostalMime from "postal-mime"

const inner = (from, subject, lines) => ["--inner", "", `From: ${from}`, `Subject: ${subject}`, ...lines]
const untyped = [
  "From: alarms@example.org",
  "MIME-Version: 1.0",
  "Content-Type: multipart/mixed; boundary=outer",
  "",
  "--outer",
  "",
  "Two alerts.",
  "--outer",
  "Content-Type: multipart/digest; boundary=inner",
  "",
  ...inner("boiler@example.org", "Heat", [
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "85 =C2=B0C",
  ]),
  ...inner("pump@example.org", "Stop", ["", "stopped"]),
  "--inner--",
  "--outer--",
  "",
].join("\r\n")
const typed = untyped.replaceAll("--inner\r\n\r\n", "--inner\r\nContent-Type: message/rfc822\r\n\r\n")

function found(text) {
  const words = ["Subject: Heat", "85 =C2=B0C", "85 °C"].filter((word) => text.includes(word))
  return `text has ${words.map((word) => `"${word}"`).join(", has ") || "neither"}`
}

for (const [name, mail] of [["without", untyped], ["with", typed]]) {
  const { text, attachments } = await simpleParser(mail)
  const mails = attachments.filter(({ contentType }) => contentType === "message/rfc822").length
  console.log(`mailparser, ${name} types: ${mails} mails attached; ${found(text)}`)
}
for (const [name, mail] of [["without", untyped], ["with", typed]]) {
  console.log(`postal-mime, ${name} types: ${found((await PostalMime.parse(mail)).text)}`)
}
JS
node show.mjs >seen
cat seen
cat >expected <<'TXT'
mailparser, without types: 0 mails attached; text has "Subject: Heat", has "85 =C2=B0C"
mailparser, with types: 2 mails attached; text has neither
postal-mime, without types: text has "Subject: Heat", has "85 °C"
postal-mime, with types: text has "Subject: Heat", has "85 °C"
TXT
cmp -s seen expected
