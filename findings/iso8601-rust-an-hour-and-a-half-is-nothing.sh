#!/usr/bin/env bash
# iso8601 0.6.6 (Rust crate) and github.com/channelmeter/iso8601duration at 8da3af7 (Go), beside isodate 0.7.2 (PyPI). Needs cargo (Rust).
#
# A window or a mute time lasts PT1.5H. ISO 8601 lets the smallest unit that is written have a fraction, with a point or a comma.
# Expected: an hour and a half, or an error, as the crate has one for half a day ("P0.5D"). Seen: both take what they can read of a fraction of hours
# or minutes, which is nothing, and report no error: PT1.5H and PT1.5M are no time at all, and PT1H30.5M is an hour. A window of no length
# is empty, and what is muted for it is not. The crate knows a fraction of seconds, the one in Go none: PT0.5S is 0. And Go's takes a duration
# wherever it finds one, so -PT15M, before an event, is a quarter of an hour behind it. Whole numbers are right. Write PT90M.
#
# Output seen (in seconds):
#   PT1.5H: iso8601 0, channelmeter 0, isodate 5400
#   PT0,5H: iso8601 0, channelmeter 0, isodate 1800
#   PT1H30.5M: iso8601 3600, channelmeter 3600, isodate 5430
#   P1DT0.5H: iso8601 86400, channelmeter 86400, isodate 88200
#   PT0.5S: iso8601 0.5, channelmeter 0, isodate 0.5
#   -PT15M: iso8601 refused, channelmeter 900, isodate -900
#   PT90M: iso8601 5400, channelmeter 5400, isodate 5400
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
printf '%s\n' PT1.5H PT0,5H PT1H30.5M P1DT0.5H PT0.5S -PT15M PT90M >durations
cat >Cargo.toml <<'END'
[package]
name = "rust"
version = "0.0.0"
edition = "2021"

[dependencies]
iso8601 = "=0.6.6"
END
mkdir src
cat >src/main.rs <<'END'
fn main() {
    for text in std::fs::read_to_string("durations").unwrap().lines() {
        match iso8601::duration(text) {
            Ok(duration) => println!("{text}: iso8601 {}", std::time::Duration::from(duration).as_secs_f64()),
            Err(_) => println!("{text}: iso8601 refused"),
        }
    }
}
END
cat >go.mod <<'END'
module show

go 1.21

require github.com/channelmeter/iso8601duration v0.0.0-20150204201828-8da3af7a2a61
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"

	duration "github.com/channelmeter/iso8601duration"
)

func main() {
	durations, err := os.ReadFile("durations")
	if err != nil {
		panic(err)
	}
	for _, text := range strings.Fields(string(durations)) {
		if read, err := duration.FromString(text); err != nil {
			fmt.Println(", channelmeter refused")
		} else {
			fmt.Printf(", channelmeter %g\n", read.ToDuration().Seconds())
		}
	}
}
END
cat >show.py <<'PY'
import isodate

for line in open("durations"):
    print(f", isodate {isodate.parse_duration(line.strip()).total_seconds():g}")
PY
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install isodate==0.7.2
paste -d '\0' <(./target/debug/rust) <(./show) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
PT1.5H: iso8601 0, channelmeter 0, isodate 5400
PT0,5H: iso8601 0, channelmeter 0, isodate 1800
PT1H30.5M: iso8601 3600, channelmeter 3600, isodate 5430
P1DT0.5H: iso8601 86400, channelmeter 86400, isodate 88200
PT0.5S: iso8601 0.5, channelmeter 0, isodate 0.5
-PT15M: iso8601 refused, channelmeter 900, isodate -900
PT90M: iso8601 5400, channelmeter 5400, isodate 5400
TXT
cmp -s seen expected
