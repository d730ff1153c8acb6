#!/usr/bin/env bash
# github.com/vjeantet/grok v1.0.1, beside github.com/elastic/go-grok v0.3.1 (both Go).
#
# A line of a device, "pump-7 temp=85", is taken apart by a pattern as Logstash has them, "%{NUMBER:temp:int}": the word behind the second colon is the type,
# and `ParseTyped` gives a map with numbers. Expected of a line whose value is not of that type: an error, as of an unknown type, or what Logstash
# has, 85 for 85.5. Seen: the value is 0, a number like any other, and no error. So a pump with a new firmware that sends "85.5" stops, a sensor that says
# "n/a" is at freezing point, and where the value is left out, "-", there is one. A number that is too large is the largest.
# A limit from above is never reached again, and one from below rings. Whole numbers are right, so the pattern tests well.
# go-grok refuses all of these, but for "-", where it has no field.
# Take the text, without a type, and convert it yourself.
#
# Output seen:
#   temp=%{NUMBER:temp:int} on "pump-7 temp=85": grok 85 (int), go-grok 85 (int)
#   temp=%{NUMBER:temp:int} on "pump-7 temp=85.5": grok 0 (int), go-grok refused
#   temp=%{NUMBER:temp:float} on "pump-7 temp=85.5": grok 85.5 (float64), go-grok 85.5 (float64)
#   temp=%{NOTSPACE:temp:float} on "pump-7 temp=n/a": grok 0 (float64), go-grok refused
#   temp=(?:%{NUMBER:temp:int}|-) on "pump-7 temp=-": grok 0 (int), go-grok no temp
#   temp=%{NUMBER:temp:int} on "pump-7 temp=99999999999999999999": grok 9223372036854775807 (int), go-grok refused
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require (
	github.com/elastic/go-grok v0.3.1
	github.com/vjeantet/grok v1.0.1
)
END
cat >show.go <<'END'
package main

import (
	"fmt"

	elastic "github.com/elastic/go-grok"
	"github.com/vjeantet/grok"
)

func shown(values map[string]interface{}, err error) string {
	if err != nil {
		return "refused"
	}
	value, there := values["temp"]
	if !there {
		return "no temp"
	}
	return fmt.Sprintf("%v (%T)", value, value)
}

func show(pattern, line string) {
	reader, err := grok.NewWithConfig(&grok.Config{NamedCapturesOnly: true})
	if err != nil {
		panic(err)
	}
	beside := elastic.New()
	if err := beside.Compile(pattern, true); err != nil {
		panic(err)
	}
	left, right := shown(reader.ParseTyped(pattern, line)), shown(beside.ParseTypedString(line))
	fmt.Printf("%s on %q: grok %s, go-grok %s\n", pattern, line, left, right)
}

func main() {
	show("temp=%{NUMBER:temp:int}", "pump-7 temp=85")
	show("temp=%{NUMBER:temp:int}", "pump-7 temp=85.5")
	show("temp=%{NUMBER:temp:float}", "pump-7 temp=85.5")
	show("temp=%{NOTSPACE:temp:float}", "pump-7 temp=n/a")
	show("temp=(?:%{NUMBER:temp:int}|-)", "pump-7 temp=-")
	show("temp=%{NUMBER:temp:int}", "pump-7 temp=99999999999999999999")
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show | tee seen
cat >expected <<'TXT'
temp=%{NUMBER:temp:int} on "pump-7 temp=85": grok 85 (int), go-grok 85 (int)
temp=%{NUMBER:temp:int} on "pump-7 temp=85.5": grok 0 (int), go-grok refused
temp=%{NUMBER:temp:float} on "pump-7 temp=85.5": grok 85.5 (float64), go-grok 85.5 (float64)
temp=%{NOTSPACE:temp:float} on "pump-7 temp=n/a": grok 0 (float64), go-grok refused
temp=(?:%{NUMBER:temp:int}|-) on "pump-7 temp=-": grok 0 (int), go-grok no temp
temp=%{NUMBER:temp:int} on "pump-7 temp=99999999999999999999": grok 9223372036854775807 (int), go-grok refused
TXT
cmp -s seen expected
