#!/usr/bin/env bash
# english-to-cron 0.1.7, its rules run by cron 0.17.0 (Rust crates). Needs cargo (Rust).
#
# It makes a rule of cron from English, "7pm every Thursday"; tokio-cron-scheduler takes such times with its feature `english`. The README promises "complex patterns
# including specific days", and what it does not understand is an error: "every quarter" is refused. Expected: the times that were said, or an error.
# Seen: words that it does not know are passed over, and the rest is the rule. "Every day except Sunday" is every Sunday and no other day: the word that
# turns the sense is not there. "Every weekday" is every day, though it knows "weekend" and "monday to friday". "Every 2 months" is each day of February,
# so the number that counts days in "every 3 days" names the month here. The first Monday is each one, and "on the 31st" each day, though it
# knows "the 1st and 15th". So the check of working days rings at the weekend, and the report of every second month comes 28 times in February.
# Show the rule, or its next times, to whoever said it.
#
# Output seen (the first times after 3 December 2026, 10:15):
#   every weekend at 8 am: 0 0 8 ? * SAT,SUN *, Sat 05.12. Sun 06.12. Sat 12.12. Sun 13.12.
#   every monday to friday at 8 am: 0 0 8 ? * MON-FRI *, Fri 04.12. Mon 07.12. Tue 08.12. Wed 09.12.
#   every weekday at 8 am: 0 0 8 */1 * ? *, Fri 04.12. Sat 05.12. Sun 06.12. Mon 07.12.
#   every day except sunday at 8 am: 0 0 8 ? * SUN *, Sun 06.12. Sun 13.12. Sun 20.12. Sun 27.12.
#   on the 1st and 15th of the month at 8 am: 0 0 8 1,15 * ? *, Tue 15.12. Fri 01.01. Fri 15.01. Mon 01.02.
#   every month on the 31st at 8 am: 0 0 8 * * ? *, Fri 04.12. Sat 05.12. Sun 06.12. Mon 07.12.
#   every 3 days at 8 am: 0 0 8 */3 * ? *, Fri 04.12. Mon 07.12. Thu 10.12. Sun 13.12.
#   every 2 months at 8 am: 0 0 8 * 2 ? *, Mon 01.02. Tue 02.02. Wed 03.02. Thu 04.02.
#   every first monday of the month at 8 am: 0 0 8 ? * MON *, Mon 07.12. Mon 14.12. Mon 21.12. Mon 28.12.
#   every quarter: refused
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
cron = "=0.17.0"
english-to-cron = "=0.1.7"
END
mkdir src
cat >src/main.rs <<'END'
use chrono::{TimeZone, Utc};
use cron::Schedule;
use std::str::FromStr;

fn main() {
    let now = Utc.with_ymd_and_hms(2026, 12, 3, 10, 15, 0).unwrap();
    for said in [
        "every weekend at 8 am",
        "every monday to friday at 8 am",
        "every weekday at 8 am",
        "every day except sunday at 8 am",
        "on the 1st and 15th of the month at 8 am",
        "every month on the 31st at 8 am",
        "every 3 days at 8 am",
        "every 2 months at 8 am",
        "every first monday of the month at 8 am",
        "every quarter",
    ] {
        let Ok(rule) = english_to_cron::str_cron_syntax(said) else {
            println!("{said}: refused");
            continue;
        };
        let runs = Schedule::from_str(&rule).unwrap().after(&now).take(4).map(|run| run.format("%a %d.%m.").to_string()).collect::<Vec<_>>();
        println!("{said}: {rule}, {}", runs.join(" "));
    }
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
./target/debug/show | tee seen
cat >expected <<'TXT'
every weekend at 8 am: 0 0 8 ? * SAT,SUN *, Sat 05.12. Sun 06.12. Sat 12.12. Sun 13.12.
every monday to friday at 8 am: 0 0 8 ? * MON-FRI *, Fri 04.12. Mon 07.12. Tue 08.12. Wed 09.12.
every weekday at 8 am: 0 0 8 */1 * ? *, Fri 04.12. Sat 05.12. Sun 06.12. Mon 07.12.
every day except sunday at 8 am: 0 0 8 ? * SUN *, Sun 06.12. Sun 13.12. Sun 20.12. Sun 27.12.
on the 1st and 15th of the month at 8 am: 0 0 8 1,15 * ? *, Tue 15.12. Fri 01.01. Fri 15.01. Mon 01.02.
every month on the 31st at 8 am: 0 0 8 * * ? *, Fri 04.12. Sat 05.12. Sun 06.12. Mon 07.12.
every 3 days at 8 am: 0 0 8 */3 * ? *, Fri 04.12. Mon 07.12. Thu 10.12. Sun 13.12.
every 2 months at 8 am: 0 0 8 * 2 ? *, Mon 01.02. Tue 02.02. Wed 03.02. Thu 04.02.
every first monday of the month at 8 am: 0 0 8 ? * MON *, Mon 07.12. Mon 14.12. Mon 21.12. Mon 28.12.
every quarter: refused
TXT
cmp -s seen expected
