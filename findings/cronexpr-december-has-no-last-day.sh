#!/usr/bin/env bash
# cronexpr 1.7.0 (Rust crate). Needs cargo (Rust).
#
# A report of the month goes out on its last day, "0 9 L * *", another on the last Friday, "0 9 * * FRIL". The crate documents both: L is "the last day of the
# month". Expected: twelve reports a year. Seen: eleven. December has neither a last day nor a last Friday; what follows 30 November is 31 January, in UTC
# as in Seoul. So the report that closes the year does not go out, and a check that is to see it at the month's end finds nothing wrong for eleven months.
# A rule for December alone, "0 9 L 12 *", is taken, and has no time within four years, which is an error when one asks. "31" knows 31 December.
# Give the last days as a list of rules, "0 9 31 1,3,5,7,8,10,12 *" and so on, or run each day and ask whether tomorrow is the first.
#
# Output seen:
#   0 9 L * * UTC: 2026-10-31 2026-11-30 2027-01-31 2027-02-28 2027-03-31 2027-04-30
#   0 9 L * * Asia/Seoul: 2026-10-31 2026-11-30 2027-01-31 2027-02-28 2027-03-31 2027-04-30
#   0 9 * * FRIL UTC: 2026-10-30 2026-11-27 2027-01-29 2027-02-26 2027-03-26 2027-04-30
#   0 9 L 12 * UTC: none within four years
#   0 9 L 11 * UTC: 2026-11-30
#   0 9 31 * * UTC: 2026-10-31 2026-12-31 2027-01-31 2027-03-31
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
cronexpr = "=1.7.0"
END
mkdir src
cat >src/main.rs <<'END'
use cronexpr::MakeTimestamp;
use std::str::FromStr;

fn show(rule: &str, runs: usize) {
    let crontab = cronexpr::parse_crontab(rule).unwrap();
    let mut time = MakeTimestamp::from_str("2026-10-01T00:00:00Z").unwrap().0;
    print!("{rule}:");
    for _ in 0..runs {
        match crontab.find_next(MakeTimestamp(time)) {
            Ok(next) => {
                print!(" {}", next.strftime("%Y-%m-%d"));
                time = next.timestamp();
            }
            Err(_) => print!(" none within four years"),
        }
    }
    println!();
}

fn main() {
    show("0 9 L * * UTC", 6);
    show("0 9 L * * Asia/Seoul", 6);
    show("0 9 * * FRIL UTC", 6);
    show("0 9 L 12 * UTC", 1);
    show("0 9 L 11 * UTC", 1);
    show("0 9 31 * * UTC", 4);
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
0 9 L * * UTC: 2026-10-31 2026-11-30 2027-01-31 2027-02-28 2027-03-31 2027-04-30
0 9 L * * Asia/Seoul: 2026-10-31 2026-11-30 2027-01-31 2027-02-28 2027-03-31 2027-04-30
0 9 * * FRIL UTC: 2026-10-30 2026-11-27 2027-01-29 2027-02-26 2027-03-26 2027-04-30
0 9 L 12 * UTC: none within four years
0 9 L 11 * UTC: 2026-11-30
0 9 31 * * UTC: 2026-10-31 2026-12-31 2027-01-31 2027-03-31
TXT
cmp -s seen expected
