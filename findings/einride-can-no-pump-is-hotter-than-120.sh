#!/usr/bin/env bash
# go.einride.tech/can 0.17.0 (Go), beside cantools 45.1.0 (PyPI).
#
# A DBC file gives each signal on a CAN bus limits, here -40 to 120 degrees for a pump; 7FFF is "no value" by custom. cantool writes the Go for it.
# Expected: the value that is on the bus, and who wants limits compares. Seen: each value is put within the limits, on reading too. A pump of
# 130 degrees is at 120, and so is one whose sensor is broken; "above 120" never comes, and a device out of its limits can't be told from one at them.
# And a float (SIG_VALTYPE_) has two values: its getter reads a flow of 93.5 l. `cantext` and `canjson`, for logs and messages,
# take its bits for a whole number, far beyond the limit, so there it is 500 l.
# Compare the raw value, `RawTemperature`, or take the limits out of the file ([0|0]) before.
#
# Output seen:
#   00e803000000bb42: einride 100 degC (raw 1000), 93.5 l, as text {Temperature: 100degC, Flow: 500l}, cantools {'Temperature': 100.0, 'Flow': 93.5}
#   001405000000bb42: einride 120 degC (raw 1300), 93.5 l, as text {Temperature: 120degC, Flow: 500l}, cantools {'Temperature': 130.0, 'Flow': 93.5}
#   00ff7f000000bb42: einride 120 degC (raw 32767), 93.5 l, as text {Temperature: 120degC, Flow: 500l}, cantools {'Temperature': 3276.7000000000003, 'Flow': 93.5}
set -euo pipefail
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
export GOCACHE="$tmp/cache" GOMODCACHE="$tmp/modules" GOFLAGS=-mod=mod
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cantools==45.1.0
mkdir dbc
cat >dbc/pump.dbc <<'END'
VERSION ""
NS_ :
BS_:
BU_: ECU
BO_ 100 Pump: 8 ECU
 SG_ Temperature : 8|16@1- (0.1,0) [-40|120] "degC" ECU
 SG_ Flow : 32|32@1- (1,0) [0|500] "l" ECU
SIG_VALTYPE_ 100 Flow : 1;
END
cat >go.mod <<'END'
module pump

go 1.24

require go.einride.tech/can v0.17.0
END
go run go.einride.tech/can/cmd/cantool@v0.17.0 generate dbc gen >/dev/null 2>&1
cat >main.go <<'GO'
package main

import (
	"encoding/hex"
	"fmt"
	"os"

	"go.einride.tech/can"
	"go.einride.tech/can/pkg/cantext"
	pumpcan "pump/gen"
)

func main() {
	for _, text := range os.Args[1:] {
		bytes, err := hex.DecodeString(text)
		if err != nil {
			panic(err)
		}
		pump := pumpcan.NewPump()
		if err := pump.UnmarshalFrame(can.Frame{ID: 100, Length: 8, Data: can.Data(bytes)}); err != nil {
			panic(err)
		}
		fmt.Printf("%s: einride %v degC (raw %d), %v l, as text %s\n", text, pump.Temperature(), pump.RawTemperature(), pump.Flow(), cantext.MessageString(pump))
	}
}
GO
cat >show.py <<'PY'
import sys

import cantools

pump = cantools.database.load_file("dbc/pump.dbc").get_message_by_name("Pump")
for text in sys.argv[1:]:
    print(f", cantools {pump.decode(bytes.fromhex(text))}")
PY
frames=(00e803000000bb42 001405000000bb42 00ff7f000000bb42)
go run . "${frames[@]}" >one 2>errors || { cat errors; exit 1; }
venv/bin/python show.py "${frames[@]}" >other
paste -d '\0' one other | tee seen
cat >expected <<'TXT'
00e803000000bb42: einride 100 degC (raw 1000), 93.5 l, as text {Temperature: 100degC, Flow: 500l}, cantools {'Temperature': 100.0, 'Flow': 93.5}
001405000000bb42: einride 120 degC (raw 1300), 93.5 l, as text {Temperature: 120degC, Flow: 500l}, cantools {'Temperature': 130.0, 'Flow': 93.5}
00ff7f000000bb42: einride 120 degC (raw 32767), 93.5 l, as text {Temperature: 120degC, Flow: 500l}, cantools {'Temperature': 3276.7000000000003, 'Flow': 93.5}
TXT
cmp -s seen expected
