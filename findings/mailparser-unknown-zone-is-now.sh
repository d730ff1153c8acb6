#!/usr/bin/env bash
# mailparser 3.14.2 and postal-mime 4.0.0 (npm), Node 20 or newer.
#
# Old programs and devices write a zone by its name: `Tue, 01 Dec 2026 06:00:00 KST`. RFC 5322 lets such a date pass in its old syntax
# and says how to read a zone that nobody knows: as -0000, UTC of unknown place. Expected: 06:00 UTC, or no date, or an error.
# Seen: mailparser gives the time at which it reads the mail, as `mail.date`, and nothing else tells. An old bounce or an old alert
# is always from now, and a second reading says another time. A zone of the same kind that JavaScript knows (EST) is right, so it
# depends on where the sender stands. postal-mime hands out the header's text instead of a date.
#
# Output seen:
#   EST: mailparser 2026-12-01T11:00:00.000Z, postal-mime 2026-12-01T11:00:00.000Z
#   KST: mailparser now, postal-mime Tue, 01 Dec 2026 06:00:00 KST
#   MSK: mailparser now, postal-mime Tue, 01 Dec 2026 06:00:00 MSK
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2 postal-mime@4.0.0
cat >show.mjs <<'END'
import { simpleParser } from "mailparser"
import PostalMime from "postal-mime"

const seen = []
for (const zone of ["EST", "KST", "MSK"]) {
  const mail = `From: a@example.org\r\nDate: Tue, 01 Dec 2026 06:00:00 ${zone}\r\nSubject: x\r\n\r\nx\r\n`
  const began = Date.now()
  const { date } = await simpleParser(mail)
  const isNow = date?.getTime() >= began && date.getTime() <= Date.now()
  seen.push(`${zone}: mailparser ${isNow ? "now" : date?.toISOString()}, postal-mime ${(await PostalMime.parse(mail)).date}`)
}
console.log(seen.join("\n"))
process.exit(seen.join("\n") === [
  "EST: mailparser 2026-12-01T11:00:00.000Z, postal-mime 2026-12-01T11:00:00.000Z",
  "KST: mailparser now, postal-mime Tue, 01 Dec 2026 06:00:00 KST",
  "MSK: mailparser now, postal-mime Tue, 01 Dec 2026 06:00:00 MSK",
].join("\n") ? 0 : 1)
END
node show.mjs
