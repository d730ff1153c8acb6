#!/usr/bin/env bash
# github.com/bcicen/go-units v1.0.5 (Go), the newest release, beside pint 0.25.2 (PyPI).
#
# go-units finds a unit by its symbol and converts, and gives an error where two units do not measure the same: "mmHg" to "kg" has no conversion.
# A meter sends its energy in MWh, a limit stands in gigajoules. Expected: 1 MWh is 3.6 GJ, and no energy is a power (1 J is 1 W only for one second).
# Seen: 1 MWh is 0.0036 GJ, as much as a kilowatt-hour. A table has one wrong line for MWh, and it is taken because it is the shorter way to joules. To kWh
# the same MWh is right, and so are kWh and GWh to joules. So a limit in joules is never reached by the one meter that counts in MWh.
# Another line joins kWh to watts. Since then each energy has a power, without an error: 1 J is 1000 W, 5 kW are 1.4e-06 kWh.
# Pressures are off as well: 6 bar are 588 kPa, 1 mmHg is 13332 Pa instead of 133. For these the project's tracker has a fix of 2023
# (issue 25); the newest release is older than that, and nothing says so when one installs it.
# Try each unit that you need against a known value, in both directions.
#
# Output seen:
#   1 kWh: go-units 0.0036 GJ, pint 0.0036 GJ
#   1 MWh: go-units 0.0036 GJ, pint 3.6 GJ
#   1 GWh: go-units 3600 GJ, pint 3600 GJ
#   1 MWh: go-units 1000 kWh, pint 1000 kWh
#   1 J: go-units 1000 W, pint refused
#   5 kW: go-units 1.38889e-06 kWh, pint refused
#   6 bar: go-units 588 kPa, pint 600 kPa
#   1 mmHg: go-units 13332.2 Pa, pint 133.322 Pa
#   1 mmHg: go-units refused kg, pint refused
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >conversions <<'TXT'
1 kWh GJ
1 MWh GJ
1 GWh GJ
1 MWh kWh
1 J W
5 kW kWh
6 bar kPa
1 mmHg Pa
1 mmHg kg
TXT
cat >go.mod <<'END'
module show

go 1.21

require github.com/bcicen/go-units v1.0.5
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"

	units "github.com/bcicen/go-units"
)

func find(symbol string) units.Unit {
	unit, err := units.Find(symbol)
	if err != nil {
		panic(err)
	}
	return unit
}

func main() {
	for {
		var number float64
		var from, to string
		if _, err := fmt.Fscan(os.Stdin, &number, &from, &to); err != nil {
			return
		}
		if value, err := units.ConvertFloat(number, find(from), find(to)); err != nil {
			fmt.Printf("%g %s: go-units refused %s\n", number, from, to)
		} else {
			fmt.Printf("%g %s: go-units %.6g %s\n", number, from, value.Float(), to)
		}
	}
}
END
cat >show.py <<'PY'
import sys

import pint

registry = pint.UnitRegistry()
for line in sys.stdin:
    number, before, after = line.split()
    try:
        print(f", pint {registry.Quantity(float(number), before).to(after).magnitude:.6g} {after}")
    except pint.DimensionalityError:
        print(", pint refused")
PY
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pint==0.25.2
paste -d '\0' <(./show <conversions) <(venv/bin/python show.py <conversions) | tee seen
cat >expected <<'TXT'
1 kWh: go-units 0.0036 GJ, pint 0.0036 GJ
1 MWh: go-units 0.0036 GJ, pint 3.6 GJ
1 GWh: go-units 3600 GJ, pint 3600 GJ
1 MWh: go-units 1000 kWh, pint 1000 kWh
1 J: go-units 1000 W, pint refused
5 kW: go-units 1.38889e-06 kWh, pint refused
6 bar: go-units 588 kPa, pint 600 kPa
1 mmHg: go-units 13332.2 Pa, pint 133.322 Pa
1 mmHg: go-units refused kg, pint refused
TXT
cmp -s seen expected
