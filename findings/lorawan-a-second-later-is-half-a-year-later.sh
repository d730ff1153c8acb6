#!/usr/bin/env bash
# lorawan 0.9.0 (Rust crate, of lora-rs). Needs cargo (Rust).
#
# A sensor on LoRaWAN has no clock of its own: it asks the network with DeviceTimeReq, and DeviceTimeAns has the seconds since 6 January 1980 in four bytes.
# LoRaWAN sends each number of several bytes with its lowest byte first. Expected: the crate reads what it writes, and that is the time of the network.
# Seen: it writes the lowest byte first, as it should, and reads the highest first. The sensor is decades ahead, in an order of its own: a second later is
# half a year later, half a minute 16 years, and an hour later may be 23 years earlier. So the alerts that it stamps itself cannot be put in order,
# and no fixed amount puts its clock right. Nothing fails, for any four bytes are a time.
# The tests of both halves pass: one reads the bytes 1, 2, 3, 4 as 0x01020304, the other writes 64, 226, 1, 0 for 123456.
# Frequencies, the other long numbers in these commands, are read in the right order. Call `swap_bytes()` on what `seconds()` gives.
#
# Output seen:
#   2026-12-03T10:15:00Z: read 2076-10-11T08:22:30Z, swapped 2026-12-03T10:15:00Z
#   2026-12-03T10:15:01Z: read 2077-04-23T12:42:46Z, swapped 2026-12-03T10:15:01Z
#   2026-12-03T10:15:30Z: read 2092-09-22T18:30:30Z, swapped 2026-12-03T10:15:30Z
#   2026-12-03T10:16:00Z: read 2108-09-05T04:38:30Z, swapped 2026-12-03T10:16:00Z
#   2026-12-03T11:15:00Z: read 2085-04-24T20:38:30Z, swapped 2026-12-03T11:15:00Z
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
chrono = "=0.4.42"
lorawan = "=0.9.0"
END
mkdir src
cat >src/main.rs <<'END'
use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use lorawan::maccommandcreator::DeviceTimeAnsCreator;
use lorawan::maccommands::{parse_downlink_mac_commands, DownlinkMacCommand};

/// LoRaWAN counts from GPS's epoch, and GPS has been 18 leap seconds ahead since 2017.
const EPOCH: i64 = 315_964_800 - 18;

fn shown(seconds: u32) -> String {
    let time: DateTime<Utc> = Utc.timestamp_opt(EPOCH + i64::from(seconds), 0).unwrap();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn main() {
    for text in ["2026-12-03T10:15:00Z", "2026-12-03T10:15:01Z", "2026-12-03T10:15:30Z", "2026-12-03T10:16:00Z", "2026-12-03T11:15:00Z"] {
        let time = DateTime::parse_from_rfc3339(text).unwrap();
        let mut answer = DeviceTimeAnsCreator::new();
        let sent = u32::try_from(time.timestamp() - EPOCH).unwrap();
        answer.set_seconds(sent);
        let bytes = answer.build();
        assert_eq!(bytes[1..5], sent.to_le_bytes());
        for command in parse_downlink_mac_commands(bytes) {
            if let DownlinkMacCommand::DeviceTimeAns(answer) = command {
                let read = answer.seconds();
                println!("{text}: read {}, swapped {}", shown(read), shown(read.swap_bytes()));
            }
        }
    }
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
2026-12-03T10:15:00Z: read 2076-10-11T08:22:30Z, swapped 2026-12-03T10:15:00Z
2026-12-03T10:15:01Z: read 2077-04-23T12:42:46Z, swapped 2026-12-03T10:15:01Z
2026-12-03T10:15:30Z: read 2092-09-22T18:30:30Z, swapped 2026-12-03T10:15:30Z
2026-12-03T10:16:00Z: read 2108-09-05T04:38:30Z, swapped 2026-12-03T10:16:00Z
2026-12-03T11:15:00Z: read 2085-04-24T20:38:30Z, swapped 2026-12-03T11:15:00Z
TXT
cmp -s seen expected
