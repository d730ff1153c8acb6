#!/usr/bin/env bash
# prometheus-parse 0.2.5 (Rust crate), beside prometheus-client 0.26.0 (PyPI), whose parser reads the same page. Needs cargo (Rust).
#
# A page of metrics has a line for each device, and its labels say which: temp{device="10,11"} 96. The text format lets a label's value be any
# text, with \" and \\ and \n for three characters. Expected: the labels and values that Prometheus's own parsers have, or an error.
# Seen: the crate cuts the labels at each comma and at each equals sign, also within quotes. The device "10,11" is "10", so it has the reading of two
# pumps; "hall 1, roof" is "hall 1". The label with an equals sign in it is gone, and the reading has no device. A line with a brace
# in a label's value is gone as a whole, so an alarm on that series never fires. The escapes stay as they are written, "the \"old\" one".
# No error comes, and the other lines are right, so the page looks read. Before you take this crate, see that no label has one of these characters.
#
# Output seen (one line a series, as it is on the page):
#   pump-7: prometheus-parse device=pump-7 site=hall 1; prometheus-client device=pump-7 site=hall 1, roof
#   10,11: prometheus-parse device=10 site=roof; prometheus-client device=10,11 site=roof
#   pump=9: prometheus-parse site=roof; prometheus-client device=pump=9 site=roof
#   pump{8}: prometheus-parse nothing; prometheus-client device=pump{8} site=roof
#   the "old" one: prometheus-parse device=the \"old\" one site=roof; prometheus-client device=the "old" one site=roof
#   12: prometheus-parse device=12 site=roof; prometheus-client device=12 site=roof
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >page <<'END'
temp{device="pump-7",site="hall 1, roof"} 1
temp{device="10,11",site="roof"} 2
temp{device="pump=9",site="roof"} 3
temp{device="pump{8}",site="roof"} 4
temp{device="the \"old\" one",site="roof"} 5
temp{device="12",site="roof"} 6
END
cat >Cargo.toml <<'END'
[package]
name = "show"
version = "0.0.0"
edition = "2021"

[dependencies]
prometheus-parse = "=0.2.5"
END
mkdir src
cat >src/main.rs <<'END'
use prometheus_parse::{Scrape, Value};

fn main() {
    let page = std::fs::read_to_string("page").unwrap();
    let scrape = Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap();
    for number in 1..=page.lines().count() {
        let sample = scrape.samples.iter().find(|sample| matches!(sample.value, Value::Untyped(value) if value == number as f64));
        let labels = sample.map(|sample| {
            let mut labels: Vec<_> = sample.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            labels.sort();
            labels.join(" ")
        });
        println!("prometheus-parse {}", labels.unwrap_or_else(|| "nothing".to_owned()));
    }
}
END
CARGO_HOME="$tmp/cargo" cargo build --quiet >build.log 2>&1 || { cat build.log; exit 1; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install prometheus-client==0.26.0
cat >show.py <<'PY'
from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(open("page").read()):
    for sample in family.samples:
        print("; prometheus-client " + " ".join(f"{name}={value}" for name, value in sorted(sample.labels.items())))
PY
printf '%s: \n' pump-7 10,11 pump=9 'pump{8}' 'the "old" one' 12 >names
paste -d '\0' names <(./target/debug/show) <(venv/bin/python show.py) | tee seen
cat >expected <<'TXT'
pump-7: prometheus-parse device=pump-7 site=hall 1; prometheus-client device=pump-7 site=hall 1, roof
10,11: prometheus-parse device=10 site=roof; prometheus-client device=10,11 site=roof
pump=9: prometheus-parse site=roof; prometheus-client device=pump=9 site=roof
pump{8}: prometheus-parse nothing; prometheus-client device=pump{8} site=roof
the "old" one: prometheus-parse device=the \"old\" one site=roof; prometheus-client device=the "old" one site=roof
12: prometheus-parse device=12 site=roof; prometheus-client device=12 site=roof
TXT
cmp -s seen expected
