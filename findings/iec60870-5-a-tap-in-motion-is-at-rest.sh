#!/usr/bin/env bash
# iec60870-5 0.2.1, beside iec104 0.6.0 (Rust crates). Needs cargo (Rust).
#
# Substations send by IEC 60870-5-101 and 104. The position of a transformer's tap is two bytes: in the first a number with a sign in seven bits, and a bit that says
# "moving"; in the second the quality, whose highest bit says "invalid" (101, 7.2.6.5 and 7.2.6.3). Expected: what the crate writes it reads.
# Seen: it writes "moving" into the first byte and reads it from the second. A tap that moves is at rest, and one whose position is invalid is moving.
# A tap at -5 is at 123, and a scaled value of -5 is 65531: numbers with a sign have none.
# The short time of an event (CP24Time2a) is never invalid: its bit is looked for after it has been masked away. So a relay whose clock is not set
# gives the times of its events, and nobody sees that they are none. The long time (CP56Time2a) is right.
# iec104 has each of them. No error comes, and positive positions at rest are right. Read the bits from the bytes, and cast: `value as i16`.
#
# Output seen:
#   tap 5 (0500): iec60870-5 5; iec104 5
#   tap 5, moving (8500): iec60870-5 5; iec104 5, moving
#   tap 5, invalid (0580): iec60870-5 5, moving, invalid; iec104 5, invalid
#   tap -5 (7b00): iec60870-5 123; iec104 -5
#   what iec60870-5 writes for 5, moving (8500): iec60870-5 5; iec104 5, moving
#   a time of minute 15: iec60870-5 minute 15, invalid false; iec104 minute 15, invalid false
#   a time of minute 15, invalid: iec60870-5 minute 15, invalid false; iec104 minute 15, invalid true
#   a scaled value of -5: iec60870-5 65531
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >Cargo.toml <<'END'
[package]
name = "show"
version = "0.0.0"
edition = "2021"

[dependencies]
iec104 = "=0.6.0"
iec60870-5 = "=0.2.1"

[profile.dev]
debug = false
END
mkdir src
cat >src/main.rs <<'END'
use iec104::types::information_elements::Vti;
use iec104::types::time::Cp24Time2a;
use iec60870_5::types::datatype::{M_ME_NB_1, QDS, SVA, VTI};
use iec60870_5::types::time::CP24Time2a;

fn tap(what: &str, bytes: [u8; 2]) {
    let (read, beside) = (VTI::from(bytes), Vti::from_byte(bytes));
    let shown = |value: String, moving, invalid| format!("{value}{}{}", if moving { ", moving" } else { "" }, if invalid { ", invalid" } else { "" });
    let left = shown(read.value.to_string(), read.transient, read.qds.iv);
    let right = shown(beside.value.to_string(), beside.transient, beside.qds.iv);
    println!("{what} ({:02x}{:02x}): iec60870-5 {left}; iec104 {right}", bytes[0], bytes[1]);
}

fn time(what: &str, bytes: [u8; 3]) {
    let (read, beside) = (CP24Time2a::from(bytes), Cp24Time2a::from_bytes(&bytes).unwrap());
    println!("{what}: iec60870-5 minute {}, invalid {}; iec104 minute {}, invalid {}", read.min, read.iv, beside.min, beside.iv);
}

fn main() {
    tap("tap 5", [0x05, 0x00]);
    tap("tap 5, moving", [0x85, 0x00]);
    tap("tap 5, invalid", [0x05, 0x80]);
    tap("tap -5", [0x7b, 0x00]);
    let written: [u8; 2] = VTI { value: 5, transient: true, qds: QDS::default() }.into();
    tap("what iec60870-5 writes for 5, moving", written);
    time("a time of minute 15", [0x10, 0x27, 15]);
    time("a time of minute 15, invalid", [0x10, 0x27, 15 | 0x80]);
    let measured = M_ME_NB_1 { sva: SVA::from((-5_i16).to_le_bytes()), qds: QDS::default() };
    println!("a scaled value of -5: iec60870-5 {}", measured.sva.value);
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
tap 5 (0500): iec60870-5 5; iec104 5
tap 5, moving (8500): iec60870-5 5; iec104 5, moving
tap 5, invalid (0580): iec60870-5 5, moving, invalid; iec104 5, invalid
tap -5 (7b00): iec60870-5 123; iec104 -5
what iec60870-5 writes for 5, moving (8500): iec60870-5 5; iec104 5, moving
a time of minute 15: iec60870-5 minute 15, invalid false; iec104 minute 15, invalid false
a time of minute 15, invalid: iec60870-5 minute 15, invalid false; iec104 minute 15, invalid true
a scaled value of -5: iec60870-5 65531
TXT
cmp -s seen expected
