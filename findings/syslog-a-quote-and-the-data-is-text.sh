#!/usr/bin/env bash
# Two readers of RFC 5424 syslog: nsyslog-parser 0.10.1 (npm) and syslog-rfc5424-parser 0.3.2 (PyPI).
#
# Structured data carries what a program should read, [device@1 id="d1" name="Hall 3"]; a quote in a value has a backslash before it.
# A line without a time has "-" in its place. Expected: the value with its quotes, and no time.
# Seen: with one quote in any value nsyslog-parser finds no data at all, neither the name nor the id, and puts all of it before the
# message's text. syslog-rfc5424-parser finds it and leaves the backslashes in. "-" for a time is the time of reading in nsyslog-parser,
# and nothing else tells: an alert that lay in a file for a day occurs now.
#
# Output seen:
#   nsyslog-parser, plain: data [{"$id":"device@1","id":"d1","name":"Hall 3"}], message hot
#   nsyslog-parser, a quote: data [], message [device@1 id="d1" name="Hall \"3\""] hot
#   nsyslog-parser, no time: now
#   syslog-rfc5424-parser, a quote: data {'device@1': {'id': 'd1', 'name': 'Hall \\"3\\"'}}, message hot
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund nsyslog-parser@0.10.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install syslog-rfc5424-parser==0.3.2
cat >lines <<'END'
<34>1 2026-12-01T09:00:00Z host app - - [device@1 id="d1" name="Hall 3"] hot
<34>1 2026-12-01T09:00:00Z host app - - [device@1 id="d1" name="Hall \"3\""] hot
<34>1 - host app - - - hot
END
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const parse = require("nsyslog-parser")
const [plain, quote, untimed] = readFileSync("lines", "utf8").trimEnd().split("\n").map((line) => parse(line))
const show = ({ structuredData, message }) => `data ${JSON.stringify(structuredData)}, message ${message}`
console.log(`nsyslog-parser, plain: ${show(plain)}\nnsyslog-parser, a quote: ${show(quote)}`)
const age = Date.now() - new Date(untimed.ts)
console.log(`nsyslog-parser, no time: ${age >= 0 && age < 60_000 ? "now" : untimed.ts}`)
END
cat >show.py <<'END'
from syslog_rfc5424_parser import SyslogMessage

quote = SyslogMessage.parse(open("lines").readlines()[1].rstrip("\n")).as_dict()
print(f"syslog-rfc5424-parser, a quote: data {quote['sd']}, message {quote['msg']}")
END
{ node show.js; venv/bin/python show.py; } >seen
cat seen
cat >expected <<'END'
nsyslog-parser, plain: data [{"$id":"device@1","id":"d1","name":"Hall 3"}], message hot
nsyslog-parser, a quote: data [], message [device@1 id="d1" name="Hall \"3\""] hot
nsyslog-parser, no time: now
syslog-rfc5424-parser, a quote: data {'device@1': {'id': 'd1', 'name': 'Hall \\"3\\"'}}, message hot
END
cmp -s seen expected
