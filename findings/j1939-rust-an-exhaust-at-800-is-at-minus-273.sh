#!/usr/bin/env bash
# j1939 0.3.0 (Rust crate). Needs cargo (Rust).
#
# Engines and generators send their temperatures and pressures by J1939: a raw number without a sign in one byte or two, with a step and an offset that the
# standard (J1939-71) gives for each. The crate knows these and has a struct for each message. Expected: the value, as far as the message can say it.
# Seen: it has the value only as far as the small type goes that holds it. Above 751 °C the two bytes of the exhaust are taken for a negative number, which is then
# put at the lowest limit: an exhaust of 800 °C is at -273, and a crankcase at 8 kPa at -250. So an alarm "above" goes off when it gets worse.
# A pressure is a u8: oil at 400 kPa, which is usual, and at 600 is at 255. The coolant is an i8: 150 °C is 127, and so is "the sensor is broken", 0xfe.
# The torque is a u8, and an engine that brakes has none. No field says that it has been cut, and no error comes; an engine that idles is right in all.
# Take the raw bytes of these fields and do the sum yourself.
#
# Output seen:
#   exhaust 700 °C (0x79a0): 700
#   exhaust 750 °C (0x7fe0): 750
#   exhaust 800 °C (0x8620): -273
#   coolant 90 °C (0x82): 90
#   coolant 150 °C (0xbe): 127
#   coolant broken (0xfe): 127
#   oil 200 kPa (0x32): 200
#   oil 400 kPa (0x64): 255
#   oil 600 kPa (0x96): 255
#   crankcase 2 kPa (0x7e00): 2
#   crankcase 8 kPa (0x8100): -250
#   torque 30 % (0x9b): 30
#   torque -30 % (0x5f): 0
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
j1939 = "=0.3.0"
END
mkdir src
cat >src/main.rs <<'END'
use j1939::spn::{ElectronicEngineController1Message, EngineFluidLevelPressure1Message, EngineTemperature1Message, InletExhaustConditions1Message};
use std::fmt::Display;

fn show(what: &str, read: Option<impl Display>) {
    println!("{what}: {}", read.map_or("none".to_string(), |read| read.to_string()));
}

/// A message of 8 bytes in which all is "not available" but these, from this place on.
fn message(place: usize, bytes: &[u8]) -> [u8; 8] {
    let mut message = [0xff; 8];
    message[place..place + bytes.len()].copy_from_slice(bytes);
    message
}

fn main() {
    // The exhaust: a word, 1/32 degree a bit, from -273 degrees on.
    for degrees in [700, 750, 800] {
        let raw: u16 = (degrees + 273) * 32;
        let read = InletExhaustConditions1Message::from_pdu(&message(5, &raw.to_le_bytes()));
        show(&format!("exhaust {degrees} °C ({raw:#06x})"), read.exhaust_gas_temperature);
    }
    // The coolant: a byte, a degree a bit, from -40 degrees on; 0xfe says that the sensor is broken.
    for raw in [130_u8, 190, 0xfe] {
        let read = EngineTemperature1Message::from_pdu(&message(0, &[raw]));
        let what = if raw == 0xfe { "broken".to_string() } else { format!("{} °C", i16::from(raw) - 40) };
        show(&format!("coolant {what} ({raw:#04x})"), read.engine_coolant_temperature);
    }
    // The oil: a byte, 4 kPa a bit.
    for raw in [50_u8, 100, 150] {
        let read = EngineFluidLevelPressure1Message::from_pdu(&message(3, &[raw]));
        show(&format!("oil {} kPa ({raw:#04x})", u16::from(raw) * 4), read.engine_oil_pressure);
    }
    // The crankcase: a word, 1/128 kPa a bit, from -250 kPa on.
    for kilopascals in [2, 8] {
        let raw: u16 = (kilopascals + 250) * 128;
        let read = EngineFluidLevelPressure1Message::from_pdu(&message(4, &raw.to_le_bytes()));
        show(&format!("crankcase {kilopascals} kPa ({raw:#06x})"), read.crankcase_pressure);
    }
    // The torque: a byte, a percent a bit, from -125 percent on.
    for raw in [155_u8, 95] {
        let read = ElectronicEngineController1Message::from_pdu(&message(2, &[raw]));
        show(&format!("torque {} % ({raw:#04x})", i16::from(raw) - 125), read.actual_engine);
    }
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
exhaust 700 °C (0x79a0): 700
exhaust 750 °C (0x7fe0): 750
exhaust 800 °C (0x8620): -273
coolant 90 °C (0x82): 90
coolant 150 °C (0xbe): 127
coolant broken (0xfe): 127
oil 200 kPa (0x32): 200
oil 400 kPa (0x64): 255
oil 600 kPa (0x96): 255
crankcase 2 kPa (0x7e00): 2
crankcase 8 kPa (0x8100): -250
torque 30 % (0x9b): 30
torque -30 % (0x5f): 0
TXT
cmp -s seen expected
