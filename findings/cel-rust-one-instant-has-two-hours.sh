#!/usr/bin/env bash
# cel 0.15.0 (Rust crate), beside cel-python 0.5.0 (PyPI). Needs cargo (Rust).
#
# A rule keeps alerts quiet at night: `t.getHours() >= 22`. CEL's language definition says of getHours and the other parts of a timestamp that
# they are those of UTC unless one names a zone, getHours("Asia/Seoul"). Expected: one instant has one hour, however its text was written.
# Seen: without a zone the crate takes the offset that the text had. 23:30 in Seoul is 14:30 in Greenwich; both timestamps are equal, both are
# "2026-12-03T14:30:00Z" as a text, and one has the hour 23 and the other 14. So which alerts are quiet hangs on how a device writes its time, and a gateway
# that writes UTC changes it. The date, the weekday, the day of the year and the year go the same way. Tests with "Z" show nothing.
# Go's library had this and cured it (issue 468 of cel-go, 2021). And a minus inside a duration is taken: "1h-30m" is 30 minutes where cel-python refuses.
# Name the zone in each rule, getHours("UTC"). It is right then.
#
# Output seen:
#   timestamp("2026-12-03T23:30:00+09:00").getHours(): cel 23, cel-python 14
#   timestamp("2026-12-03T14:30:00Z").getHours(): cel 14, cel-python 14
#   timestamp("2026-12-03T23:30:00+09:00").getHours("UTC"): cel 14, cel-python 14
#   timestamp("2026-12-03T23:30:00+09:00") == timestamp("2026-12-03T14:30:00Z"): cel true, cel-python true
#   timestamp("2026-12-03T02:30:00+09:00").getDayOfWeek(): cel 4, cel-python 3
#   timestamp("2026-12-31T20:30:00-05:00").getFullYear(): cel 2026, cel-python 2027
#   duration("1h-30m") == duration("30m"): cel true, cel-python refused
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >rules <<'TXT'
timestamp("2026-12-03T23:30:00+09:00").getHours()
timestamp("2026-12-03T14:30:00Z").getHours()
timestamp("2026-12-03T23:30:00+09:00").getHours("UTC")
timestamp("2026-12-03T23:30:00+09:00") == timestamp("2026-12-03T14:30:00Z")
timestamp("2026-12-03T02:30:00+09:00").getDayOfWeek()
timestamp("2026-12-31T20:30:00-05:00").getFullYear()
duration("1h-30m") == duration("30m")
TXT
cat >Cargo.toml <<'END'
[package]
name = "show"
version = "0.0.0"
edition = "2021"

[dependencies]
cel = "=0.15.0"
END
mkdir src
cat >src/main.rs <<'END'
use cel::{Context, Env, Value};
use std::sync::Arc;

fn main() {
    let env = Arc::new(Env::stdlib());
    for rule in std::fs::read_to_string("rules").unwrap().lines() {
        let program = env.compile(rule).unwrap();
        match program.execute(&Context::with_env(env.clone())) {
            Ok(Value::Int(number)) => println!("{rule}: cel {number}"),
            Ok(Value::Bool(answer)) => println!("{rule}: cel {answer}"),
            Ok(other) => println!("{rule}: cel {other:?}"),
            Err(_) => println!("{rule}: cel refused"),
        }
    }
}
END
cat >show.py <<'PY'
import celpy

environment = celpy.Environment()
for rule in open("rules"):
    try:
        value = environment.program(environment.compile(rule.strip())).evaluate({})
        print(f", cel-python {int(value) if isinstance(value, int) and not isinstance(value, celpy.celtypes.BoolType) else str(bool(value)).lower()}")
    except celpy.CELEvalError:
        print(", cel-python refused")
PY
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install cel-python==0.5.0
paste -d '\0' <(./target/debug/show) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
timestamp("2026-12-03T23:30:00+09:00").getHours(): cel 23, cel-python 14
timestamp("2026-12-03T14:30:00Z").getHours(): cel 14, cel-python 14
timestamp("2026-12-03T23:30:00+09:00").getHours("UTC"): cel 14, cel-python 14
timestamp("2026-12-03T23:30:00+09:00") == timestamp("2026-12-03T14:30:00Z"): cel true, cel-python true
timestamp("2026-12-03T02:30:00+09:00").getDayOfWeek(): cel 4, cel-python 3
timestamp("2026-12-31T20:30:00-05:00").getFullYear(): cel 2026, cel-python 2027
duration("1h-30m") == duration("30m"): cel true, cel-python refused
TXT
cmp -s seen expected
