#!/usr/bin/env bash
# fxamacker/cbor 2.10.0 (Go) reads the times that cbor-x 1.6.9 and cbor 10.0.12 (npm) write; beside it ugorji/go/codec 1.3.2 (Go) and
# cbor2 6.3.0 (PyPI).
#
# A device sends its alerts in CBOR with their time, a JavaScript Date with milliseconds. CBOR's tag 1 has seconds since 1970, as a float
# where there is a fraction. Expected: the same millisecond at the reader. A float64 holds today's seconds to a quarter of a microsecond.
# Seen: fxamacker keeps what the float is exactly, 06:00:00.122999906 for .123, and Go cuts when it is asked for milliseconds, in
# `UnixMilli` as in `Format`. Half of all times are a millisecond earlier than with any other reader. So one alert has two keys if the
# key has its time, and at the border of a window it is in the one before. Use `Round(time.Microsecond)` on what comes out.
#
# Output seen (times of 1,000 that are another millisecond; the one of .123):
#   cbor-x: fxamacker 496 (.122), ugorji 0 (.123), cbor2 0 (.123)
#   cbor: fxamacker 496 (.122), ugorji 0 (.123), cbor2 0 (.123)
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund cbor-x@1.6.9 cbor@10.0.12
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cbor2==6.3.0
cat >go.mod <<'END'
module finding

go 1.23

require (
	github.com/fxamacker/cbor/v2 v2.10.0
	github.com/ugorji/go/codec v1.3.2
)
END
cat >main.go <<'END'
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/ugorji/go/codec"
)

func main() {
	written, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	begin := time.Date(2026, time.December, 1, 6, 0, 0, 0, time.UTC).UnixMilli()
	var seen []string
	for _, library := range []struct {
		name string
		read func(times *[]time.Time) error
	}{
		{"fxamacker", func(times *[]time.Time) error { return cbor.Unmarshal(written, times) }},
		{"ugorji", func(times *[]time.Time) error { return codec.NewDecoderBytes(written, &codec.CborHandle{}).Decode(times) }},
	} {
		var times []time.Time
		if err := library.read(&times); err != nil {
			panic(err)
		}
		others := 0
		for at, read := range times {
			if read.UnixMilli() != begin+int64(at) {
				others++
			}
		}
		seen = append(seen, fmt.Sprintf("%s %d (%s)", library.name, others, times[123].Format(".000")))
	}
	fmt.Println(strings.Join(seen, ", "))
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o reader . >build.log 2>&1 || { cat build.log; exit 1; }
cat >write.mjs <<'END'
import cbor from "cbor"
import { encode } from "cbor-x"

const begin = Date.parse("2026-12-01T06:00:00Z")
const times = Array.from({ length: 1000 }, (_, at) => new Date(begin + at))
process.stdout.write(process.argv[2] === "cbor" ? cbor.encodeOne(times, { highWaterMark: 1_000_000 }) : encode(times))
END
cat >read.py <<'END'
import sys

import cbor2

times = cbor2.load(sys.stdin.buffer)
others = sum(read.microsecond // 1000 != at for at, read in enumerate(times))
print(f"cbor2 {others} (.{times[123].microsecond // 1000:03})")
END
for writer in cbor-x cbor; do
  node write.mjs "$writer" >times
  echo "$writer: $(./reader <times), $(venv/bin/python read.py <times)"
done >seen
cat seen
cat >expected <<'END'
cbor-x: fxamacker 496 (.122), ugorji 0 (.123), cbor2 0 (.123)
cbor: fxamacker 496 (.122), ugorji 0 (.123), cbor2 0 (.123)
END
cmp -s seen expected
