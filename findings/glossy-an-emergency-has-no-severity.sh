#!/usr/bin/env bash
# glossy 0.1.7 (npm), which reads and writes syslog, beside nsyslog-parser 0.10.1 (npm).
#
# The number before a syslog message is eight times the facility plus the severity. Both RFCs give <0> as an example, an emergency of the kernel, the
# gravest message there is (RFC 3164, 4.1.1; RFC 5424, 6.2.1); a controller that overheats sends it. Expected: facility "kern", severity "emerg".
# Seen: of <0> alone glossy reads neither; both are missing, without an error, though its own writer makes <0> of "kern" and "emerg". A filter for
# the severities 0 to 3 lets the one message pass that it is for; <1> and <8> are right. Two more losses, in messages of RFC 5424: with structured data,
# each word of the text that ends in "]" takes all before it away, so "valve [3] open" is "open"; without such data it is whole. And the writer has
# no nought before tens: .050 goes out as .50, an alert sent 450 ms later, and behind the one of .123.
# Take severity from `prival`, and the text from `originalMessage`.
#
# Output seen:
#   <0>: glossy undefined undefined, nsyslog-parser kern emerg
#   <1>: glossy kern alert, nsyslog-parser kern alert
#   <8>: glossy user emerg, nsyslog-parser user emerg
#   glossy writes kern and emerg as <0>1
#   without data: glossy "valve [3] open", nsyslog-parser "valve [3] open"
#   with data: glossy "open", nsyslog-parser "valve [3] open"
#   glossy writes 06:00:00.050 as 2026-12-03T06:00:00.50Z
#   glossy writes 06:00:00.123 as 2026-12-03T06:00:00.123Z
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund glossy@0.1.7 nsyslog-parser@0.10.1
cat >show.js <<'END'
const { Parse, Produce } = require("glossy");
const other = require("nsyslog-parser");
for (const number of ["<0>", "<1>", "<8>"]) {
  const line = `${number}Dec  3 06:00:00 pump-7 kernel: too hot`;
  const ours = Parse.parse(line);
  const theirs = other(line);
  console.log(`${number}: glossy ${ours.facility} ${ours.severity}, nsyslog-parser ${theirs.facility} ${theirs.level}`);
}
const producer = new Produce({ type: "RFC5424" });
const written = (severity, date) => producer.produce({ facility: "kern", severity, host: "pump-7", appName: "pump", date: new Date(date), message: "too hot" });
console.log(`glossy writes kern and emerg as ${written("emerg", "2026-12-03T06:00:00Z").split(" ")[0]}`);
for (const [name, data] of [["without", "-"], ["with", '[limits@32473 max="80"]']]) {
  const line = `<34>1 2026-12-03T06:00:00.000Z pump-7 pump 1 - ${data} valve [3] open`;
  console.log(`${name} data: glossy "${Parse.parse(line).message}", nsyslog-parser "${other(line).message}"`);
}
for (const time of ["06:00:00.050", "06:00:00.123"]) {
  console.log(`glossy writes ${time} as ${written("crit", `2026-12-03T${time}Z`).split(" ")[1]}`);
}
END
TZ=UTC node show.js | tee seen
cat >expected <<'TXT'
<0>: glossy undefined undefined, nsyslog-parser kern emerg
<1>: glossy kern alert, nsyslog-parser kern alert
<8>: glossy user emerg, nsyslog-parser user emerg
glossy writes kern and emerg as <0>1
without data: glossy "valve [3] open", nsyslog-parser "valve [3] open"
with data: glossy "open", nsyslog-parser "valve [3] open"
glossy writes 06:00:00.050 as 2026-12-03T06:00:00.50Z
glossy writes 06:00:00.123 as 2026-12-03T06:00:00.123Z
TXT
cmp -s seen expected
