#!/usr/bin/env bash
# Two Avro libraries for Go: hamba/avro 2.31.0 and linkedin/goavro 2.15.0, beside fastavro 1.13.1 (PyPI).
#
# A sensor gives 36.3, a float64; the field is a decimal with two digits behind the point, for which both Go libraries take a `big.Rat`.
# `SetFloat64` makes one, of the float as it is, 36.2999999999999971578. Expected: 36.30, or a refusal as for too many digits in Python.
# Seen: they cut what is behind the second digit, always downwards. 36.3 is 36.29 and -20.1 is -20.11, while 36.25 and 20.1 are right.
# Every value below zero gets lower: a thousandth below zero is a hundredth. So readings change by a hundredth, a limit of 36.3 is never
# reached, and each further pass through a float may take another hundredth. Round before: `SetString(fmt.Sprintf("%.2f", value))`.
#
# Output seen:
#   hamba: 36.3 is 36.29, 36.25 is 36.25, 20.1 is 20.10, -20.1 is -20.11, -0.001 is -0.01
#   goavro: 36.3 is 36.29, 36.25 is 36.25, 20.1 is 20.10, -20.1 is -20.11, -0.001 is -0.01
#   fastavro: 36.3 is refused, 36.25 is 36.25, 20.1 is refused, -20.1 is refused, -0.001 is refused
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
	"math/big"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

const schema = `{"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}`

func main() {
	codec, err := goavro.NewCodec(schema)
	if err != nil {
		panic(err)
	}
	for _, library := range []struct {
		name  string
		write func(value any) ([]byte, error)
	}{
		{"hamba", func(value any) ([]byte, error) { return avro.Marshal(avro.MustParse(schema), value) }},
		{"goavro", func(value any) ([]byte, error) { return codec.BinaryFromNative(nil, value) }},
	} {
		fmt.Print(library.name)
		for _, value := range []float64{36.3, 36.25, 20.1, -20.1, -0.001} {
			written, err := library.write(new(big.Rat).SetFloat64(value))
			if err != nil {
				panic(err)
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
from decimal import Decimal

from fastavro import schemaless_reader, schemaless_writer

schema = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}
values = [36.3, 36.25, 20.1, -20.1, -0.001]


def by_fastavro(value):
    buffer = io.BytesIO()
    try:
        schemaless_writer(buffer, schema, Decimal(value))
    except ValueError:
        return "refused"
    return buffer.getvalue().hex()


def read(written):
    return written if written == "refused" else schemaless_reader(io.BytesIO(bytes.fromhex(written)), schema, None)


lines = [line.split() for line in sys.stdin]
lines.append(["fastavro", *map(by_fastavro, values)])
for name, *written in lines:
    print(f"{name}:", ", ".join(f"{value:g} is {read(one)}" for value, one in zip(values, written)))
END
./writer | venv/bin/python show.py >seen
cat seen
cat >expected <<'END'
hamba: 36.3 is 36.29, 36.25 is 36.25, 20.1 is 20.10, -20.1 is -20.11, -0.001 is -0.01
goavro: 36.3 is 36.29, 36.25 is 36.25, 20.1 is 20.10, -20.1 is -20.11, -0.001 is -0.01
fastavro: 36.3 is refused, 36.25 is 36.25, 20.1 is refused, -20.1 is refused, -0.001 is refused
END
cmp -s seen expected
