#!/usr/bin/env bash
# postal-mime 4.0.0 beside mailparser 3.14.2 (npm), Node 20 or newer.
#
# In a text that is `format=flowed` (RFC 3676) a line that ends in a space goes on in the next. Where the next is quoted to another
# depth it does not, and a joined line has its quote marks once. Expected of a reader that joins lines at all: both.
# Seen: postal-mime looks at the space alone. The mark of the second line lands in the midst of the first, and an answer is joined to
# the quote that it answers. mailparser does as the RFC says. A text without quotes is right in both: the answers to a mail, which
# are what one reads by program, are the ones that suffer.
#
# Output seen:
#   one quote in two lines: mailparser "> Device d1 is hot.", postal-mime "> Device d1 is > hot."
#   a quote, its answer: mailparser "> Stop it? \nDone.", postal-mime "> Stop it? Done."
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2 postal-mime@4.0.0
cat >show.mjs <<'END'
import { simpleParser } from "mailparser"
import PostalMime from "postal-mime"

const cases = {
  "one quote in two lines": ["> Device d1 is ", "> hot."],
  "a quote, its answer": ["> Stop it? ", "Done."],
}
const seen = []
for (const [name, lines] of Object.entries(cases)) {
  const head = ["From: a@example.org", "Subject: s", "MIME-Version: 1.0", "Content-Type: text/plain; format=flowed", ""]
  const mail = [...head, ...lines, ""].join("\r\n")
  const texts = [(await simpleParser(mail)).text, (await PostalMime.parse(mail)).text].map((text) => JSON.stringify(text.trim()))
  seen.push(`${name}: mailparser ${texts[0]}, postal-mime ${texts[1]}`)
}
console.log(seen.join("\n"))
const expected = [
  'one quote in two lines: mailparser "> Device d1 is hot.", postal-mime "> Device d1 is > hot."',
  'a quote, its answer: mailparser "> Stop it? \\nDone.", postal-mime "> Stop it? Done."',
]
process.exit(seen.join() === expected.join() ? 0 : 1)
END
node show.mjs
