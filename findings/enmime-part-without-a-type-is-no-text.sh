#!/usr/bin/env bash
# enmime 2.3.0 (github.com/jhillyerd/enmime/v2), beside mailparser 3.14.2 (npm), Node 20 or newer.
#
# A part of a mail need not name its type: without one it is plain text, as MIME says, whether it is the whole mail or one of several
# parts. Programs that write mail by hand leave it out. Expected: the alert's words are the text of the mail, in either place.
# Seen: in a mail without parts they are. In one with an attachment enmime's `Text` is empty, and the words lie among `OtherParts`
# as a part of type "", beside files nobody asked for. `ReadEnvelope` gives no error; only the envelope's own list has a warning.
# So a reader of alerts or bounces has an empty text for exactly those mails. Ask for `OtherParts` of type "" as well.
#
# Output seen:
#   one text: enmime text "hot", other parts 0; mailparser text "hot"
#   two parts, typed: enmime text "hot", other parts 0; mailparser text "hot"
#   two parts, not typed: enmime text "", other parts 1; mailparser text "hot"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2
cat >make.js <<'END'
const { writeFileSync } = require("node:fs")
const head = "From: a@example.org\r\nTo: b@example.org\r\nSubject: alert\r\nMIME-Version: 1.0\r\n"
const mixed = (type) =>
  `${head}Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n${type}\r\nhot\r\n--cut\r\n` +
  "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=log.csv\r\n\r\n1,85\r\n--cut--\r\n"
writeFileSync("one text", `${head}\r\nhot\r\n`)
writeFileSync("two parts, typed", mixed("Content-Type: text/plain\r\n"))
writeFileSync("two parts, not typed", mixed(""))
END
node make.js
cat >go.mod <<'END'
module finding

go 1.23

require github.com/jhillyerd/enmime/v2 v2.3.0
END
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	read, err := enmime.ReadEnvelope(file)
	if err != nil {
		panic(err)
	}
	fmt.Printf("text %q, other parts %d\n", strings.TrimSpace(read.Text), len(read.OtherParts))
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o reader . >build.log 2>&1 || { cat build.log; exit 1; }
cat >read.js <<'END'
const { readFileSync } = require("node:fs")
const { simpleParser } = require("mailparser")
simpleParser(readFileSync(process.argv[2])).then(({ text }) => console.log(`text ${JSON.stringify(text.trim())}`))
END
for mail in "one text" "two parts, typed" "two parts, not typed"; do
  echo "$mail: enmime $(./reader "$mail"); mailparser $(node read.js "$mail")"
done >seen
cat seen
cat >expected <<'END'
one text: enmime text "hot", other parts 0; mailparser text "hot"
two parts, typed: enmime text "hot", other parts 0; mailparser text "hot"
two parts, not typed: enmime text "", other parts 1; mailparser text "hot"
END
cmp -s seen expected
