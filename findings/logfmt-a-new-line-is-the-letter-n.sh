#!/usr/bin/env bash
# logfmt 1.4.0 (npm) and github.com/go-logfmt/logfmt v0.6.1 (Go), both in lines that the other wrote. Needs Node and Go.
#
# A line of logfmt is `device=boiler-7 path=C:\temp note="two words"`. No standard says how to escape; Go's package, in which many
# programs log, writes the escapes of JSON within quotes, and a backslash as it is without. Expected: either reads the other's lines.
# Seen: the one for Node drops each backslash, in quotes and out of them, and keeps what follows: a new line becomes the letter n, a
# tab the letter t, a folder loses its separators, and "80\n5 bar" in two lines is "80n5 bar" in one. No error.
# What it writes itself it reads again, so a test within one program passes; but a new line it writes as it is. A reader of lines gets
# two: Go's says that the first is no logfmt and gives up, so it does not reach the next device's line either.
#
# Output seen:
#   Go writes: device=boiler-7 note="limit 80\n85 now" path=C:\temp\new tab="a\tb"
#   Node reads: {"device":"boiler-7","note":"limit 80n85 now","path":"C:tempnew","tab":"atb"}
#   Node writes: "device=boiler-7 note=\"limit 80\n85 now\"\ndevice=pump-2 note=hot\n"
#   Node reads its own: {"device":"boiler-7","note":"limit 80\n85 now"}
#   Go reads: device="boiler-7", then logfmt syntax error at pos 31 on line 1: unterminated quoted value
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund logfmt@1.4.0
mkdir go
cd go
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >>go.log 2>&1
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/go-logfmt/logfmt"
)

func main() {
	if os.Args[1] == "write" {
		line, err := logfmt.MarshalKeyvals(
			"device", "boiler-7", "note", "limit 80\n85 now", "path", `C:\temp\new`, "tab", "a\tb")
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s", line)
		return
	}
	lines := logfmt.NewDecoder(os.Stdin)
	for lines.ScanRecord() {
		for lines.ScanKeyval() {
			fmt.Printf("%s=%q, ", lines.Key(), lines.Value())
		}
	}
	fmt.Printf("then %v", lines.Err())
}
END
{ go get github.com/go-logfmt/logfmt@v0.6.1 && go build -o "$tmp/program" .; } >>go.log 2>&1 || { cat go.log; exit 1; }
cd ..
cat >show.js <<'END'
const { execFileSync } = require("node:child_process")
const logfmt = require("logfmt")

const ofGo = String(execFileSync("./program", ["write"]))
const own = logfmt.stringify({ device: "boiler-7", note: "limit 80\n85 now" })
const page = `${own}\n${logfmt.stringify({ device: "pump-2", note: "hot" })}\n`
const read = String(execFileSync("./program", ["read"], { input: page }))
const seen = [
  `Go writes: ${ofGo}`,
  `Node reads: ${JSON.stringify(logfmt.parse(ofGo))}`,
  `Node writes: ${JSON.stringify(page)}`,
  `Node reads its own: ${JSON.stringify(logfmt.parse(own))}`,
  `Go reads: ${read}`,
].join("\n")
console.log(seen)
END
node show.js | tee seen
diff seen - <<'END'
Go writes: device=boiler-7 note="limit 80\n85 now" path=C:\temp\new tab="a\tb"
Node reads: {"device":"boiler-7","note":"limit 80n85 now","path":"C:tempnew","tab":"atb"}
Node writes: "device=boiler-7 note=\"limit 80\n85 now\"\ndevice=pump-2 note=hot\n"
Node reads its own: {"device":"boiler-7","note":"limit 80\n85 now"}
Go reads: device="boiler-7", then logfmt syntax error at pos 31 on line 1: unterminated quoted value
END
