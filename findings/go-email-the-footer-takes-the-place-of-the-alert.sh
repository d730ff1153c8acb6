#!/usr/bin/env bash
# email of January 2021, its newest (github.com/jordan-wright/email v4.0.1-0.20210109023952-943e75fe5223, Go).
#
# By its comment, `NewEmailFromReader` takes a mail as RFC 5322 has it, and fills the same struct from which the package sends mails.
# An alert with an attachment goes through a mailing list, which appends its footer as one more text, as lists do.
# Expected of `Text`: the alert, with the footer behind it. Seen: the footer alone. Each text part takes the place of the one before,
# and the alert is nowhere in the struct, not in `Attachments` either; no error.
# `To` is cut at each comma, within quotes, too: one "Ops, Night" is two recipients, and the first is none. In `Cc` an encoded comma
# loses its quotes, so what was read cannot be sent: `Send` parses these texts again.
# The charset is passed over: a degree sign in Latin-1 is a byte that is no UTF-8, and JSON shows a replacement for it.
#
# Output seen:
#   Text: "You get this as a member of alerts@lists.example.org"
#   Attachments: log.txt
#   To: ["\"Ops" "Night\" <night@example.org>"]
#   Cc: ["Müller, Anna <anna@example.org>"], valid: false
#   Text in Latin-1: "85 \xb0C\n", as JSON "85 \ufffdC\n"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >>go.log 2>&1
cat >main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"

	"github.com/jordan-wright/email"
)

const listed = `From: alerts@example.org
To: "Ops, Night" <night@example.org>
Cc: =?utf-8?Q?M=C3=BCller=2C_Anna?= <anna@example.org>
Subject: boiler 7
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

The boiler is hot.
--x
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename=log.txt

85, 86, 87
--x
Content-Type: text/plain; charset=utf-8
Content-Disposition: inline

You get this as a member of alerts@lists.example.org
--x--
`

const latin = `From: alerts@example.org
Subject: boiler 7
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

85 =B0C
`

func read(text string) *email.Email {
	one, err := email.NewEmailFromReader(strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	return one
}

func main() {
	one := read(listed)
	fmt.Printf("Text: %q\n", one.Text)
	for _, attachment := range one.Attachments {
		fmt.Printf("Attachments: %s\n", attachment.Filename)
	}
	fmt.Printf("To: %q\n", one.To)
	_, err := mail.ParseAddress(one.Cc[0])
	fmt.Printf("Cc: %q, valid: %v\n", one.Cc, err == nil)
	body := read(latin).Text
	encoded, _ := json.Marshal(string(body))
	fmt.Printf("Text in Latin-1: %q, as JSON %s\n", body, encoded)
}
END
go get github.com/jordan-wright/email@v4.0.1-0.20210109023952-943e75fe5223+incompatible >>go.log 2>&1 || { cat go.log; exit 1; }
go run . | tee seen
diff seen - <<'END'
Text: "You get this as a member of alerts@lists.example.org"
Attachments: log.txt
To: ["\"Ops" "Night\" <night@example.org>"]
Cc: ["Müller, Anna <anna@example.org>"], valid: false
Text in Latin-1: "85 \xb0C\n", as JSON "85 \ufffdC\n"
END
