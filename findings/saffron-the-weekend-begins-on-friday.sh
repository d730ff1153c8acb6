#!/usr/bin/env bash
# saffron 0.1.0 (Rust crate). Needs cargo (Rust).
#
# "A Quartz-like cron parser used as part of Cron Triggers in Cloudflare Workers". As Quartz does, it lets a range go on past the end of its unit, as a comment
# in its source says: SAT-SUN, FRI-MON, the hours 22-6. It also says a rule in words. Expected: the check of the night, "0 22-6 * * *", begins at 22:00.
# Seen: it begins at 21:00. Each range past the end has one more in front: SAT-SUN runs on Friday, too, NOV-FEB in October, and 58-1 in minute 57.
# A silence of the weekend is there from Friday morning, and what fails on a Friday is heard of on Monday.
# The words for the same rule are right, "Saturday through Sunday", so who reads them back finds nothing. A list, "22-23,0-6",
# is right, and so is each range that does not go past the end. Write a list.
#
# Output seen (when they run, within a year):
#   0 22-6 * * *: 00 01 02 03 04 05 06 21 22 23; in words: At 0 minutes past the hour, between 10:00 PM and 6:59 AM
#   0 22-23,0-6 * * *: 00 01 02 03 04 05 06 22 23; in words: At 0 minutes past the hour, between 10:00 PM and 11:59 PM and between 12:00 AM and 6:59 AM
#   0 9 * * SAT-SUN: Fri Sat Sun; in words: At 9:00 AM on Saturday through Sunday
#   0 9 * * SAT,SUN: Sat Sun; in words: At 9:00 AM on Saturday and Sunday
#   0 9 1 NOV-FEB *: Dec Feb Jan Nov Oct; in words: At 9:00 AM on the 1st of November to February
#   58-1 9 * * *: 00 01 57 58 59; in words: At 58 through 1 minutes past the hour, between 9:00 AM and 9:59 AM
#   0 9 * * MON-FRI: Fri Mon Thu Tue Wed; in words: At 9:00 AM on Monday through Friday
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
saffron = "=0.1.0"
END
mkdir src
cat >src/main.rs <<'END'
use chrono::{Duration, TimeZone, Utc};
use saffron::parse::{CronExpr, English};
use saffron::Cron;
use std::collections::BTreeSet;

fn show(rule: &str, unit: &str) {
    let start = Utc.with_ymd_and_hms(2026, 12, 1, 0, 0, 0).unwrap();
    let cron: Cron = rule.parse().unwrap();
    let runs = cron.iter_from(start).take_while(|run| *run < start + Duration::days(365));
    let when: BTreeSet<String> = runs.map(|run| run.format(unit).to_string()).collect();
    let when: Vec<String> = when.into_iter().collect();
    let words = rule.parse::<CronExpr>().unwrap().describe(English::default()).to_string();
    println!("{rule}: {}; in words: {words}", when.join(" "));
}

fn main() {
    show("0 22-6 * * *", "%H");
    show("0 22-23,0-6 * * *", "%H");
    show("0 9 * * SAT-SUN", "%a");
    show("0 9 * * SAT,SUN", "%a");
    show("0 9 1 NOV-FEB *", "%b");
    show("58-1 9 * * *", "%M");
    show("0 9 * * MON-FRI", "%a");
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
0 22-6 * * *: 00 01 02 03 04 05 06 21 22 23; in words: At 0 minutes past the hour, between 10:00 PM and 6:59 AM
0 22-23,0-6 * * *: 00 01 02 03 04 05 06 22 23; in words: At 0 minutes past the hour, between 10:00 PM and 11:59 PM and between 12:00 AM and 6:59 AM
0 9 * * SAT-SUN: Fri Sat Sun; in words: At 9:00 AM on Saturday through Sunday
0 9 * * SAT,SUN: Sat Sun; in words: At 9:00 AM on Saturday and Sunday
0 9 1 NOV-FEB *: Dec Feb Jan Nov Oct; in words: At 9:00 AM on the 1st of November to February
58-1 9 * * *: 00 01 57 58 59; in words: At 58 through 1 minutes past the hour, between 9:00 AM and 9:59 AM
0 9 * * MON-FRI: Fri Mon Thu Tue Wed; in words: At 9:00 AM on Monday through Friday
TXT
cmp -s seen expected
