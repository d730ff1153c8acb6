#!/usr/bin/env bash
# msgpackr 2.1.4 and cbor-x 1.6.9, beside @msgpack/msgpack 3.1.3 and cbor 10.0.12 (all npm); read by msgpack 1.2.4 and cbor2 6.3.0 (PyPI)
# and by vmihailenco/msgpack 5.4.1 and fxamacker/cbor 2.9.0 (Go).
#
# A device's serial number is a whole number, and becomes part of a name: a key, a topic, a file. MessagePack and CBOR have whole numbers
# of up to 64 bits. Expected: 4294967296, which JavaScript holds exactly, is as whole a number as 4294967295.
# Seen: the two quick libraries write whole numbers of up to 32 bits, and a number with a point above. JavaScript sees no difference.
# Python reads 4294967296.0, Go 4.294967296e+09, and Go refuses the message where the field is an int64. So the devices whose numbers
# are large, and every time in milliseconds, have other names than from another sender. Neither README says so. Send them as a BigInt.
#
# Output seen:
#   @msgpack/msgpack: Python device-4294967295 device-4294967296, Go device-4294967295 device-4294967296
#   msgpackr: Python device-4294967295 device-4294967296.0, Go device-4294967295 device-4.294967296e+09
#   cbor: Python device-4294967295 device-4294967296, Go device-4294967295 device-4294967296
#   cbor-x: Python device-4294967295 device-4294967296.0, Go device-4294967295 device-4.294967296e+09
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund msgpackr@2.1.4 cbor-x@1.6.9 @msgpack/msgpack@3.1.3 cbor@10.0.12
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install msgpack==1.2.4 cbor2==6.3.0
cat >go.mod <<'END'
module finding

go 1.23

require (
	github.com/fxamacker/cbor/v2 v2.9.0
	github.com/vmihailenco/msgpack/v5 v5.4.1
)
END
cat >main.go <<'END'
package main

import (
	"encoding/hex"
	"fmt"
	"os"

	"github.com/fxamacker/cbor/v2"
	"github.com/vmihailenco/msgpack/v5"
)

func main() {
	read := msgpack.Unmarshal
	if os.Args[1] == "cbor" {
		read = cbor.Unmarshal
	}
	bytes, err := hex.DecodeString(os.Args[2])
	if err != nil {
		panic(err)
	}
	var numbers []any
	if err := read(bytes, &numbers); err != nil {
		panic(err)
	}
	fmt.Printf("device-%v device-%v\n", numbers...)
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o reader . >build.log 2>&1 || { cat build.log; exit 1; }
cat >write.mjs <<'END'
import * as msgpack from "@msgpack/msgpack"
import cbor from "cbor"
import * as cborX from "cbor-x"
import * as msgpackr from "msgpackr"

const libraries = { "@msgpack/msgpack": msgpack, msgpackr, cbor, "cbor-x": cborX }
for (const [name, { encode }] of Object.entries(libraries)) {
  console.log(name, name.startsWith("cbor") ? "cbor" : "msgpack", Buffer.from(encode([4294967295, 4294967296])).toString("hex"))
}
END
cat >read.py <<'END'
import sys

import cbor2
import msgpack

read = {"cbor": cbor2.loads, "msgpack": msgpack.unpackb}[sys.argv[1]]
print(*(f"device-{number}" for number in read(bytes.fromhex(sys.argv[2]))))
END
node write.mjs | while read -r name format written; do
  echo "$name: Python $(venv/bin/python read.py "$format" "$written"), Go $(./reader "$format" "$written")"
done >seen
cat seen
cat >expected <<'END'
@msgpack/msgpack: Python device-4294967295 device-4294967296, Go device-4294967295 device-4294967296
msgpackr: Python device-4294967295 device-4294967296.0, Go device-4294967295 device-4.294967296e+09
cbor: Python device-4294967295 device-4294967296, Go device-4294967295 device-4294967296
cbor-x: Python device-4294967295 device-4294967296.0, Go device-4294967295 device-4.294967296e+09
END
cmp -s seen expected
