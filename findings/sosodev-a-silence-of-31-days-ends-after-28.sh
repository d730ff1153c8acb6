#!/usr/bin/env bash
# github.com/sosodev/duration v1.4.0 (Go), read by luxon 3.7.2 (npm) and isodate 0.7.2 (PyPI).
#
# A service in Go sends how long a device stays silent as an ISO 8601 duration: `duration.FromTimeDuration(744 * time.Hour).String()`. A time.Duration is
# a number of nanoseconds. Expected: that time in the units that are always as long, hours or PT744H, as Go itself says it ("744h0m0s").
# Seen: it becomes months and weeks where it is long enough for them. A month is 730 hours for this library, a year 365 days, so 31 days are
# "P1MT14H". Its documentation calls months "a bit fuzzy", and does not say that they come of themselves. It reads its own text back right.
# A month of ISO 8601 is one of the calendar: begun on 3 February, the 31 days end after 28 days and 14 hours; 365 days are a day more in a leap year.
# 40 days have a week beside a month, "P1M1W2DT14H", which ISO 8601-1 does not have, and which schemas (format "duration") refuse. Durations under
# a week are right, but for the day of 23 or 25 hours that P1D may mean. Write hours yourself: fmt.Sprintf("PT%dH", int(d.Hours())), and what is left.
#
# Output seen (begun on 3 February 2026, and for a year on 3 February 2028):
#   744h0m0s is P1MT14H: sosodev 744 h, luxon 686 h, isodate 686 h
#   960h0m0s is P1M1W2DT14H: sosodev 960 h, luxon 902 h, isodate 902 h
#   8760h0m0s is P1Y: sosodev 8760 h, luxon 8784 h, isodate 8784 h
#   144h0m0s is P6D: sosodev 144 h, luxon 144 h, isodate 144 h
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund luxon@3.7.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install isodate==0.7.2
cat >go.mod <<'END'
module show

go 1.21

require github.com/sosodev/duration v1.4.0
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"time"

	"github.com/sosodev/duration"
)

func main() {
	for _, given := range []time.Duration{744 * time.Hour, 960 * time.Hour, 8760 * time.Hour, 144 * time.Hour} {
		text := duration.FromTimeDuration(given).String()
		read, err := duration.Parse(text)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%v is %s: sosodev %g h\n", given, text, read.ToTimeDuration().Hours())
	}
}
END
cat >show.js <<'END'
const fs = require("node:fs");
const { DateTime, Duration } = require("luxon");
for (const line of fs.readFileSync("written", "utf8").trim().split("\n")) {
  const text = line.split(/[ :]/).find((word) => word.startsWith("P"));
  const begin = DateTime.fromISO(text === "P1Y" ? "2028-02-03T00:00Z" : "2026-02-03T00:00Z", { zone: "utc" });
  console.log(`, luxon ${begin.plus(Duration.fromISO(text)).diff(begin).as("hours")} h`);
}
END
cat >show.py <<'PY'
import datetime
import re

import isodate

for line in open("written"):
    text = re.search("P[^:]+", line)[0]
    begin = datetime.datetime(2028 if text == "P1Y" else 2026, 2, 3)
    lasted = begin + isodate.parse_duration(text) - begin
    print(f", isodate {lasted.total_seconds() / 3600:g} h")
PY
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show >written
paste -d '\0' written <(node show.js) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
744h0m0s is P1MT14H: sosodev 744 h, luxon 686 h, isodate 686 h
960h0m0s is P1M1W2DT14H: sosodev 960 h, luxon 902 h, isodate 902 h
8760h0m0s is P1Y: sosodev 8760 h, luxon 8784 h, isodate 8784 h
144h0m0s is P6D: sosodev 144 h, luxon 144 h, isodate 144 h
TXT
cmp -s seen expected
