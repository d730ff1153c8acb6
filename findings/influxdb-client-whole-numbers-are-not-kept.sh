#!/usr/bin/env bash
# @influxdata/influxdb-client 1.35.0 (npm).
#
# The line protocol of InfluxDB has whole numbers of 64 bits, with an "i" behind them or a "u" for those without a sign. A program has a counter
# or a serial number as a BigInt, or as the text that a decoder gave it. Expected: the digits that were given, or an error, as for what is
# out of range. Seen: `uintField` keeps them; `intField` goes through a double, and two devices have one serial number from 2^53 on.
# The largest whole number, which the range allows, is refused, as its double is beyond it. A fraction goes down as a number
# and towards zero as a text: -0.5 is -1, "-0.5" is 0. And `booleanField` takes what JavaScript holds for true: "false" and "0" are T, where
# `intField` and `floatField` read the text. Small whole numbers and real booleans are right. Use `uintField` for what has no sign.
#
# Output seen:
#   intField: 9007199254740993n is 9007199254740992i, "9007199254740993" is 9007199254740992i
#   uintField: 9007199254740993n is 9007199254740993u, "9007199254740993" is 9007199254740993u
#   intField: 9223372036854775807n is refused
#   uintField: 9223372036854775807n is 9223372036854775807u
#   intField: -0.5 is -1i, "-0.5" is 0i
#   booleanField: "false" is T, "0" is T, false is F
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund @influxdata/influxdb-client@1.35.0
cat >show.js <<'JS'
const { Point } = require("@influxdata/influxdb-client")

function written(method, value) {
  try {
    return new Point("boiler")[method]("field", value).toLineProtocol().match(/field=(\S+)/)[1]
  } catch {
    return "refused"
  }
}
const shown = (value) => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value))

for (const [method, ...values] of [
  ["intField", 9007199254740993n, "9007199254740993"],
  ["uintField", 9007199254740993n, "9007199254740993"],
  ["intField", 9223372036854775807n],
  ["uintField", 9223372036854775807n],
  ["intField", -0.5, "-0.5"],
  ["booleanField", "false", "0", false],
]) {
  console.log(`${method}: ${values.map((value) => `${shown(value)} is ${written(method, value)}`).join(", ")}`)
}
JS
node show.js >seen
cat seen
cat >expected <<'TXT'
intField: 9007199254740993n is 9007199254740992i, "9007199254740993" is 9007199254740992i
uintField: 9007199254740993n is 9007199254740993u, "9007199254740993" is 9007199254740993u
intField: 9223372036854775807n is refused
uintField: 9223372036854775807n is 9223372036854775807u
intField: -0.5 is -1i, "-0.5" is 0i
booleanField: "false" is T, "0" is T, false is F
TXT
cmp -s seen expected
