#!/usr/bin/env bash
# github.com/dustin/go-humanize v1.1.0 (Go).
#
# SI writes a number with its unit for people, "1.5 kV", and ParseSI reads it: "ParseSI parses an SI string back into the number and unit". A device
# sends its reading so, or an alert is shown so and read again to compare it with a limit. Expected: what SI wrote gives the same number and unit.
# Seen: SI writes 5 pascals as "5 Pa", and ParseSI reads five times ten to the fifteenth of a unit "a". The first letter is a prefix wherever it can be
# one, also where no unit is left behind it: 5 metres are 0.005 of nothing, 5 tesla 5e12 of nothing, 50 minutes 0.05 "in". There is no error, and most
# units are right (V, A, W, Hz, K, h, s), so a voltage tests well and a level, a pressure or a torque does not. With a prefix they are right again:
# "5 kPa" is 5000 "Pa", which is what a test has, and the same sensor is out by 1e15 once it falls below a thousand.
# Keep the number beside the text, or compare the unit that comes back with the one you wait for.
#
# Output seen:
#   5000 Pa is written 5 kPa and read 5000 "Pa"
#   5 Pa is written 5 Pa and read 5e+15 "a"
#   5 m is written 5 m and read 0.005 ""
#   5 T is written 5 T and read 5e+12 ""
#   50 min is written 50 min and read 0.05 "in"
#   5 V is written 5 V and read 5 "V"
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require github.com/dustin/go-humanize v1.1.0
END
cat >show.go <<'END'
package main

import (
	"fmt"

	"github.com/dustin/go-humanize"
)

func main() {
	for _, given := range []struct {
		value float64
		unit  string
	}{{5000, "Pa"}, {5, "Pa"}, {5, "m"}, {5, "T"}, {50, "min"}, {5, "V"}} {
		text := humanize.SI(given.value, given.unit)
		value, unit, err := humanize.ParseSI(text)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%g %s is written %s and read %g %q\n", given.value, given.unit, text, value, unit)
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show >seen
cat seen
cat >expected <<'TXT'
5000 Pa is written 5 kPa and read 5000 "Pa"
5 Pa is written 5 Pa and read 5e+15 "a"
5 m is written 5 m and read 0.005 ""
5 T is written 5 T and read 5e+12 ""
50 min is written 50 min and read 0.05 "in"
5 V is written 5 V and read 5 "V"
TXT
cmp -s seen expected
