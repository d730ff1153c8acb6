#!/usr/bin/env bash
# jsonata 2.2.2 (npm), beside jsonata-python 0.7.1 (PyPI) and github.com/blues/jsonata-go v1.5.4 (Go).
#
# JSONata is the language of rules and mappings in Node-RED and elsewhere. A device writes its time with the offset of its place, and $toMillis
# reads it by a picture; $fromMillis shows a time for a place, its third argument is "in the format ±HHMM" (JSONata's documentation).
# Expected: 06:00 at -03:30, St. John's in Newfoundland, is 09:30 in Greenwich, as $toMillis has it without a picture, and 06:00 there is 02:30 at -03:30.
# Seen: the sign is only on the hours, so the half hour goes the other way: with a picture it is 08:30, an alert an hour early. Shown for -0330,
# the time has the offset -04:30 and an hour too few; so has -0930, of the Marquesas. Whole hours and all offsets in the east are right.
# The port to Python repeats the first fault and not the second, the one in Go neither. And the picture [f] of 50 ms, part of a second, is "50", which
# everyone reads as half a second (also with [f01]); Go's port has the nought.
# Let a device send ISO 8601, read it without a picture, and write [f001].
#
# Output seen (JavaScript, Python, Go):
#   06:00 at -03:30 by a picture: 08:30 08:30 09:30
#   06:00 at -03:30, ISO 8601: 09:30 09:30 09:30
#   06:00 at -03:00 by a picture: 09:00 09:00 09:00
#   06:00 at +05:30 by a picture: 00:30 00:30 00:30
#   06:00 shown for -0330: 01:30-04:30 02:30-03:30 02:30-03:30
#   06:00 shown for -0930: 19:30-10:30 20:30-09:30 20:30-09:30
#   50 ms as [s].[f]: 00.50 00.50 00.050000000
#   50 ms as [s].[f001]: 00.050 00.050 00.050
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund jsonata@2.2.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jsonata-python==0.7.1
cat >go.mod <<'END'
module show

go 1.21

require github.com/blues/jsonata-go v1.5.4
END
cat >rules <<'END'
06:00 at -03:30 by a picture|$fromMillis($toMillis("2026-12-03 06:00 -03:30", "[Y]-[M]-[D] [H]:[m] [Z]"), "[H01]:[m01]")
06:00 at -03:30, ISO 8601|$fromMillis($toMillis("2026-12-03T06:00:00-03:30"), "[H01]:[m01]")
06:00 at -03:00 by a picture|$fromMillis($toMillis("2026-12-03 06:00 -03:00", "[Y]-[M]-[D] [H]:[m] [Z]"), "[H01]:[m01]")
06:00 at +05:30 by a picture|$fromMillis($toMillis("2026-12-03 06:00 +05:30", "[Y]-[M]-[D] [H]:[m] [Z]"), "[H01]:[m01]")
06:00 shown for -0330|$fromMillis(1796277600000, "[H01]:[m01][Z]", "-0330")
06:00 shown for -0930|$fromMillis(1796277600000, "[H01]:[m01][Z]", "-0930")
50 ms as [s].[f]|$fromMillis(1796277600050, "[s].[f]")
50 ms as [s].[f001]|$fromMillis(1796277600050, "[s].[f001]")
END
cat >show.js <<'END'
const fs = require("node:fs");
const jsonata = require("jsonata");
(async () => {
  for (const line of fs.readFileSync("rules", "utf8").trim().split("\n")) console.log(await jsonata(line.split("|")[1]).evaluate({}));
})();
END
cat >show.py <<'PY'
from jsonata import Jsonata

for line in open("rules"):
    print(Jsonata(line.strip().split("|")[1]).evaluate({}))
PY
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"

	jsonata "github.com/blues/jsonata-go"
)

func main() {
	rules, err := os.ReadFile("rules")
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(rules)), "\n") {
		_, rule, _ := strings.Cut(line, "|")
		value, err := jsonata.MustCompile(rule).Eval(nil)
		if err != nil {
			panic(err)
		}
		fmt.Println(value)
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
cut -d'|' -f1 rules | sed 's/$/:/' >names
paste -d' ' names <(node show.js) <(venv/bin/python show.py) <(./show) | tee seen
cat >expected <<'TXT'
06:00 at -03:30 by a picture: 08:30 08:30 09:30
06:00 at -03:30, ISO 8601: 09:30 09:30 09:30
06:00 at -03:00 by a picture: 09:00 09:00 09:00
06:00 at +05:30 by a picture: 00:30 00:30 00:30
06:00 shown for -0330: 01:30-04:30 02:30-03:30 02:30-03:30
06:00 shown for -0930: 19:30-10:30 20:30-09:30 20:30-09:30
50 ms as [s].[f]: 00.50 00.50 00.050000000
50 ms as [s].[f001]: 00.050 00.050 00.050
TXT
cmp -s seen expected
