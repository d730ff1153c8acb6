#!/usr/bin/env bash
# coapum-senml 0.1.0, beside sindit-senml 0.3.0 (Rust crates). Needs cargo (Rust).
#
# A device sends its readings as SenML. What they share stands once, in "bn" (the begin of the names), "bt" (time), "bu" (unit) and "bv" (value), for its record
# and all that follow; `normalize` joins them (RFC 8428, 4.1 and 4.6). The crate's page promises "Full support for SenML specification".
# Expected: device, time and unit with each reading. Seen: fields that begin with "b" are dropped. The pump has no device, no unit and no time, the reading of a
# minute before is of a minute before now, wherever it is read, and a value above a base of 20 is only what lies above.
# The first record counts as that base if its name ends with a slash: a boiler at 85 and a room at 21.5 are one thing at 106.5.
# What it writes is so, too: base_name, base_unit and base_time go out as "n", "u" and "t". Others see a device that is at 0 degrees, and readings without one.
# `validate` finds what it reads valid, and what it wrote itself not. Names without a base, as a single sensor sends them, are right. Read with sindit-senml.
#
# Output seen:
#   [{"bn":"hall-1/","bt":1796378400,"bu":"Cel","n":"pump","v":85},{"n":"room","t":-60,"v":21.5}]: valid
#     coapum-senml: pump 85 unit - time -
#     coapum-senml: room 21.5 unit - time -60
#     sindit-senml: hall-1/pump 85 unit Cel time 1796378400
#     sindit-senml: hall-1/room 21.5 unit Cel time 1796378340
#   [{"n":"boiler/","u":"Cel","t":1796378400,"v":85},{"n":"room/","u":"Cel","t":1796378400,"v":21.5}]: valid
#     coapum-senml: boiler/room/ 106.5 unit Cel time 3592756800
#     sindit-senml: boiler/ 85 unit Cel time 1796378400
#     sindit-senml: room/ 21.5 unit Cel time 1796378400
#   [{"n":"pump","u":"Cel","t":1796378400,"bv":20,"v":1.5}]: valid
#     coapum-senml: pump 1.5 unit Cel time 1796378400
#     sindit-senml: pump 21.5 unit Cel time 1796378400
#   [{"n":"hall-1/","u":"Cel","t":1796378400.0},{"n":"pump","v":85.0,"t":5.0}]: refused
#     coapum-senml: hall-1/pump 85 unit Cel time 1796378405
#     sindit-senml: hall-1/ 0 unit Cel time 1796378400
#     sindit-senml: pump 85 unit - time now
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
coapum-senml = "=0.1.0"
sindit-senml = "=0.3.0"

[profile.dev]
debug = false
END
mkdir src
cat >src/main.rs <<'END'
use coapum_senml::{SenMLBuilder, SenMLPack, SenMLRecord};

fn show(json: &str) {
    let pack = SenMLPack::from_json(json).unwrap();
    let valid = if pack.validate().is_ok() { "valid" } else { "refused" };
    println!("{json}: {valid}");
    for record in pack.normalize().records {
        let time = record.time.map_or("-".to_string(), |time| time.to_string());
        println!("  coapum-senml: {} {} unit {} time {time}", record.name, record.value.unwrap(), record.unit.as_deref().unwrap_or("-"));
    }
    for record in sindit_senml::parse_json(json, None).unwrap() {
        let value = record.get_float_value().unwrap_or(0.0);
        // A small time is one from now on.
        let time = record.time.timestamp();
        let time = if time == 1796378400 || time == 1796378340 { time.to_string() } else { "now".to_string() };
        println!("  sindit-senml: {} {value} unit {} time {time}", record.name, record.unit.as_deref().unwrap_or("-"));
    }
}

fn main() {
    show(r#"[{"bn":"hall-1/","bt":1796378400,"bu":"Cel","n":"pump","v":85},{"n":"room","t":-60,"v":21.5}]"#);
    show(r#"[{"n":"boiler/","u":"Cel","t":1796378400,"v":85},{"n":"room/","u":"Cel","t":1796378400,"v":21.5}]"#);
    show(r#"[{"n":"pump","u":"Cel","t":1796378400,"bv":20,"v":1.5}]"#);
    let built = SenMLBuilder::new().base_name("hall-1/").base_unit("Cel").base_time(1796378400.0);
    show(&built.add_record(SenMLRecord::with_value("pump", 85.0).with_time(5.0)).build().to_json().unwrap());
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
[{"bn":"hall-1/","bt":1796378400,"bu":"Cel","n":"pump","v":85},{"n":"room","t":-60,"v":21.5}]: valid
  coapum-senml: pump 85 unit - time -
  coapum-senml: room 21.5 unit - time -60
  sindit-senml: hall-1/pump 85 unit Cel time 1796378400
  sindit-senml: hall-1/room 21.5 unit Cel time 1796378340
[{"n":"boiler/","u":"Cel","t":1796378400,"v":85},{"n":"room/","u":"Cel","t":1796378400,"v":21.5}]: valid
  coapum-senml: boiler/room/ 106.5 unit Cel time 3592756800
  sindit-senml: boiler/ 85 unit Cel time 1796378400
  sindit-senml: room/ 21.5 unit Cel time 1796378400
[{"n":"pump","u":"Cel","t":1796378400,"bv":20,"v":1.5}]: valid
  coapum-senml: pump 1.5 unit Cel time 1796378400
  sindit-senml: pump 21.5 unit Cel time 1796378400
[{"n":"hall-1/","u":"Cel","t":1796378400.0},{"n":"pump","v":85.0,"t":5.0}]: refused
  coapum-senml: hall-1/pump 85 unit Cel time 1796378405
  sindit-senml: hall-1/ 0 unit Cel time 1796378400
  sindit-senml: pump 85 unit - time now
TXT
cmp -s seen expected
