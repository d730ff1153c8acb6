#!/usr/bin/env bash
# prom-client 15.1.3 (npm), its page read by prometheus-client 0.26.0 (PyPI), which has the parser of OpenMetrics.
#
# An exemplar links a count to a trace; its labels have room for 128 characters. A program gives one label too much (here a trace and
# the path of a device), prom-client throws a RangeError, and the program catches it and goes on.
# Expected of a call that threw: nothing happened. Seen: the count is raised, and an exemplar without labels, value and time stays
# behind: "{} +Inf undefined". That is not OpenMetrics: the reader gives up the whole page, so every metric of the process is gone
# from then on, until this very series gets an exemplar that fits.
#
# Output seen:
#   inc threw: Label set size must be smaller than 128 UTF-8 chars
#   the page: sent_total{to="ops"} 1 # {} +Inf undefined
#   read before: queue 3
#   read after: nothing: could not convert string to float: 'undefined'
#   read after a shorter one: queue 3 sent_total 2
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund prom-client@15.1.3
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install prometheus-client==0.26.0
cat >write.js <<'END'
const { writeFileSync } = require("node:fs")
const { Counter, Gauge, Registry } = require("prom-client")
const registry = new Registry()
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
const common = { help: "h", registers: [registry] }
new Gauge({ ...common, name: "queue" }).set(3)
const sent = new Counter({ ...common, name: "sent_total", labelNames: ["to"], enableExemplars: true })

async function main() {
  writeFileSync("before.txt", await registry.metrics())
  const exemplarLabels = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", device: "plant/hall/line/machine/".repeat(4) }
  try {
    sent.inc({ labels: { to: "ops" }, exemplarLabels })
  } catch (error) {
    console.log(`inc threw: ${error.message}`)
  }
  const page = await registry.metrics()
  writeFileSync("after.txt", page)
  sent.inc({ labels: { to: "ops" }, exemplarLabels: { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" } })
  writeFileSync("later.txt", await registry.metrics())
  console.log(`the page: ${page.split("\n").find((line) => line.startsWith("sent_total"))}`)
}
main()
END
cat >read.py <<'END'
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def read(file):
    try:
        samples = [sample for family in text_string_to_metric_families(open(file).read()) for sample in family.samples]
        return " ".join(f"{sample.name} {sample.value}" for sample in samples)
    except ValueError as error:
        return f"nothing: {error}"


before, after, later = read("before.txt"), read("after.txt"), read("later.txt")
print(f"read before: {before}\nread after: {after}\nread after a shorter one: {later}")
refused = "nothing: could not convert string to float: 'undefined'"
sys.exit(0 if (before, after, later) == ("queue 3", refused, "queue 3 sent_total 2") else 1)
END
node write.js
venv/bin/python read.py
