#!/usr/bin/env bash
# nodemailer 10.6.1 (npm), read by Python's email package.
#
# `date` of a mail may be a Date or a string. A program that keeps its times as ISO 8601 strings, as JSON has them, hands one over.
# Expected: it is read as a time and written as mail wants it, as the same Date object is. Seen: a string goes into the header as it
# is, and RFC 5322 knows no such date: for who reads the mail, it has none.
#
# Output seen:
#   a Date: Tue, 01 Dec 2026 09:00:00 +0000, read as 2026-12-01T09:00:00+00:00
#   a string: 2026-12-01T09:00:00.000Z, read as nothing
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund nodemailer@10.6.1
cat >write.js <<'END'
const { writeFileSync } = require("node:fs")
const { createTransport } = require("nodemailer")
const at = new Date("2026-12-01T09:00:00Z")

async function main() {
  for (const [name, date] of Object.entries({ date: at, string: at.toJSON() })) {
    const mail = { from: "a@example.org", to: "b@example.org", subject: "s", text: "t", date }
    writeFileSync(`${name}.eml`, (await createTransport({ streamTransport: true, buffer: true }).sendMail(mail)).message)
  }
}
main()
END
cat >read.py <<'END'
import email
import email.policy
import sys

seen = []
for name in ("date", "string"):
    header = email.message_from_binary_file(open(f"{name}.eml", "rb"), policy=email.policy.default)["Date"]
    seen.append((str(header), header.datetime.isoformat() if header.datetime else "nothing"))
for kind, (header, read) in zip(("Date", "string"), seen):
    print(f"a {kind}: {header}, read as {read}")
usual = ("Tue, 01 Dec 2026 09:00:00 +0000", "2026-12-01T09:00:00+00:00")
sys.exit(0 if seen == [usual, ("2026-12-01T09:00:00.000Z", "nothing")] else 1)
END
node write.js
python3 read.py
