#!/usr/bin/env bash
# OpenTelemetry in JavaScript: @opentelemetry/otlp-transformer 0.223.0, which its OTLP exporters use, and sdk-metrics 2.12.1 (npm);
# read by the messages of opentelemetry-proto 1.45.2 (PyPI).
#
# A sensor that is out of range gives Infinity, one without a reading NaN; a limit may be infinite, too. OTLP has one model and two
# ways to send it, bytes and JSON; in Protobuf's JSON such a number is the text "Infinity" or "NaN".
# Expected: the receiver gets the same number either way. Seen: in JSON it is null, which stands for "not set": the receiver takes a
# point of that time without any value, and an attribute without one, and says nothing. In bytes both arrive. A rule for "above 80"
# sees the sensor that burns by the one exporter and not by the other. Export as bytes (`-proto`), or send a finite number.
#
# Output seen:
#   bytes: d1 85.5, d2 inf, d3 nan, limit inf
#   JSON: d1 85.5, d2 no value, d3 no value, limit no value
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/sdk-metrics@2.12.1 \
  @opentelemetry/otlp-transformer@0.223.0
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install opentelemetry-proto==1.45.2
cat >write.js <<'END'
const { writeFileSync } = require("node:fs")
const { JsonMetricsSerializer, ProtobufMetricsSerializer } = require("@opentelemetry/otlp-transformer")
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
  require("@opentelemetry/sdk-metrics")
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
const gauge = new MeterProvider({ readers: [reader] }).getMeter("plant").createGauge("temp")
gauge.record(85.5, { device: "d1", limit: Infinity })
gauge.record(Infinity, { device: "d2" })
gauge.record(NaN, { device: "d3" })
reader.collect().then(({ resourceMetrics }) => {
  writeFileSync("json", JsonMetricsSerializer.serializeRequest(resourceMetrics))
  writeFileSync("bytes", ProtobufMetricsSerializer.serializeRequest(resourceMetrics))
  process.exit()
})
END
node write.js
cat >read.py <<'END'
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest


def show(name, request):
    seen, limit = [], None
    for point in request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points:
        attributes = {one.key: one.value for one in point.attributes}
        kind = point.WhichOneof("value")
        seen.append(f"{attributes['device'].string_value} {getattr(point, kind) if kind else 'no value'}")
        if "limit" in attributes:
            kind = attributes["limit"].WhichOneof("value")
            limit = getattr(attributes["limit"], kind) if kind else "no value"
    print(f"{name}: {', '.join(seen)}, limit {limit}")


show("bytes", ExportMetricsServiceRequest.FromString(open("bytes", "rb").read()))
show("JSON", json_format.Parse(open("json").read(), ExportMetricsServiceRequest()))
END
venv/bin/python read.py >seen
cat seen
cat >expected <<'END'
bytes: d1 85.5, d2 inf, d3 nan, limit inf
JSON: d1 85.5, d2 no value, d3 no value, limit no value
END
cmp -s seen expected
