#!/usr/bin/env bash
# evalexpr 13.1.0 (Rust crate), beside govaluate v3.0.0 (github.com/Knetic/govaluate, Go). Needs Go and cargo (Rust).
#
# A rule is an expression over a device's readings, "level == 3". evalexpr has whole numbers and floats, and its README says of operators that take numbers:
# "If one of the arguments is a floating point number, all others are converted to floating point numbers as well". Expected: a level of 3.0 is 3.
# Seen: for == and != it is not. 3.0 is at least 3 and at most 3, and differs from 3; there is no error. "^" and "round" give floats, so 2^2 is not 4 and
# round(2.6) is not 3. A device that sends 3.0, or a gateway that makes each number of JSON a float, never fires such a rule, and "!= 0" always holds.
# The sizes are compared as the README says, so rules with > and < test well.
# Write both sides as floats, "level == 3.0", and give each reading as a float.
#
# Output seen (level is 3.0):
#   level == 3: evalexpr false, govaluate true
#   level != 3: evalexpr true, govaluate false
#   level >= 3 && level <= 3: evalexpr true, govaluate true
#   level - 3 == 0: evalexpr false, govaluate true
#   level == 3.0: evalexpr true, govaluate true
#   2 ^ 2 == 4: evalexpr false, govaluate true
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
printf '%s\n' 'level == 3' 'level != 3' 'level >= 3 && level <= 3' 'level - 3 == 0' 'level == 3.0' '2 ^ 2 == 4' >rules
cat >Cargo.toml <<'END'
[package]
name = "rust"
version = "0.0.0"
edition = "2021"

[dependencies]
evalexpr = "=13.1.0"
END
mkdir src
cat >src/main.rs <<'END'
use evalexpr::{eval_boolean_with_context, ContextWithMutableVariables, DefaultNumericTypes, HashMapContext, Value};

fn main() {
    let mut context = HashMapContext::<DefaultNumericTypes>::new();
    context.set_value("level".into(), Value::from_float(3.0)).unwrap();
    for rule in std::fs::read_to_string("rules").unwrap().lines() {
        println!("{rule}: evalexpr {}", eval_boolean_with_context(rule, &context).unwrap());
    }
}
END
cat >go.mod <<'END'
module show

go 1.21

require github.com/Knetic/govaluate v3.0.0+incompatible
END
cat >show.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/Knetic/govaluate"
)

func main() {
	rules, err := os.ReadFile("rules")
	if err != nil {
		panic(err)
	}
	for _, rule := range strings.Split(strings.TrimSpace(string(rules)), "\n") {
		// Its power is written with two stars.
		expression, err := govaluate.NewEvaluableExpression(strings.ReplaceAll(rule, "^", "**"))
		if err != nil {
			panic(err)
		}
		answer, err := expression.Evaluate(map[string]interface{}{"level": 3.0})
		if err != nil {
			panic(err)
		}
		fmt.Printf(", govaluate %v\n", answer)
	}
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
export GOPATH="$tmp/go" GOCACHE="$tmp/cache" GOFLAGS="-mod=mod -modcacherw"
go build -o show . >build.log 2>&1 || { cat build.log; exit 1; }
paste -d '\0' <(./target/debug/rust) <(./show) | tee seen
cat >expected <<'TXT'
level == 3: evalexpr false, govaluate true
level != 3: evalexpr true, govaluate false
level >= 3 && level <= 3: evalexpr true, govaluate true
level - 3 == 0: evalexpr false, govaluate true
level == 3.0: evalexpr true, govaluate true
2 ^ 2 == 4: evalexpr false, govaluate true
TXT
cmp -s seen expected
