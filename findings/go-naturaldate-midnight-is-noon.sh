#!/usr/bin/env bash
# github.com/tj/go-naturaldate v1.3.0 and github.com/olebedev/when v1.1.0, beside the package `time` of the language (all Go).
#
# A person says from when a device is mute, or which hours of a log to show: "today at 12:30am", "tomorrow at 11:30pm". Both packages read that, with am and pm.
# Expected: on a clock of twelve hours 12:30am is half past midnight, and 12:30pm half an hour after noon, as `time.Kitchen` has it.
# Seen: both take 12:30am for 12:30 at noon. naturaldate adds twelve hours to each pm, to 12 as well, so "yesterday at 12pm" is the beginning of today, and
# "from 11am to 12:30pm" lasts for thirteen and a half hours. `when` has 12pm right. A silence for the night begins at noon, and no error comes.
# All other hours are right in both, so a try at ten in the evening finds nothing. So is 24-hour time, "today at 0:30": write that.
#
# Output seen (said on 3 December 2026 at 10:15, for naturaldate with the direction of the future):
#   today at 11:30am: naturaldate 2026-12-03 11:30, when 2026-12-03 11:30, time 11:30
#   today at 12:30am: naturaldate 2026-12-03 12:30, when 2026-12-03 12:30, time 00:30
#   today at 12:30pm: naturaldate 2026-12-04 00:30, when 2026-12-03 12:30, time 12:30
#   tomorrow at 12am: naturaldate 2026-12-04 12:00, when 2026-12-04 12:00, time 00:00
#   tomorrow at 12pm: naturaldate 2026-12-05 00:00, when 2026-12-04 12:00, time 12:00
#   today at 0:30: naturaldate 2026-12-03 00:30, when 2026-12-03 00:30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require (
	github.com/olebedev/when v1.1.0
	github.com/tj/go-naturaldate v1.3.0
)
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/olebedev/when"
	"github.com/olebedev/when/rules/common"
	"github.com/olebedev/when/rules/en"
	"github.com/tj/go-naturaldate"
)

const minute = "2006-01-02 15:04"

func main() {
	now := time.Date(2026, 12, 3, 10, 15, 0, 0, time.UTC)
	parser := when.New(nil)
	parser.Add(en.All...)
	parser.Add(common.All...)
	for _, said := range []string{
		"today at 11:30am", "today at 12:30am", "today at 12:30pm", "tomorrow at 12am", "tomorrow at 12pm", "today at 0:30",
	} {
		natural, err := naturaldate.Parse(said, now, naturaldate.WithDirection(naturaldate.Future))
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: naturaldate %s", said, natural.Format(minute))
		found, err := parser.Parse(said, now)
		if err != nil {
			panic(err)
		}
		fmt.Printf(", when %s", found.Time.Format(minute))
		_, clock, _ := strings.Cut(said, " at ")
		for _, layout := range []string{"3:04pm", "3pm"} {
			if read, err := time.Parse(layout, clock); err == nil {
				fmt.Printf(", time %s", read.Format("15:04"))
			}
		}
		fmt.Println()
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show | tee seen
cat >expected <<'TXT'
today at 11:30am: naturaldate 2026-12-03 11:30, when 2026-12-03 11:30, time 11:30
today at 12:30am: naturaldate 2026-12-03 12:30, when 2026-12-03 12:30, time 00:30
today at 12:30pm: naturaldate 2026-12-04 00:30, when 2026-12-03 12:30, time 12:30
tomorrow at 12am: naturaldate 2026-12-04 12:00, when 2026-12-04 12:00, time 00:00
tomorrow at 12pm: naturaldate 2026-12-05 00:00, when 2026-12-04 12:00, time 12:00
today at 0:30: naturaldate 2026-12-03 00:30, when 2026-12-03 00:30
TXT
cmp -s seen expected
