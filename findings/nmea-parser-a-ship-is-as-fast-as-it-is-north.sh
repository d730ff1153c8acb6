#!/usr/bin/env bash
# nmea-parser 0.11.0 (Rust crate), beside pyais 3.3.1 (PyPI), which writes the sentences. Needs cargo (Rust).
#
# Ships report position, speed and course over AIS. Far from the coast they send the short form for satellites, type 27 (ITU-R M.1371): 17 bits of
# latitude, then 6 of speed in knots and 9 of course. Near it they send type 1, with the rate of turn as 4.733 times the root of degrees a minute.
# The crate aims to cover all AIS sentences, and says of the rate "±0..708°/min". Expected: the speed, course and turn that were sent.
# Seen: of type 27 the speed is the first six bits of the latitude, and the course all of it in tenths. Every ship at 35.1° N makes 10 knots on a course of
# 2106°, also one that drifts; one at 8.5° S makes 61 knots. "No speed" is never seen. The position itself is right.
# Of type 1 each turn is 32 times too fast: 708/126 is squared in, though 126 means 708 by the root already. A ferry that turns by 10° a minute turns
# by 317°, and one in a hard turn by 22023°. Speed, course and position are right there, and so is a turn of none.
# Read bits 79 to 93 of type 27 by yourself, and divide `rot` by 31.57.
#
# Output seen:
#   type 27, 35.1 N, 12 knots, course 180: speed 10, course 2106
#   type 27, 35.1 N, 0 knots, course 90: speed 10, course 2106
#   type 27, 8.5 S, 12 knots, course 180: speed 61, course 12597
#   type 27, 35.1 N, no speed, no course: speed 10, course 2106
#   type 1, 35.1 N, 12 knots, course 180, turn 0: speed 12, course 180, turn 0
#   type 1, 35.1 N, 12 knots, course 180, turn 10: speed 12, course 180, turn 317
#   type 1, 8.5 S, 12 knots, course 180, turn -20: speed 12, course 180, turn -622
#   type 1, 8.5 S, 12 knots, course 180, turn 698: speed 12, course 180, turn 22023
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >show.py <<'PY'
import pyais


def write(kind, latitude, speed, course, turn=None):
    fields = {"type": kind, "mmsi": "440123456", "lat": latitude, "lon": 129.0, "speed": speed, "course": course}
    if turn is not None:
        fields["turn"] = turn
    sentence = pyais.encode_dict(fields, talker_id="AI", sentence_type="VDM", radio_channel="A")[0]
    read = pyais.decode(sentence)
    words = [f"type {read.msg_type}", f"{abs(read.lat):g} {'N' if read.lat > 0 else 'S'}"]
    words.append("no speed" if kind == 27 and read.speed == 63 else f"{read.speed:g} knots")
    words.append("no course" if kind == 27 and read.course == 511 else f"course {read.course:g}")
    if turn is not None:
        words.append(f"turn {read.turn:g}")
    print(sentence, ", ".join(words), sep="\t")


write(27, 35.1, 12, 180)
write(27, 35.1, 0, 90)
write(27, -8.5, 12, 180)
write(27, 35.1, 63, 511)
write(1, 35.1, 12, 180, 0)
write(1, 35.1, 12, 180, 10)
write(1, -8.5, 12, 180, -20)
write(1, -8.5, 12, 180, 698)
PY
cat >Cargo.toml <<'END'
[package]
name = "show"
version = "0.0.0"
edition = "2021"

[dependencies]
nmea-parser = "=0.11.0"
END
mkdir src
cat >src/main.rs <<'END'
use nmea_parser::{NmeaParser, ParsedMessage};

fn shown(number: Option<f64>) -> String {
    number.map_or("none".to_string(), |number| format!("{number:.0}"))
}

fn main() {
    let mut parser = NmeaParser::new();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (sentence, sent) = line.split_once('\t').unwrap();
        match parser.parse_sentence(sentence) {
            Ok(ParsedMessage::VesselDynamicData(ship)) => {
                print!("{sent}: speed {}, course {}", shown(ship.sog_knots), shown(ship.cog));
                println!("{}", ship.rot.map_or(String::new(), |turn| format!(", turn {turn:.0}")));
            }
            other => println!("{sent}: {other:?}"),
        }
    }
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pyais==3.3.1
venv/bin/python show.py >sentences
./target/debug/show <sentences | tee seen
cat >expected <<'TXT'
type 27, 35.1 N, 12 knots, course 180: speed 10, course 2106
type 27, 35.1 N, 0 knots, course 90: speed 10, course 2106
type 27, 8.5 S, 12 knots, course 180: speed 61, course 12597
type 27, 35.1 N, no speed, no course: speed 10, course 2106
type 1, 35.1 N, 12 knots, course 180, turn 0: speed 12, course 180, turn 0
type 1, 35.1 N, 12 knots, course 180, turn 10: speed 12, course 180, turn 317
type 1, 8.5 S, 12 knots, course 180, turn -20: speed 12, course 180, turn -622
type 1, 8.5 S, 12 knots, course 180, turn 698: speed 12, course 180, turn 22023
TXT
cmp -s seen expected
