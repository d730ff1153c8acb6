#!/usr/bin/env bash
# github.com/wneessen/go-mail v0.8.1 (Go); what it wrote is read by Python's own email package.
#
# A relay takes an alert's mail, `EMLToMsgFromString` ("parses a given EML string and returns a pre-filled Msg pointer"), gives it another recipient and
# sends it on. The mail has a text, a table and the alert of another pump as attachments, in multipart/mixed. RFC 2046 (5.1.3, 5.1.4): those parts
# are shown one after another, those of multipart/alternative are versions of one thing, and a reader shows the last that it can.
# Expected: the same mail, or an error. Seen: what follows one another comes out as alternatives, two texts, and a text and an attached alert: of the first
# the reader shows the second, and may show the other pump's alert for this one's. With a table behind there are two levels with one boundary (RFC 2046 does
# not allow it, 5.1.1), and Python's reader misses the table. Alone, the table's name is "eport.cs": its first and last letter are taken for
# quotes, which a name without special characters need not have (RFC 2045, 5.1); so it is source code of C#.
# Reply-To, Sender, Auto-Submitted, List-Id and all fields of one's own are gone, so answers go to the pump, and vacation programs answer it.
# Send the text that you got, and change only the addresses of its envelope.
#
# Output seen:
#   fields in: Reply-To duty@example.com, Auto-Submitted auto-generated, X-Device pump-7
#   fields out: Reply-To None, Auto-Submitted None, X-Device None
#   two texts, in: multipart/mixed of text/plain, text/plain
#   two texts, out: multipart/alternative of text/plain, text/plain
#   a text and an alert, in: multipart/mixed of text/plain, message/rfc822
#   a text and an alert, out: multipart/alternative of text/plain, message/rfc822
#   a text, an alert and a table, in: multipart/mixed of text/plain, message/rfc822, text/csv report.csv
#   a text, an alert and a table, out: multipart/mixed of multipart/alternative, text/plain, message/rfc822
#   a text and a table, in: multipart/mixed of text/plain, text/csv report.csv
#   a text and a table, out: multipart/mixed of text/plain, text/x-csharp eport.cs
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.25

require github.com/wneessen/go-mail v0.8.1
END
cat >relay.go <<'END'
package main

import (
	"io"
	"os"

	"github.com/wneessen/go-mail"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	message, err := mail.EMLToMsgFromString(string(text))
	if err != nil {
		panic(err)
	}
	if err := message.To("night@example.com"); err != nil {
		panic(err)
	}
	if _, err := message.WriteTo(os.Stdout); err != nil {
		panic(err)
	}
}
END
cat >show.py <<'PY'
import email
import email.policy
import subprocess

fields = "From: pump-7@example.com\nTo: ops@example.com\nDate: Thu, 3 Dec 2026 06:00:00 +0000\nSubject: too hot\nMessage-ID: <1@example.com>\n"
fields += "Reply-To: duty@example.com\nAuto-Submitted: auto-generated\nX-Device: pump-7\nMIME-Version: 1.0\n"
mixed = "Content-Type: multipart/mixed; boundary=parts\n\n"
text = "Content-Type: text/plain\n\n{}\n"
table = "Content-Type: text/csv; name=report.csv\nContent-Disposition: attachment; filename=report.csv\nContent-Transfer-Encoding: base64\n\nMSwyCg==\n"
alert = "Content-Type: message/rfc822\n\nFrom: pump-8@example.com\nSubject: too cold\n\ncold\n"


def mail(*parts):
    return (fields + mixed + "".join(f"--parts\n{part}" for part in parts) + "--parts--\n").replace("\n", "\r\n")


def read(given):
    return email.message_from_string(given, policy=email.policy.default)


def relayed(given):
    return read(subprocess.run(["./relay"], input=given, capture_output=True, text=True, check=True).stdout)


def kinds(message):
    parts = [f"{part.get_content_type()} {part.get_filename() or ''}".strip() for part in message.walk()]
    if "message/rfc822" in parts:
        del parts[parts.index("message/rfc822") + 1]
    return f"{parts[0]} of {', '.join(parts[1:])}"


first, second = text.format("hot"), text.format("93.5 degrees")
given = mail(first, second)
for name, message in (("in", read(given)), ("out", relayed(given))):
    print(f"fields {name}:", ", ".join(f"{field} {message[field]}" for field in ("Reply-To", "Auto-Submitted", "X-Device")))
for name, parts in (
    ("two texts", (first, second)),
    ("a text and an alert", (first, alert)),
    ("a text, an alert and a table", (first, alert, table)),
    ("a text and a table", (first, table)),
):
    print(f"{name}, in: {kinds(read(mail(*parts)))}")
    print(f"{name}, out: {kinds(relayed(mail(*parts)))}")
PY
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o relay . >build.log 2>&1 || { cat build.log; exit 1; }
python3 show.py | tee seen
cat >expected <<'TXT'
fields in: Reply-To duty@example.com, Auto-Submitted auto-generated, X-Device pump-7
fields out: Reply-To None, Auto-Submitted None, X-Device None
two texts, in: multipart/mixed of text/plain, text/plain
two texts, out: multipart/alternative of text/plain, text/plain
a text and an alert, in: multipart/mixed of text/plain, message/rfc822
a text and an alert, out: multipart/alternative of text/plain, message/rfc822
a text, an alert and a table, in: multipart/mixed of text/plain, message/rfc822, text/csv report.csv
a text, an alert and a table, out: multipart/mixed of multipart/alternative, text/plain, message/rfc822
a text and a table, in: multipart/mixed of text/plain, text/csv report.csv
a text and a table, out: multipart/mixed of text/plain, text/x-csharp eport.cs
TXT
cmp -s seen expected
