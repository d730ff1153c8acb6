#!/usr/bin/env bash
# mailparser 3.14.2 and postal-mime 4.0.0 (npm), Node 20 or newer.
#
# A bounce has three parts: a text for people, the status for programs (which recipient, which code), and the mail that came back.
# The status is `message/delivery-status`, or `message/global-delivery-status` where an address is not ASCII (RFC 6533); the rest is
# alike. Expected: the same three things in the same places, whichever of the two it is.
# Seen: mailparser appends the first kind to the text and gives no such part; the second it gives as an attachment. postal-mime gives
# both as attachments, but with the second the mail that came back is no longer one: its text is appended to the bounce's text.
# A program that reads bounces, tried with the usual kind, finds no status in the other, or the alert's words in the place of the server's.
#
# Output seen:
#   mailparser, delivery-status: text people+status, attachments message/rfc822
#   mailparser, global-delivery-status: text people, attachments message/global-delivery-status message/rfc822
#   postal-mime, delivery-status: text people, attachments message/delivery-status message/rfc822
#   postal-mime, global-delivery-status: text people+alert, attachments message/global-delivery-status
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2 postal-mime@4.0.0
cat >show.mjs <<'END'
import { simpleParser } from "mailparser"
import PostalMime from "postal-mime"

const bounce = (kind) => [
  "From: MAILER-DAEMON@example.org",
  "To: alerts@example.org",
  "Subject: Undelivered Mail",
  "MIME-Version: 1.0",
  'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
  "",
  "--x",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "Your mail could not be delivered.",
  "--x",
  `Content-Type: message/${kind}`,
  "",
  "Reporting-MTA: dns; mail.example.org",
  "",
  "Final-Recipient: rfc822; ops@example.org",
  "Action: failed",
  "Status: 5.1.1",
  "",
  "--x",
  "Content-Type: message/rfc822",
  "",
  "From: alerts@example.org",
  "Subject: boiler 7",
  "",
  "The boiler is hot.",
  "--x--",
  "",
].join("\r\n")
const words = { people: "could not be delivered", status: "Status: 5.1.1", alert: "The boiler is hot" }
const told = (text) => Object.keys(words).filter((name) => text.includes(words[name])).join("+")
const parsers = { mailparser: (mail) => simpleParser(mail), "postal-mime": (mail) => PostalMime.parse(mail) }
const seen = []
for (const [name, parse] of Object.entries(parsers)) {
  for (const kind of ["delivery-status", "global-delivery-status"]) {
    const { text, attachments } = await parse(bounce(kind))
    const types = attachments.map((one) => one.contentType ?? one.mimeType).join(" ")
    seen.push(`${name}, ${kind}: text ${told(text)}, attachments ${types}`)
  }
}
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "mailparser, delivery-status: text people+status, attachments message/rfc822",
  "mailparser, global-delivery-status: text people, attachments message/global-delivery-status message/rfc822",
  "postal-mime, delivery-status: text people, attachments message/delivery-status message/rfc822",
  "postal-mime, global-delivery-status: text people+alert, attachments message/global-delivery-status",
].join("\n") ? 0 : 1)
END
node show.mjs
