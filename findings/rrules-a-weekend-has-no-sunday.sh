#!/usr/bin/env bash
# rrules 0.2.3 (Rust crate), beside python-dateutil 2.9.0.post0 (PyPI). Needs cargo (Rust).
#
# The crate reads a rule of iCalendar's kind, "FREQ=WEEKLY;INTERVAL=1;DTSTART=…;BYDAY=SA,SU", with its days in a list, as its README shows. A check runs at each
# weekend, another every day of the week, by name. Expected: Saturdays and Sundays, and seven days a week. Seen: of a list with other days Sunday is gone:
# only Saturdays, and six days a week. The crate counts its week from Sunday on and walks the list in the order in which it is written, so after Saturday
# comes the next week. Written first, SU,MO, both days are there, but every other week only. Sunday alone begins a week late.
# Each list without Sunday is right. So nobody looks at the plant on Sundays, and no error comes.
# The times of a day, BYTIME, go in the order of the list as well: "17:00,09:00" has no nine o'clock. Make a rule for each day, with one time.
#
# Output seen (the first days from 5 December 2026, a Saturday, on):
#   SA,SU: rrules Sa 5 Sa 12 Sa 19 Sa 26, dateutil Sa 5 Su 6 Sa 12 Su 13
#   SU,MO: rrules Su 13 Mo 14 Su 27 Mo 28, dateutil Su 6 Mo 7 Su 13 Mo 14
#   MO,SU: rrules Mo 7 Mo 14 Mo 21 Mo 28, dateutil Su 6 Mo 7 Su 13 Mo 14
#   MO,TU,WE,TH,FR,SA,SU: rrules Sa 5 Mo 7 Tu 8 We 9, dateutil Sa 5 Su 6 Mo 7 Tu 8
#   SU: rrules Su 13 Su 20 Su 27 Su 3, dateutil Su 6 Su 13 Su 20 Su 27
#   FR,SA: rrules Sa 5 Fr 11 Sa 12 Fr 18, dateutil Sa 5 Fr 11 Sa 12 Fr 18
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
printf '%s\n' SA,SU SU,MO MO,SU MO,TU,WE,TH,FR,SA,SU SU FR,SA >lists
cat >Cargo.toml <<'END'
[package]
name = "show"
version = "0.0.0"
edition = "2021"

[dependencies]
chrono = "=0.4.42"
rrules = "=0.2.3"
END
mkdir src
cat >src/main.rs <<'END'
use chrono::{DateTime, Utc};
use rrules::Recurrence;
use std::str::FromStr;

fn shown(day: DateTime<Utc>) -> String {
    format!("{} {}", &day.format("%a").to_string()[..2], day.format("%-d"))
}

fn main() {
    for list in std::fs::read_to_string("lists").unwrap().lines() {
        let rule = format!("FREQ=WEEKLY;INTERVAL=1;DTSTART=2026-12-05T09:00:00Z;BYDAY={list}");
        let days: Vec<String> = Recurrence::from_str(&rule).unwrap().take(4).map(shown).collect();
        println!("{list}: rrules {}", days.join(" "));
    }
}
END
cat >show.py <<'PY'
from datetime import datetime

from dateutil.rrule import rrulestr

for line in open("lists"):
    days = rrulestr(f"FREQ=WEEKLY;COUNT=4;BYDAY={line.strip()}", dtstart=datetime(2026, 12, 5, 9))
    print(", dateutil", " ".join(f"{day:%a}"[:2] + f" {day.day}" for day in days))
PY
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install python-dateutil==2.9.0.post0
paste -d '\0' <(./target/debug/show) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
SA,SU: rrules Sa 5 Sa 12 Sa 19 Sa 26, dateutil Sa 5 Su 6 Sa 12 Su 13
SU,MO: rrules Su 13 Mo 14 Su 27 Mo 28, dateutil Su 6 Mo 7 Su 13 Mo 14
MO,SU: rrules Mo 7 Mo 14 Mo 21 Mo 28, dateutil Su 6 Mo 7 Su 13 Mo 14
MO,TU,WE,TH,FR,SA,SU: rrules Sa 5 Mo 7 Tu 8 We 9, dateutil Sa 5 Su 6 Mo 7 Tu 8
SU: rrules Su 13 Su 20 Su 27 Su 3, dateutil Su 6 Su 13 Su 20 Su 27
FR,SA: rrules Sa 5 Fr 11 Sa 12 Fr 18, dateutil Sa 5 Fr 11 Sa 12 Fr 18
TXT
cmp -s seen expected
