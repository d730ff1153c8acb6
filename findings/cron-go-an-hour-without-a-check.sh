#!/usr/bin/env bash
# Three Go libraries that read cron's rules: adhocore/gronx 1.20.4, reugn/go-quartz 0.15.2 and, beside them, robfig/cron 3.0.1.
#
# A check runs every 30 minutes, another every hour, in a zone that turns the clock back in autumn: one hour of the clock comes twice.
# Expected: the checks run through both, as time goes on; cron itself does so for such rules.
# Seen: gronx and go-quartz count on the clock, so one of the two hours has no check. After 90 minutes, or two hours, without a run the
# next comes. With gronx it depends on the zone and on the rule: half-hourly is right in New York and wrong in Berlin. Whoever waits for
# a sign of life every 30 minutes calls somebody at night, and what happens in that hour is seen late. In UTC all are right.
#
# Output seen (the longest time between two runs, in minutes, by the rules "*/30 * * * *" and "0 * * * *"):
#   robfig/cron: Europe/Berlin 30 and 60, America/New_York 30 and 60, UTC 30 and 60
#   gronx: Europe/Berlin 90 and 120, America/New_York 30 and 120, UTC 30 and 60
#   go-quartz: Europe/Berlin 90 and 120, America/New_York 90 and 120, UTC 30 and 60
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module finding

go 1.23

require (
	github.com/adhocore/gronx v1.20.4
	github.com/reugn/go-quartz v0.15.2
	github.com/robfig/cron/v3 v3.0.1
)
END
cat >main.go <<'END'
package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/adhocore/gronx"
	"github.com/reugn/go-quartz/quartz"
	"github.com/robfig/cron/v3"
)

type after func(rule string, last time.Time) time.Time

func ofRobfig(rule string, last time.Time) time.Time {
	schedule, err := cron.ParseStandard(rule)
	if err != nil {
		panic(err)
	}
	return schedule.Next(last)
}

func ofGronx(rule string, last time.Time) time.Time {
	next, err := gronx.NextTickAfter(rule, last, false)
	if err != nil {
		panic(err)
	}
	return next
}

// Its rules have seconds, and a "?" for one of the two days.
func ofQuartz(rule string, last time.Time) time.Time {
	trigger, err := quartz.NewCronTriggerWithLoc("0 "+strings.TrimSuffix(rule, "*")+"?", last.Location())
	if err != nil {
		panic(err)
	}
	next, err := trigger.NextFireTime(last.UnixNano())
	if err != nil {
		panic(err)
	}
	return time.Unix(0, next).In(last.Location())
}

// The longest time between two runs in the night of the zone's change, in minutes.
func longest(next after, rule string, zone *time.Location) (minutes int) {
	begin := time.Date(2027, time.October, 30, 20, 0, 0, 0, time.UTC)
	if strings.HasPrefix(zone.String(), "America/") {
		begin = time.Date(2027, time.November, 7, 0, 0, 0, 0, time.UTC)
	}
	last := next(rule, begin.In(zone))
	for last.Sub(begin) < 12*time.Hour {
		run := next(rule, last)
		minutes = max(minutes, int(run.Sub(last).Minutes()))
		last = run
	}
	return minutes
}

func main() {
	for _, library := range []struct {
		name string
		next after
	}{{"robfig/cron", ofRobfig}, {"gronx", ofGronx}, {"go-quartz", ofQuartz}} {
		var seen []string
		for _, name := range []string{"Europe/Berlin", "America/New_York", "UTC"} {
			zone, err := time.LoadLocation(name)
			if err != nil {
				panic(err)
			}
			half, hour := longest(library.next, "*/30 * * * *", zone), longest(library.next, "0 * * * *", zone)
			seen = append(seen, fmt.Sprintf("%s %d and %d", name, half, hour))
		}
		fmt.Printf("%s: %s\n", library.name, strings.Join(seen, ", "))
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show >seen
cat seen
cat >expected <<'END'
robfig/cron: Europe/Berlin 30 and 60, America/New_York 30 and 60, UTC 30 and 60
gronx: Europe/Berlin 90 and 120, America/New_York 30 and 120, UTC 30 and 60
go-quartz: Europe/Berlin 90 and 120, America/New_York 90 and 120, UTC 30 and 60
END
cmp -s seen expected
