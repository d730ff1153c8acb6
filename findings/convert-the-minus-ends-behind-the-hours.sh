#!/usr/bin/env bash
# convert 8.0.2 and @sapphire/duration 1.2.0, beside parse-duration 2.1.9 and @icholy/duration 5.1.0 (all npm), read what Go's time.Duration writes.
#
# A device's clock is an hour and a half behind, or a report is due that long before the end of a shift. A service in Go writes "-1h30m0s": one sign in
# front of the whole. convert has `convertMany("4d 16h")` for such texts, with a space between the parts.
# Expected: minus 90 minutes, as for "-90m". Seen: two of the four give the sign to the first part alone, and add the rest: minus 30 minutes, with no error.
# So -1h59m is a minute before, and -1h60m is now. "-0.5h 40m" is ten minutes later instead of 70 before.
# Texts with one part are right, and so is all that is not below zero. Take the sign off, read the rest, and put it back.
#
# Output seen (in minutes):
#   -1h30m0s: convert -30, sapphire -30, parse-duration -90, icholy -90
#   -1h59m0s: convert -1, sapphire -1, parse-duration -119, icholy -119
#   -49h30m0s: convert -2910, sapphire -2910, parse-duration -2970, icholy -2970
#   -45m0s: convert -45, sapphire -45, parse-duration -45, icholy -45
#   1h30m0s: convert 90, sapphire 90, parse-duration 90, icholy 90
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true, "type": "module" }
END
npm install --silent --no-audit --no-fund --ignore-scripts convert@8.0.2 @sapphire/duration@1.2.0 parse-duration@2.1.9 @icholy/duration@5.1.0
cat >go.mod <<'END'
module show

go 1.21
END
cat >write.go <<'END'
package main

import (
	"fmt"
	"time"
)

func main() {
	for _, minutes := range []time.Duration{-90, -119, -2970, -45, 90} {
		fmt.Println(minutes * time.Minute)
	}
}
END
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go run write.go >written
cat >show.js <<'END'
import { readFileSync } from "node:fs";
import { convertMany } from "convert";
import * as sapphire from "@sapphire/duration";
import parse from "parse-duration";
import { Duration } from "@icholy/duration";

for (const text of readFileSync("written", "utf8").trim().split("\n")) {
  const spaced = text.replace(/([a-z])(?=\d)/g, "$1 ").replaceAll("m", "min");
  const read = {
    convert: convertMany(spaced).to("min"),
    sapphire: new sapphire.Duration(text).offset / 60_000,
    "parse-duration": parse(text) / 60_000,
    icholy: new Duration(text).milliseconds() / 60_000,
  };
  console.log(`${text}: ${Object.entries(read).map(([name, minutes]) => `${name} ${minutes}`).join(", ")}`);
}
END
node show.js | tee seen
cat >expected <<'TXT'
-1h30m0s: convert -30, sapphire -30, parse-duration -90, icholy -90
-1h59m0s: convert -1, sapphire -1, parse-duration -119, icholy -119
-49h30m0s: convert -2910, sapphire -2910, parse-duration -2970, icholy -2970
-45m0s: convert -45, sapphire -45, parse-duration -45, icholy -45
1h30m0s: convert 90, sapphire 90, parse-duration 90, icholy 90
TXT
cmp -s seen expected
