#!/usr/bin/env bash
# dlms_cosem 0.2.0 (Rust crate). Needs cargo (Rust).
#
# A meter pushes its registers by DLMS/COSEM: a whole number, and beside it a scaler and a unit; the value is the number times ten to the power of the scaler
# (blue book, class 3, attribute 3). The crate applies the scaler itself and then drops it: `value()` of a register gives 230.4, `unit()` gives V.
# Expected: that for each type of number, or the number as it came with its scaler. Seen: it does so for the types without a sign of 16 and 32 bits, and for no
# other. What may be negative has a sign: a temperature of 85.5 °C in an int16 is 855 °C, power that goes back to the grid, -1500 W, is -15000 W,
# and a counter of 64 bits with a scaler of 1 is a tenth of its energy. The scaler is nowhere in the result, so nobody can make it good.
# Voltage and energy are mostly sent without a sign, so a first look at a meter finds it right. The same power as a uint32 is right, so a meter of
# one make is read well and that of another ten times too high. With a scaler of 0 nothing shows.
# Tell the types apart: what comes as `Float32` or `Float64` has its scaler, the others need theirs, which you must know from the meter's manual.
#
# Output seen:
#   230.4 V as uint16 2304, scaler -1: 230.4 V
#   85.5 °C as int16 855, scaler -1: 855 °C
#   1500 W as uint32 15000, scaler -1: 1500 W
#   1500 W as int32 15000, scaler -1: 15000 W
#   -1500 W as int32 -15000, scaler -1: -15000 W
#   12345670 Wh as uint64 1234567, scaler 1: 1234567 Wh
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
dlms_cosem = "=0.2.0"
END
mkdir src
cat >src/main.rs <<'END'
use dlms_cosem::{Apdu, Data, ObisMap};

/// A register of a push message: its OBIS code, its value with the tag of its type, its scaler and its unit.
fn register(group: u8, value: &[u8], scaler: i8, unit: u8) -> Vec<u8> {
    let mut bytes = vec![9, 6, 1, 0, group, 7, 0, 255];
    bytes.extend(value);
    bytes.extend([2, 2, 15, scaler as u8, 22, unit]);
    bytes
}

fn show(sent: &str, value: &[u8], scaler: i8, unit: u8) {
    // A data notification without a time of its own, with one register.
    let mut message = vec![15, 0, 0, 0, 1, 12, 7, 234, 12, 3, 4, 10, 15, 30, 0, 0, 0, 0, 2, 3];
    message.extend(register(16, value, scaler, unit));
    let (_, apdu) = Apdu::parse(&message).unwrap();
    let (_, map) = ObisMap::parse(&apdu).unwrap();
    for register in map.values() {
        let number = match register.value() {
            Data::Float32(number) => format!("{number}"),
            Data::Float64(number) => format!("{number}"),
            Data::Long(number) => format!("{number}"),
            Data::DoubleLong(number) => format!("{number}"),
            Data::Long64Unsigned(number) => format!("{number}"),
            other => format!("{other:?}"),
        };
        println!("{sent}, scaler {scaler}: {number} {}", register.unit().and_then(|unit| unit.as_str()).unwrap_or("without a unit"));
    }
}

fn main() {
    show("230.4 V as uint16 2304", &[18, 9, 0], -1, 35);
    show("85.5 °C as int16 855", &[16, 3, 87], -1, 9);
    show("1500 W as uint32 15000", &[6, 0, 0, 58, 152], -1, 27);
    show("1500 W as int32 15000", &[5, 0, 0, 58, 152], -1, 27);
    show("-1500 W as int32 -15000", &[5, 255, 255, 197, 104], -1, 27);
    show("12345670 Wh as uint64 1234567", &[21, 0, 0, 0, 0, 0, 18, 214, 135], 1, 30);
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
230.4 V as uint16 2304, scaler -1: 230.4 V
85.5 °C as int16 855, scaler -1: 855 °C
1500 W as uint32 15000, scaler -1: 1500 W
1500 W as int32 15000, scaler -1: 15000 W
-1500 W as int32 -15000, scaler -1: -15000 W
12345670 Wh as uint64 1234567, scaler 1: 1234567 Wh
TXT
cmp -s seen expected
