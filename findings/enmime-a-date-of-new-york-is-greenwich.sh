#!/usr/bin/env bash
# Go 1.26.8 (net/mail), by github.com/jhillyerd/enmime/v2 v2.3.0, beside mailparser 3.14.2 (npm) and Python's own email package.
#
# Many recorders and controllers mail their alarms, and old ones write the zone of Date as a name: "Fri, 3 Jul 2026 06:00:00 EDT". RFC 5322 (4.3)
# says that a reader must take these: EST is -0500, EDT is -0400, and so on to PDT. `Envelope.Date` has it from net/mail's ParseDate, "parses an RFC 5322
# date string"; what net/mail lists as left out of the RFC is about addresses. Expected: 10:00 in Greenwich, or an error as for a zone that is none.
# Seen: 06:00, without an error. Go knows the name of a zone only where it is the server's own; else it makes a zone of that name without an offset.
# So an alarm is four to eight hours too early. On a server in New York the same mail is right, and that of a branch in Chicago is not.
# The other two have the RFC's offsets on every server.
# Look at the zone by `Zone()`: an offset of 0 under another name than GMT, UT or UTC is none.
#
# Output seen (server in UTC and in New York; mailparser; Python):
#   EST in January: 06:00 11:00; 11:00; 11:00
#   EDT in July: 06:00 10:00; 10:00; 10:00
#   CST in January: 06:00 06:00; 12:00; 12:00
#   PDT in July: 06:00 06:00; 13:00; 13:00
#   GMT in January: 06:00 06:00; 06:00; 06:00
#   -0500 in January: 11:00 11:00; 11:00; 11:00
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require github.com/jhillyerd/enmime/v2 v2.3.0
END
cat >mails <<'END'
EST in January|Fri, 2 Jan 2026 06:00:00 EST
EDT in July|Fri, 3 Jul 2026 06:00:00 EDT
CST in January|Fri, 2 Jan 2026 06:00:00 CST
PDT in July|Fri, 3 Jul 2026 06:00:00 PDT
GMT in January|Fri, 2 Jan 2026 06:00:00 GMT
-0500 in January|Fri, 2 Jan 2026 06:00:00 -0500
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"
	_ "time/tzdata"

	"github.com/jhillyerd/enmime/v2"
)

func main() {
	mails, err := os.ReadFile("mails")
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(mails)), "\n") {
		_, date, _ := strings.Cut(line, "|")
		text := "From: pump-7@example.com\r\nDate: " + date + "\r\nSubject: too hot\r\n\r\n93.5\r\n"
		envelope, err := enmime.ReadEnvelope(strings.NewReader(text))
		if err != nil {
			panic(err)
		}
		when, err := envelope.Date()
		if err != nil {
			panic(err)
		}
		fmt.Println(when.UTC().Format("15:04"))
	}
}
END
cat >show.js <<'END'
const fs = require("node:fs");
const { simpleParser } = require("mailparser");
(async () => {
  for (const line of fs.readFileSync("mails", "utf8").trim().split("\n")) {
    const mail = await simpleParser(`From: pump-7@example.com\r\nDate: ${line.split("|")[1]}\r\nSubject: too hot\r\n\r\n93.5\r\n`);
    console.log(mail.date.toISOString().slice(11, 16));
  }
})();
END
cat >show.py <<'PY'
import datetime
import email.utils

for line in open("mails"):
    when = email.utils.parsedate_to_datetime(line.strip().split("|")[1])
    print(when.astimezone(datetime.timezone.utc).strftime("%H:%M"))
PY
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund mailparser@3.14.2
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
paste -d' ' <(cut -d'|' -f1 mails | sed 's/$/:/') <(TZ=UTC ./show) <(TZ=America/New_York ./show | sed 's/$/;/') \
  <(node show.js | sed 's/$/;/') <(python3 show.py) | tee seen
cat >expected <<'TXT'
EST in January: 06:00 11:00; 11:00; 11:00
EDT in July: 06:00 10:00; 10:00; 10:00
CST in January: 06:00 06:00; 12:00; 12:00
PDT in July: 06:00 06:00; 13:00; 13:00
GMT in January: 06:00 06:00; 06:00; 06:00
-0500 in January: 11:00 11:00; 11:00; 11:00
TXT
cmp -s seen expected
