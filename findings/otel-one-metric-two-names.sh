#!/usr/bin/env bash
# OpenTelemetry's exporters for Prometheus: @opentelemetry/exporter-prometheus 0.223.0 (npm) and opentelemetry-exporter-prometheus
# 0.66b2 (PyPI).
#
# Two services, one in JavaScript and one in Python, have the same instruments: same names, same units. OpenTelemetry defines how they
# are called in Prometheus, so one dashboard and one rule ought to do for both. Expected: the same names.
# Seen: Python puts the unit behind the name, in words (`_seconds`, `_celsius`); JavaScript puts it into a line of its own, as it was
# given (`# UNIT temp Cel`), and leaves the name alone. A counter's name is the same in both, and so is every metric without a
# unit. A rule for `temp_celsius` never fires for the other service, as nothing is there to fire for.
#
# Output seen:
#   alerts.sent: JavaScript alerts_sent_total, Python alerts_sent_total
#   send.duration in s: JavaScript send_duration_sum, Python send_duration_seconds_sum
#   temp in Cel: JavaScript temp, Python temp_celsius
#   queue in By: JavaScript queue, Python queue_bytes
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/sdk-metrics@2.12.1 \
  @opentelemetry/exporter-prometheus@0.223.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install opentelemetry-sdk==1.45.2 opentelemetry-exporter-prometheus==0.66b2
cat >page.js <<'END'
const { PrometheusExporter, PrometheusSerializer } = require("@opentelemetry/exporter-prometheus")
const { MeterProvider } = require("@opentelemetry/sdk-metrics")
const exporter = new PrometheusExporter({ preventServerStart: true })
const meter = new MeterProvider({ readers: [exporter] }).getMeter("plant")
meter.createCounter("alerts.sent").add(3)
meter.createHistogram("send.duration", { unit: "s" }).record(0.3)
meter.createGauge("temp", { unit: "Cel" }).record(85)
meter.createUpDownCounter("queue", { unit: "By" }).add(3)
exporter.collect().then(({ resourceMetrics }) => console.log(new PrometheusSerializer().serialize(resourceMetrics)))
END
cat >page.py <<'END'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("plant")
meter.create_counter("alerts.sent").add(3)
meter.create_histogram("send.duration", unit="s").record(0.3)
meter.create_gauge("temp", unit="Cel").set(85)
meter.create_up_down_counter("queue", unit="By").add(3)
print(generate_latest().decode())
END
node page.js >javascript
venv/bin/python page.py >python
# The name of the one sample that begins so.
name() { grep -Eo "^$2[a-z_]*" "$1" | grep -Ev '_(bucket|count|created)$'; }
both() { echo "$1: JavaScript $(name javascript "$2"), Python $(name python "$2")"; }
{
  both 'alerts.sent' alerts_sent
  both 'send.duration in s' send_duration
  both 'temp in Cel' temp
  both 'queue in By' queue
} >seen
cat seen
cat >expected <<'END'
alerts.sent: JavaScript alerts_sent_total, Python alerts_sent_total
send.duration in s: JavaScript send_duration_sum, Python send_duration_seconds_sum
temp in Cel: JavaScript temp, Python temp_celsius
queue in By: JavaScript queue, Python queue_bytes
END
cmp -s seen expected
