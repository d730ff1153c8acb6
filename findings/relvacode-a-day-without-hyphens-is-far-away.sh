#!/usr/bin/env bash
# github.com/relvacode/iso8601 v1.8.3 (Go).
#
# Its README says that it "parses any ISO8601 date". ISO 8601 has a form without hyphens, "20261203", which devices and names of files use. Expected:
# that day, or an error, as the same form with a time gives.
# Seen: all digits are taken for the year. "20261203" is the first of January of the year 20261203, with no error; "202612" is the year 202612, and
# the 337th day "2026337" the year 2026337.
# Such a reading is never too old: it is newer than each that follows. Only `MarshalJSON` of Go refuses such a year, when the time is written again.
# Look at the year after reading, or use time.Parse("20060102", text) for this form.
#
# Output seen:
#   2026-12-03 is the year 2026, month 12, day 3, older than a week later: true
#   20261203 is the year 20261203, month 1, day 1, older than a week later: false
#   2026-337 is the year 2026, month 12, day 3, older than a week later: true
#   2026337 is the year 2026337, month 1, day 1, older than a week later: false
#   20261203T101530Z is refused
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require github.com/relvacode/iso8601 v1.8.3
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"time"

	"github.com/relvacode/iso8601"
)

func main() {
	now := time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-12-03", "20261203", "2026-337", "2026337", "20261203T101530Z"} {
		read, err := iso8601.ParseString(text)
		if err != nil {
			fmt.Printf("%s is refused\n", text)
			continue
		}
		fmt.Printf("%s is the year %d, month %d, day %d, older than a week later: %t\n", text, read.Year(), read.Month(), read.Day(), read.Before(now))
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show | tee seen
cat >expected <<'TXT'
2026-12-03 is the year 2026, month 12, day 3, older than a week later: true
20261203 is the year 20261203, month 1, day 1, older than a week later: false
2026-337 is the year 2026, month 12, day 3, older than a week later: true
2026337 is the year 2026337, month 1, day 1, older than a week later: false
20261203T101530Z is refused
TXT
cmp -s seen expected
