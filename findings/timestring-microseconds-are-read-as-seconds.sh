#!/usr/bin/env bash
# timestring 7.0.0 (npm) reads what Go's time.Duration writes. Needs Node and Go.
#
# A program in Go reports how long a device took to answer as text: 1m30s, 250ms, 750µs. timestring's README lists its units, from
# milliseconds on; another one is an error ("The unit [ns] is not supported"). Expected of microseconds: that error.
# Seen: 750 seconds, a millionfold, and no error. It drops every sign that is not ASCII before it looks at the unit, so "µs" is "s".
# A device that answered at once has been silent for twelve minutes, and the slower one, with milliseconds, is the quicker.
# A minus is read as part of the number and then left out: a clock that is 1.5 seconds behind is 1.5 seconds ahead.
# A comma is dropped, too: "1,5 h", as people in half of Europe write it, is 15 hours.
#
# Output seen, in seconds:
#   1m30s: 90
#   250ms: 0.25
#   750µs: 750
#   750ns: The unit [ns] is not supported by timestring
#   -1.5s: 1.5
#   1,5 h: 54000
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund timestring@7.0.0
cat >main.go <<'END'
package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println(90 * time.Second)
	fmt.Println(250 * time.Millisecond)
	fmt.Println(750 * time.Microsecond)
	fmt.Println(750 * time.Nanosecond)
	fmt.Println(-1500 * time.Millisecond)
}
END
GOCACHE="$tmp/gocache" go run main.go >texts
echo "1,5 h" >>texts
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const timestring = require("timestring")

for (const text of readFileSync("texts", "utf8").trim().split("\n")) {
  let read
  try {
    read = timestring(text)
  } catch (error) {
    read = error.message
  }
  console.log(`${text}: ${read}`)
}
END
node show.js | tee seen
diff seen - <<'END'
1m30s: 90
250ms: 0.25
750µs: 750
750ns: The unit [ns] is not supported by timestring
-1.5s: 1.5
1,5 h: 54000
END
