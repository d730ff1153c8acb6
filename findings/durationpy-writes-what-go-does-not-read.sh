#!/usr/bin/env bash
# durationpy 0.11 (PyPI), which Kubernetes' client for Python uses, and Go's own time.ParseDuration.
#
# durationpy turns a timedelta into Go's form of a duration, "1h15m", and back. A timedelta has whole microseconds, and Go's form any number of
# digits. Expected: the same duration again, as it is below one second, and a text that Go reads. Seen: from one second on the seconds have six
# digits in all, those before the point included: 12.345678 s is "12.3457s", and 1.000001 s is "1s". Beyond a minute a small rest has an exponent,
# "1m5e-05s", which neither Go nor durationpy itself reads. Whole milliseconds are right, so most durations of a configuration are.
# A measured one is not: round it to milliseconds before.
#
# Output seen:
#   0.345678 s is 345ms678us: durationpy reads 0.345678 s, Go 345.678ms
#   1.000001 s is 1s: durationpy reads 1.0 s, Go 1s
#   12.345678 s is 12.3457s: durationpy reads 12.3457 s, Go 12.3457s
#   60.00005 s is 1m5e-05s: durationpy refuses, Go refuses
#   90.125 s is 1m30.125s: durationpy reads 90.125 s, Go 1m30.125s
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install durationpy==0.11
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if duration, err := time.ParseDuration(os.Args[1]); err != nil {
		fmt.Println("refuses")
	} else {
		fmt.Println(duration)
	}
}
GO
export GOCACHE="$tmp/cache"
go build -o read main.go
cat >show.py <<'PY'
import subprocess
from datetime import timedelta

import durationpy


def read(text):
    try:
        return f"reads {durationpy.from_str(text).total_seconds()} s"
    except durationpy.DurationError:
        return "refuses"


for seconds in (0.345678, 1.000001, 12.345678, 60.00005, 90.125):
    text = durationpy.to_str(timedelta(seconds=seconds))
    go = subprocess.run(["./read", text], capture_output=True, check=True, text=True).stdout.strip()
    print(f"{seconds} s is {text}: durationpy {read(text)}, Go {go}")
PY
venv/bin/python show.py >seen
cat seen
cat >expected <<'TXT'
0.345678 s is 345ms678us: durationpy reads 0.345678 s, Go 345.678ms
1.000001 s is 1s: durationpy reads 1.0 s, Go 1s
12.345678 s is 12.3457s: durationpy reads 12.3457 s, Go 12.3457s
60.00005 s is 1m5e-05s: durationpy refuses, Go refuses
90.125 s is 1m30.125s: durationpy reads 90.125 s, Go 1m30.125s
TXT
cmp -s seen expected
