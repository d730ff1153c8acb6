#!/usr/bin/env bash
# github.com/tj/go-naturaldate v1.3.0 (Go).
#
# Made for the search in logs, "from last sunday at 5:30pm", and for reminders, "on the 25th of December at 7:30am". A date without a year is the last one, or
# with WithDirection(Future) the next one. Expected: said on 29 November, "february 5th" is 5 February of the next year. Said on 3 December, "december 1st" is
# the day before yesterday, and with the future "december 25th" is in three weeks.
# Seen: the month is set first and keeps the day of today. There is no 29 February 2027, so that is March for Go, and the 5th is set in March.
# So at the end of a month the dates of shorter ones are a month late. And a date of the running month is a year off, into the past or into the
# future: "december 1st" is 367 days ago, "december 25th" a year and three weeks away. A search in the logs of this month finds last year's.
# The README's own sentence is read so in December; the tests of the package run on one 25 November.
# A year behind the date is taken for something else, "december 25th 2026" is in March 2028. Nothing is refused.
# "december 25th" is right in other months, before the 29th. Use "3 days ago" or "the 25th", which have no month.
#
# Output seen:
#   said on 2026-12-03: december 1st, past: 2025-12-01
#   said on 2026-12-03: on the 25th of December at 7:30am, future: 2027-12-25
#   said on 2026-12-03: december 25th 2026, future: 2028-03-18
#   said on 2026-11-28: february 5th, future: 2027-02-05
#   said on 2026-11-29: february 5th, future: 2027-03-05
#   said on 2027-01-31: november 28th, past: 2026-12-28
#   said on 2026-12-03: the 25th, future: 2026-12-25
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require github.com/tj/go-naturaldate v1.3.0
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"time"

	"github.com/tj/go-naturaldate"
)

func show(said string, on time.Time, name string, direction naturaldate.Direction) {
	read, err := naturaldate.Parse(said, on, naturaldate.WithDirection(direction))
	if err != nil {
		panic(err)
	}
	fmt.Printf("said on %s: %s, %s: %s\n", on.Format(time.DateOnly), said, name, read.Format(time.DateOnly))
}

func past(said string, year int, month time.Month, day int) {
	show(said, time.Date(year, month, day, 10, 15, 0, 0, time.UTC), "past", naturaldate.Past)
}

func future(said string, year int, month time.Month, day int) {
	show(said, time.Date(year, month, day, 10, 15, 0, 0, time.UTC), "future", naturaldate.Future)
}

func main() {
	past("december 1st", 2026, 12, 3)
	future("on the 25th of December at 7:30am", 2026, 12, 3)
	future("december 25th 2026", 2026, 12, 3)
	future("february 5th", 2026, 11, 28)
	future("february 5th", 2026, 11, 29)
	past("november 28th", 2027, 1, 31)
	future("the 25th", 2026, 12, 3)
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show | tee seen
cat >expected <<'TXT'
said on 2026-12-03: december 1st, past: 2025-12-01
said on 2026-12-03: on the 25th of December at 7:30am, future: 2027-12-25
said on 2026-12-03: december 25th 2026, future: 2028-03-18
said on 2026-11-28: february 5th, future: 2027-02-05
said on 2026-11-29: february 5th, future: 2027-03-05
said on 2027-01-31: november 28th, past: 2026-12-28
said on 2026-12-03: the 25th, future: 2026-12-25
TXT
cmp -s seen expected
