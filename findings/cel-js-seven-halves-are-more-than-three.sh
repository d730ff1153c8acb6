#!/usr/bin/env bash
# The Common Expression Language in three libraries: cel-js 0.8.2, @bufbuild/cel 0.6.1 (npm) and cel-python 0.5.0 (PyPI).
#
# A rule says in CEL when an alert is to be sent. CEL has whole numbers of 64 bits: 7 / 2 is 3, and a number without sign below zero is
# an error. Expected: a rule means the same in each library. Seen: cel-js reckons with JavaScript's numbers. 7 / 2 is 3.5, so a rule
# for "more than three pairs" fires at seven devices there and at eight elsewhere; 1u - 2u is -1; and two different serial numbers
# beyond 2^53 are equal, so a rule for one device fires for its neighbour. The other two agree. A rule with small numbers and without
# a division is the same in all. Keep serial numbers as texts, and write a division as a comparison (`n >= 2 * 4`).
#
# Output seen:
#   7 / 2 > 3: cel-js true, @bufbuild/cel false, cel-python false
#   1u - 2u < 0u: cel-js true, @bufbuild/cel error, cel-python error
#   9007199254740993 == 9007199254740992: cel-js true, @bufbuild/cel false, cel-python false
#   7 > 2 * 3: cel-js true, @bufbuild/cel true, cel-python true
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund cel-js@0.8.2 @bufbuild/cel@0.6.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cel-python==0.5.0
cat >show.mjs <<'END'
import { celEnv, parse, plan } from "@bufbuild/cel"
import { evaluate } from "cel-js"

const [, , rule, python] = process.argv
const answer = (work) => {
  try {
    const result = work()
    return typeof result === "boolean" ? result : "error"
  } catch {
    return "error"
  }
}
const theirs = answer(() => plan(celEnv(), parse(rule))({}))
console.log(`${rule}: cel-js ${answer(() => evaluate(rule, {}))}, @bufbuild/cel ${theirs}, cel-python ${python}`)
END
cat >show.py <<'END'
import sys

import celpy

try:
    environment = celpy.Environment()
    result = environment.program(environment.compile(sys.argv[1])).evaluate({})
    print("true" if result else "false")
except celpy.CELEvalError:
    print("error")
END
for rule in "7 / 2 > 3" "1u - 2u < 0u" "9007199254740993 == 9007199254740992" "7 > 2 * 3"; do
  node show.mjs "$rule" "$(venv/bin/python show.py "$rule")"
done >seen
cat seen
cat >expected <<'END'
7 / 2 > 3: cel-js true, @bufbuild/cel false, cel-python false
1u - 2u < 0u: cel-js true, @bufbuild/cel error, cel-python error
9007199254740993 == 9007199254740992: cel-js true, @bufbuild/cel false, cel-python false
7 > 2 * 3: cel-js true, @bufbuild/cel true, cel-python true
END
cmp -s seen expected
