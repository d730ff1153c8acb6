#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1 (npm), beside prometheus-client 0.26.0 (PyPI).
#
# A page of metrics has one histogram, how long mails took, for two devices: the same buckets for each, apart by the label `device`.
# Expected of a reader: two histograms, each with its label, its sum and its count.
# Seen: the JavaScript reader puts the buckets of all series of a name together. The last series on the page is left, under no label at
# all, and sum and count are gone. Here the nine quick mails of d1 are hidden by the slow ones of d2; written the other way round, the
# slow ones are hidden. A histogram without labels is right, and so are counters and gauges with labels. Take each histogram apart by
# yourself, or have it read by another library.
#
# Output seen:
#   JavaScript, without labels: none: le 1 9, le +Inf 9, sum 3, count 9
#   JavaScript, two devices: none: le 1 0, le +Inf 7
#   Python, two devices: d1: le 1 9, le +Inf 9, sum 3, count 9; d2: le 1 0, le +Inf 7, sum 90, count 7
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund parse-prometheus-text-format@1.1.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install prometheus-client==0.26.0
cat >one <<'END'
# TYPE mail_seconds histogram
mail_seconds_bucket{le="1"} 9
mail_seconds_bucket{le="+Inf"} 9
mail_seconds_sum 3
mail_seconds_count 9
END
cat >two <<'END'
# TYPE mail_seconds histogram
mail_seconds_bucket{device="d1",le="1"} 9
mail_seconds_bucket{device="d1",le="+Inf"} 9
mail_seconds_sum{device="d1"} 3
mail_seconds_count{device="d1"} 9
mail_seconds_bucket{device="d2",le="1"} 0
mail_seconds_bucket{device="d2",le="+Inf"} 7
mail_seconds_sum{device="d2"} 90
mail_seconds_count{device="d2"} 7
END
cat >show.js <<'END'
const { readFileSync } = require("node:fs")
const parse = require("parse-prometheus-text-format")
const [, , page, name] = process.argv
const series = parse(readFileSync(page, "utf8"))[0].metrics.map(({ labels, buckets, sum, count }) => {
  const parts = Object.entries(buckets).map(([le, value]) => `le ${le} ${value}`)
  if (sum !== undefined) parts.push(`sum ${sum}`)
  if (count !== undefined) parts.push(`count ${count}`)
  return `${labels?.device ?? "none"}: ${parts.join(", ")}`
})
console.log(`JavaScript, ${name}: ${series.join("; ")}`)
END
cat >show.py <<'END'
from prometheus_client.parser import text_string_to_metric_families

series = {}
for family in text_string_to_metric_families(open("two").read()):
    for sample in family.samples:
        kind = sample.name.removeprefix("mail_seconds_")
        part = f"le {sample.labels['le']}" if kind == "bucket" else kind
        series.setdefault(sample.labels["device"], []).append(f"{part} {sample.value:g}")
print("Python, two devices: " + "; ".join(f"{device}: {', '.join(parts)}" for device, parts in series.items()))
END
{ node show.js one "without labels"; node show.js two "two devices"; venv/bin/python show.py; } >seen
cat seen
cat >expected <<'END'
JavaScript, without labels: none: le 1 9, le +Inf 9, sum 3, count 9
JavaScript, two devices: none: le 1 0, le +Inf 7
Python, two devices: d1: le 1 9, le +Inf 9, sum 3, count 9; d2: le 1 0, le +Inf 7, sum 90, count 7
END
cmp -s seen expected
