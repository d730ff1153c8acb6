#!/usr/bin/env bash
# apprise 2.3.0 (PyPI), by SMTP to smtp-server 3.21.6 (npm).
#
# One address of apprise sends an alert by mail, `mailto://…?to=…&cc=…&bcc=…`: here to three on duty, with a copy to the head of the
# plant and a blind one to an archive. Expected: one mail, with three in To and one in Cc, as a mail program sends it.
# Seen: apprise sends a mail for each To, and puts the copies on each of them. The head of the plant gets every alert three times, and
# so does the archive, whose count of alerts is three times the truth; and nobody on duty sees in To who else was told. The result
# is a success, of one message. With one To nothing shows.
# Give the copies an address of their own (a second `mailto://`), or a list at the mail server as the only To.
#
# Output seen:
#   one To: 1 mail; a 1, head 1, archive 1
#   three To: 3 mails; a 1, b 1, c 1, head 3, archive 3
#   addresses in a mail's To: 1
set -euo pipefail
tmp=$(mktemp -d)
sink=
finish() {
  if [ -n "$sink" ]; then kill "$sink" && wait "$sink"; fi 2>"$tmp/end" || true
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund smtp-server@3.21.6
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install apprise==2.3.0
cat >sink.js <<'END'
const { appendFileSync, writeFileSync } = require("node:fs")
const { SMTPServer } = require("smtp-server")
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  onData(stream, session, done) {
    const parts = []
    stream.on("data", (part) => parts.push(part))
    stream.on("end", () => {
      const to = /^To: (.*(?:\r\n[ \t].*)*)/m.exec(Buffer.concat(parts).toString())[1].split(",").length
      const names = session.envelope.rcptTo.map(({ address }) => address.split("@")[0])
      appendFileSync("mails", `${JSON.stringify({ names, to })}\n`)
      done()
    })
  },
})
server.listen(0, "127.0.0.1", () => writeFileSync("port", `${server.server.address().port}`))
END
node sink.js &
sink=$!
until [ -s port ]; do kill -0 "$sink"; sleep 0.1; done
cat >show.py <<'END'
import json
import sys
from collections import Counter
from pathlib import Path

import apprise

seen = Path("mails")
for name, to in (("one To", ["a"]), ("three To", ["a", "b", "c"])):
    seen.write_text("")
    sender = apprise.Apprise()
    addresses = ",".join(f"{one}@example.org" for one in to)
    sender.add(
        f"mailto://127.0.0.1:{Path('port').read_text()}?mode=insecure&from=alerts@example.org"
        f"&to={addresses}&cc=head@example.org&bcc=archive@example.org"
    )
    if not sender.notify(title="hot", body="85 degrees"):
        sys.exit("not sent")
    mails = [json.loads(line) for line in seen.read_text().splitlines()]
    count = Counter(name for mail in mails for name in mail["names"])
    got = ", ".join(f"{one} {count[one]}" for one in [*to, "head", "archive"])
    print(f"{name}: {len(mails)} mail{'s' if len(mails) > 1 else ''}; {got}")
print(f"addresses in a mail's To: {max(mail['to'] for mail in mails)}")
END
venv/bin/python show.py >seen
cat seen
cat >expected <<'END'
one To: 1 mail; a 1, head 1, archive 1
three To: 3 mails; a 1, b 1, c 1, head 3, archive 3
addresses in a mail's To: 1
END
cmp -s seen expected
