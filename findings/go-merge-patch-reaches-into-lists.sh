#!/usr/bin/env bash
# github.com/evanphx/json-patch v5.9.11 (Go), beside json-merge-patch 1.0.2 (npm) and json-merge-patch 0.3.0 (PyPI).
#
# A gateway reports what has changed as a JSON merge patch (RFC 7396), with a list of readings; a sensor that did not answer has the value null. In an
# object null removes a member. A list is no object: the patch's takes the place of the document's, as it is ("else return Patch").
# Expected: the reading says null in each library. Seen: the Go library removes null from the objects inside of the list as well, whether the
# list was there before or not, so a reading that is known to be missing becomes one that nobody spoke of. A null that is itself in the list stays.
# Say "no reading" by a text, not by null.
#
# Output seen:
#   json-merge-patch (npm): {"readings":[{"sensor":"a","value":null},null]}
#   json-merge-patch (PyPI): {"readings":[{"sensor":"a","value":null},null]}
#   evanphx/json-patch: {"readings":[{"sensor":"a"},null]}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund json-merge-patch@1.0.2
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install json-merge-patch==0.3.0
mkdir go
cd go
export GOPATH="$tmp/gopath" GOCACHE="$tmp/gocache" GOFLAGS=-modcacherw
go mod init findings >go.log 2>&1
cat >main.go <<'END'
package main

import (
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

func main() {
	patch := []byte(`{"readings":[{"sensor":"a","value":null},null]}`)
	document, err := jsonpatch.MergePatch([]byte(`{"readings":[1]}`), patch)
	if err != nil {
		panic(err)
	}
	fmt.Printf("evanphx/json-patch: %s\n", document)
}
END
{ go get github.com/evanphx/json-patch/v5@v5.9.11 && go build -o "$tmp/program" .; } >>go.log 2>&1 || { cat go.log; exit 1; }
cd ..
cat >show.mjs <<'END'
import { apply } from "json-merge-patch"

const document = apply({ readings: [1] }, JSON.parse('{"readings":[{"sensor":"a","value":null},null]}'))
console.log(`json-merge-patch (npm): ${JSON.stringify(document)}`)
END
cat >show.py <<'END'
import json

import json_merge_patch

patch = json.loads('{"readings":[{"sensor":"a","value":null},null]}')
document = json_merge_patch.merge({"readings": [1]}, patch)
print(f"json-merge-patch (PyPI): {json.dumps(document, separators=(',', ':'))}")
END
{ node show.mjs; venv/bin/python show.py; ./program; } | tee seen
cat >expected <<'END'
json-merge-patch (npm): {"readings":[{"sensor":"a","value":null},null]}
json-merge-patch (PyPI): {"readings":[{"sensor":"a","value":null},null]}
evanphx/json-patch: {"readings":[{"sensor":"a"},null]}
END
cmp -s seen expected
