#!/usr/bin/env bash
# github.com/gopcua/opcua v0.8.0 (Go), beside asyncua 2.1.0 (PyPI).
#
# OPC UA, the protocol of machines and their alarms, counts time in tenths of a microsecond from 1601, in 64 bits. "Never ends" is the last second of
# 9999, and goes out as the largest number that there is. A reader takes that for the latest time it has (OPC UA Part 6, the encoding of DateTime).
# Some servers send the tenths up to 9999 instead. An alarm is shelved for good, or a limit is valid for ever.
# Expected: a time far ahead. Seen: gopcua goes through nanoseconds from 1970 in 64 bits, which end in 2262, and passes over that silently. The largest
# number is a day in 2185, the tenths up to 9999 are a day in 1816, so what never ends has ended for two centuries. It writes 9999 as 1816 for all others,
# and a beginning of 1601, which should be 0, as 2185. Times from 1678 to 2262 are right, and so is Go's zero time.
# Compare with the number that was sent, or with your own latest time, before you hand a far time to gopcua.
#
# Output seen:
#   gopcua reads 9223372036854775807: 2185-07-21
#   gopcua reads 2650467743990000000: 1816-03-30
#   gopcua reads 134407548000000000: 2026-12-03
#   gopcua writes 9999-12-31: 67923573670662774
#   gopcua writes 1601-01-01: 184467440737095516
#   asyncua reads 9223372036854775807: 9999-12-31
#   asyncua reads 2650467743990000000: 9999-12-31
#   asyncua reads 67923573670662774: 1816-03-30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >go.mod <<'END'
module show

go 1.21

require github.com/gopcua/opcua v0.8.0
END
cat >show.go <<'END'
package main

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

func main() {
	for _, number := range []uint64{9223372036854775807, 2650467743990000000, 134407548000000000} {
		buffer := ua.NewBuffer(binary.LittleEndian.AppendUint64(nil, number))
		read := buffer.ReadTime()
		if err := buffer.Error(); err != nil {
			panic(err)
		}
		fmt.Printf("gopcua reads %d: %s\n", number, read.UTC().Format(time.DateOnly))
	}
	for _, when := range []time.Time{
		time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC),
		time.Date(1601, time.January, 1, 0, 0, 0, 0, time.UTC),
	} {
		buffer := ua.NewBuffer(nil)
		buffer.WriteTime(when)
		fmt.Printf("gopcua writes %s: %d\n", when.Format(time.DateOnly), binary.LittleEndian.Uint64(buffer.Bytes()))
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install asyncua==2.1.0
cat >show.py <<'PY'
from asyncua.ua import win_epoch_to_datetime

for number in (9223372036854775807, 2650467743990000000, 67923573670662774):
    print(f"asyncua reads {number}: {win_epoch_to_datetime(number):%Y-%m-%d}")
PY
{ ./show; venv/bin/python show.py 2>log; } >seen
cat seen
cat >expected <<'TXT'
gopcua reads 9223372036854775807: 2185-07-21
gopcua reads 2650467743990000000: 1816-03-30
gopcua reads 134407548000000000: 2026-12-03
gopcua writes 9999-12-31: 67923573670662774
gopcua writes 1601-01-01: 184467440737095516
asyncua reads 9223372036854775807: 9999-12-31
asyncua reads 2650467743990000000: 9999-12-31
asyncua reads 67923573670662774: 1816-03-30
TXT
cmp -s seen expected
