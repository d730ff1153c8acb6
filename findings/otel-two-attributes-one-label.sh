#!/usr/bin/env bash
# @opentelemetry/exporter-prometheus 0.223.0 (npm) and opentelemetry-exporter-prometheus 0.66b2 (PyPI); promtool 2.42 (Debian 12) reads.
#
# A measurement has the attributes `device.id` and `device_id`, as it happens where two libraries add theirs. In Prometheus both are
# called `device_id`; OpenTelemetry says that their values are then joined with ";". Expected: device_id="d1;7".
# Seen: JavaScript writes the label twice, in one pair of braces. For Prometheus that is no page: it takes nothing of it, so all
# metrics of the process are gone because of one series of one of them. Python writes one of the two values and drops the other, so
# series that differ in it alone become one.
#
# Output seen:
#   JavaScript: temp{device_id="d1",device_id="7"} 85
#   promtool: duplicate label names for metric "temp"
#   Python: temp{device_id="7"} 85.0
#   promtool: nothing
set -euo pipefail
tmp=$(mktemp -d)
mkdir "$tmp/layer" "$tmp/pages"
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
meter.createGauge("temp", { description: "t" }).record(85, { "device.id": "d1", device_id: "7" })
exporter.collect().then(({ resourceMetrics }) => console.log(new PrometheusSerializer().serialize(resourceMetrics)))
END
cat >page.py <<'END'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("plant")
meter.create_gauge("temp", description="t").set(85, {"device.id": "d1", "device_id": "7"})
print(generate_latest().decode())
END
node page.js >pages/JavaScript
venv/bin/python page.py >pages/Python

# promtool goes into a layer over this machine's files that only these processes see and that goes with them. Needs root, on Debian 12.
cat >inside <<'END'
set -euo pipefail
mount -t tmpfs none "$1"
mkdir "$1/new" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/new,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
printf '#!/bin/sh\nexit 101\n' >"$1/root/usr/sbin/policy-rc.d"
chmod +x "$1/root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$1/root" apt-get -qq update >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
chroot "$1/root" apt-get -qq install -y --no-install-recommends "prometheus=2.42.0*" >"$1/log" 2>&1 || { cat "$1/log"; exit 1; }
for page in JavaScript Python; do
  grep '^temp{' "$2/$page" | sed -E "s/,?otel_scope_[a-z_]+=\"[^\"]*\"//g; s/^/$page: /"
  chroot "$1/root" promtool check metrics <"$2/$page" >"$1/said" 2>&1 || true
  echo "promtool: $(grep -o 'duplicate label names for metric "temp"' "$1/said" || echo nothing)"
done
END
unshare --mount --pid --fork --kill-child bash inside "$tmp/layer" "$tmp/pages" >seen
cat seen
cat >expected <<'END'
JavaScript: temp{device_id="d1",device_id="7"} 85
promtool: duplicate label names for metric "temp"
Python: temp{device_id="7"} 85.0
promtool: nothing
END
cmp -s seen expected
