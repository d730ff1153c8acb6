#!/usr/bin/env bash
# mailparser 3.14.2 and nodemailer-html-to-text 3.2.0 (npm), beside github.com/jhillyerd/enmime/v2 v2.3.0 (Go).
#
# An alert comes as a mail of HTML alone, as many devices write it: a table with a cell for the device and one for the reading. A program wants the
# text: mailparser makes `text` for it, and nodemailer-html-to-text makes the text part of a mail that goes out. Expected: a blank, a tab or a line's
# end between two cells, as a mail program shows them. Seen: nothing stands between them, nor between two rows. Boiler 1 with 8580 W is
# "Boiler 18580", which reads as well as the truth, and which a pattern for a name and a number finds. It is the same with a list of terms and
# their values (dl, dt, dd). enmime puts a blank there. Paragraphs and headings are kept apart in all three, so a mail of running text shows nothing.
# Both use html-to-text, whose manual has a formatter for tables that these two leave off.
# Read `html` when the mail has no text of its own, and send a text that you wrote.
#
# Output seen:
#   mailparser: table "Boiler 18580Boiler 2790", list "Boiler 18580"
#   nodemailer-html-to-text: table "Boiler 18580Boiler 2790", list "Boiler 18580"
#   enmime: table "Boiler 1 8580 Boiler 2 790", list "Boiler 1 8580"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund mailparser@3.14.2 nodemailer@7.0.11 nodemailer-html-to-text@3.2.0
cat >table.html <<'END'
<table><tr><td>Boiler 1</td><td>8580</td></tr><tr><td>Boiler 2</td><td>790</td></tr></table>
END
cat >list.html <<'END'
<dl><dt>Boiler 1</dt><dd>8580</dd></dl>
END
for name in table list; do
  { printf 'MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n'; cat "$name.html"; } >"$name.eml"
done
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const { simpleParser } = require("mailparser")
const { createTransport } = require("nodemailer")
const { htmlToText } = require("nodemailer-html-to-text")

const ofMailparser = async (name) => (await simpleParser(readFileSync(`${name}.eml`))).text

async function ofNodemailer(name) {
  const transport = createTransport({ jsonTransport: true })
  transport.use("compile", htmlToText())
  const sent = await transport.sendMail({ from: "a@example.org", to: "b@example.org", html: readFileSync(`${name}.html`, "utf8") })
  return JSON.parse(sent.message).text
}

async function main() {
  for (const [library, text] of Object.entries({ mailparser: ofMailparser, "nodemailer-html-to-text": ofNodemailer })) {
    console.log(`${library}: table ${JSON.stringify(await text("table"))}, list ${JSON.stringify(await text("list"))}`)
  }
}
main()
END
mkdir go
cat >go/main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/jhillyerd/enmime/v2"
)

func text(path string) string {
	mail, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer mail.Close()
	envelope, err := enmime.ReadEnvelope(mail)
	if err != nil {
		panic(err)
	}
	return envelope.Text
}

func main() {
	fmt.Printf("enmime: table %q, list %q\n", text("../table.eml"), text("../list.eml"))
}
END
node show.js >seen
cd go
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >go.log 2>&1
go get github.com/jhillyerd/enmime/v2@v2.3.0 >go.log 2>&1 || { cat go.log; exit 1; }
go run . >>../seen
cat ../seen
cat >../expected <<'END'
mailparser: table "Boiler 18580Boiler 2790", list "Boiler 18580"
nodemailer-html-to-text: table "Boiler 18580Boiler 2790", list "Boiler 18580"
enmime: table "Boiler 1 8580 Boiler 2 790", list "Boiler 1 8580"
END
cmp -s ../seen ../expected
