#!/usr/bin/env bash
# github.com/ohler55/ojg v1.28.5, beside github.com/theory/jsonpath v0.12.3 (both Go).
#
# A rule filters alerts by JSONPath, here on readings 90, 85.5, null, "n/a", -0.5 and 10.0. Expected: what RFC 9535 has, as theory/jsonpath does:
# != is true wherever == is not (2.3.5.2.2), and && binds more than || (2.3.5.1), as in each language that has both.
# Seen, first: in ojg no number with a fraction differs from anything. `@.v != null`, to leave out what has no reading, leaves out 85.5, -0.5 and 10.0
# and keeps 90; so do != 'n/a' and != 85.5. Only against a whole number it is right (`!= 90`), and with null on the left.
# Of a document by encoding/json, where each number is a float64, no reading is left at all. Second: `a || b && c` is taken as `(a || b) && c`, so
# "all of pump 1, and of pump 2 what is above 100" finds nothing of pump 1. In the order `b && c || a` it is right.
# No error comes, and == and the comparisons of size are right. Write !(@.v == null), and brackets.
#
# Output seen (the readings, by ojg's own parser, by encoding/json, and of theory/jsonpath; then the pumps):
#   @.v != null: ojg [90 n/a], of encoding/json [n/a], theory [90 85.5 n/a -0.5 10]
#   null != @.v: ojg [90 85.5 n/a -0.5 10], of encoding/json [90 85.5 n/a -0.5 10], theory [90 85.5 n/a -0.5 10]
#   @.v != 'n/a': ojg [90 <nil>], of encoding/json [<nil>], theory [90 85.5 <nil> -0.5 10]
#   @.v != 85.5: ojg [90 <nil> n/a], of encoding/json [<nil> n/a], theory [90 <nil> n/a -0.5 10]
#   @.v != 90: ojg [85.5 <nil> n/a -0.5 10], of encoding/json [85.5 <nil> n/a -0.5 10], theory [85.5 <nil> n/a -0.5 10]
#   @.pump == 1 || @.pump == 2 && @.v > 100: ojg [], of encoding/json [], theory [90 85.5]
#   @.pump == 2 && @.v > 100 || @.pump == 1: ojg [90 85.5], of encoding/json [90 85.5], theory [90 85.5]
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.23

require (
	github.com/ohler55/ojg v1.28.5
	github.com/theory/jsonpath v0.12.3
)
END
cat >show.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/ohler55/ojg/jp"
	"github.com/ohler55/ojg/oj"
	"github.com/theory/jsonpath"
)

const alerts = `[
  { "pump": 1, "v": 90 },
  { "pump": 1, "v": 85.5 },
  { "pump": 2, "v": null },
  { "pump": 2, "v": "n/a" },
  { "pump": 3, "v": -0.5 },
  { "pump": 3, "v": 10.0 }
]`

func main() {
	own := oj.MustParseString(alerts)
	var standard any
	if err := json.Unmarshal([]byte(alerts), &standard); err != nil {
		panic(err)
	}
	for _, filter := range []string{
		"@.v != null", "null != @.v", "@.v != 'n/a'", "@.v != 85.5", "@.v != 90",
		"@.pump == 1 || @.pump == 2 && @.v > 100", "@.pump == 2 && @.v > 100 || @.pump == 1",
	} {
		path := "$[?(" + filter + ")].v"
		query := jp.MustParseString(path)
		other := jsonpath.MustParse(path)
		fmt.Printf("%s: ojg %v, of encoding/json %v, theory %v\n", filter, query.Get(own), query.Get(standard), []any(other.Select(standard)))
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
./show | tee seen
cat >expected <<'TXT'
@.v != null: ojg [90 n/a], of encoding/json [n/a], theory [90 85.5 n/a -0.5 10]
null != @.v: ojg [90 85.5 n/a -0.5 10], of encoding/json [90 85.5 n/a -0.5 10], theory [90 85.5 n/a -0.5 10]
@.v != 'n/a': ojg [90 <nil>], of encoding/json [<nil>], theory [90 85.5 <nil> -0.5 10]
@.v != 85.5: ojg [90 <nil> n/a], of encoding/json [<nil> n/a], theory [90 <nil> n/a -0.5 10]
@.v != 90: ojg [85.5 <nil> n/a -0.5 10], of encoding/json [85.5 <nil> n/a -0.5 10], theory [85.5 <nil> n/a -0.5 10]
@.pump == 1 || @.pump == 2 && @.v > 100: ojg [], of encoding/json [], theory [90 85.5]
@.pump == 2 && @.v > 100 || @.pump == 1: ojg [90 85.5], of encoding/json [90 85.5], theory [90 85.5]
TXT
cmp -s seen expected
