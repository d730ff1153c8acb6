#!/usr/bin/env bash
# Two Avro libraries for Go: hamba/avro 2.31.0 and linkedin/goavro 2.15.0, beside fastavro 1.13.1 (PyPI), which reads what they write.
#
# Avro's `date` is a day of the calendar, "with no reference to a particular time zone", and `local-timestamp-millis` the time on the
# clock there. Go has no type for a day: its libraries take a `time.Time`, which knows its zone. Expected: the day, and the hour, that
# this time shows. Seen: both libraries turn it into UTC first. Midnight in Seoul is the day before, so a report's "today" is yesterday
# until nine in the morning, and hamba's local time is the one of Greenwich. A day before 1970 is one too late unless it is midnight.
# What goes the right way: `time.Date(y, m, d, hour, minute, second, 0, time.UTC)` with the numbers of the zone.
#
# Output seen:
#   hamba: 2026-12-01 00:30 is 2026-11-30, local time 2026-11-30 15:30; 1969-12-30 12:00 is 1969-12-31
#   goavro: 2026-12-01 00:30 is 2026-11-30, local time refused; 1969-12-30 12:00 is 1969-12-31
#   fastavro: 2026-12-01 00:30 is 2026-12-01, local time 2026-12-01 00:30; 1969-12-30 12:00 is 1969-12-30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install fastavro==1.13.1
cat >go.mod <<'END'
module finding

go 1.23

require (
	github.com/hamba/avro/v2 v2.31.0
	github.com/linkedin/goavro/v2 v2.15.0
)
END
cat >main.go <<'END'
package main

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

const date = `{"type": "int", "logicalType": "date"}`
const local = `{"type": "long", "logicalType": "local-timestamp-millis"}`

func ofHamba(schema string, value any) ([]byte, error) {
	return avro.Marshal(avro.MustParse(schema), value)
}

func ofGoavro(schema string, value any) ([]byte, error) {
	codec, err := goavro.NewCodec(schema)
	if err != nil {
		panic(err)
	}
	return codec.BinaryFromNative(nil, value)
}

func main() {
	seoul := time.FixedZone("KST", 9*60*60)
	now := time.Date(2026, time.December, 1, 0, 30, 0, 0, seoul)
	long := time.Date(1969, time.December, 30, 12, 0, 0, 0, time.UTC)
	for _, library := range []struct {
		name  string
		write func(schema string, value any) ([]byte, error)
	}{{"hamba", ofHamba}, {"goavro", ofGoavro}} {
		fmt.Print(library.name)
		for _, one := range []struct {
			schema string
			value  time.Time
		}{{date, now}, {local, now}, {date, long}} {
			written, err := library.write(one.schema, one.value)
			if err != nil {
				fmt.Print(" refused")
				continue
			}
			fmt.Print(" ", hex.EncodeToString(written))
		}
		fmt.Println()
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o writer . >build.log 2>&1 || { cat build.log; exit 1; }
cat >show.py <<'END'
import io
import sys
from datetime import datetime, timedelta, timezone

from fastavro import schemaless_reader, schemaless_writer

date = {"type": "int", "logicalType": "date"}
local = {"type": "long", "logicalType": "local-timestamp-millis"}
now = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=9)))
long = datetime(1969, 12, 30, 12, tzinfo=timezone.utc)


def by_fastavro(schema, value):
    buffer = io.BytesIO()
    schemaless_writer(buffer, schema, value)
    return buffer.getvalue().hex()


def read(schema, written):
    if written == "refused":
        return written
    value = schemaless_reader(io.BytesIO(bytes.fromhex(written)), schema, None)
    return f"{value:%Y-%m-%d %H:%M}" if schema is local else str(value)


lines = [line.split() for line in sys.stdin]
lines.append(["fastavro", by_fastavro(date, now), by_fastavro(local, now), by_fastavro(date, long)])
for name, day, clock, before in lines:
    print(f"{name}: {now:%Y-%m-%d %H:%M} is {read(date, day)}, local time {read(local, clock)}; {long:%Y-%m-%d %H:%M} is {read(date, before)}")
END
./writer | venv/bin/python show.py >seen
cat seen
cat >expected <<'END'
hamba: 2026-12-01 00:30 is 2026-11-30, local time 2026-11-30 15:30; 1969-12-30 12:00 is 1969-12-31
goavro: 2026-12-01 00:30 is 2026-11-30, local time refused; 1969-12-30 12:00 is 1969-12-31
fastavro: 2026-12-01 00:30 is 2026-12-01, local time 2026-12-01 00:30; 1969-12-30 12:00 is 1969-12-30
END
cmp -s seen expected
