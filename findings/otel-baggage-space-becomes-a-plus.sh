#!/usr/bin/env bash
# OpenTelemetry's baggage in two languages: opentelemetry-api 1.45.2 (PyPI) and @opentelemetry/core 2.12.1 (npm).
#
# Baggage goes along with a request or a record in the header `baggage`, percent-encoded as W3C says: here the hall and the rule of an
# alert. Expected: what a service of one language puts in, a service of the other takes out.
# Seen: Python writes and reads it as a web form. A space goes out as "+", which is an ordinary character of a baggage header, so
# JavaScript reads "Hall+3"; and a "+" that another program wrote as it is becomes a space in Python. Properties behind a value (";")
# are a part of the value in Python. From JavaScript to Python "Hall 3" is right, and from each language to itself, so tests pass.
#
# Output seen:
#   Python writes: hall=Hall+3
#   JavaScript reads that as: Hall+3
#   JavaScript writes: hall=Hall%203
#   Python reads that as: Hall 3
#   rule=a+b;unit=Cel: JavaScript a+b, Python a b;unit=Cel
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install opentelemetry-api==1.45.2
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/core@2.12.1
cat >baggage.py <<'END'
import sys

from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context

propagator = W3CBaggagePropagator()
if sys.argv[1] == "write":
    carrier = {}
    propagator.inject(carrier, baggage.set_baggage("hall", "Hall 3", Context()))
    print(carrier["baggage"])
else:
    print(*baggage.get_all(propagator.extract({"baggage": sys.argv[2]}, Context())).values())
END
cat >baggage.js <<'END'
const { defaultTextMapGetter, defaultTextMapSetter, propagation, ROOT_CONTEXT } = require("@opentelemetry/api")
const { W3CBaggagePropagator } = require("@opentelemetry/core")
const [, , what, header] = process.argv
const propagator = new W3CBaggagePropagator()
if (what === "write") {
  const carrier = {}
  const baggage = propagation.createBaggage({ hall: { value: "Hall 3" } })
  propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier, defaultTextMapSetter)
  console.log(carrier.baggage)
} else {
  const context = propagator.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter)
  console.log(...propagation.getBaggage(context).getAllEntries().map(([, { value }]) => value))
}
END
python() { venv/bin/python baggage.py "$@"; }
javascript() { node baggage.js "$@"; }
from_python=$(python write)
from_javascript=$(javascript write)
other='rule=a+b;unit=Cel'
cat >seen <<END
Python writes: $from_python
JavaScript reads that as: $(javascript read "$from_python")
JavaScript writes: $from_javascript
Python reads that as: $(python read "$from_javascript")
$other: JavaScript $(javascript read "$other"), Python $(python read "$other")
END
cat seen
cat >expected <<'END'
Python writes: hall=Hall+3
JavaScript reads that as: Hall+3
JavaScript writes: hall=Hall%203
Python reads that as: Hall 3
rule=a+b;unit=Cel: JavaScript a+b, Python a b;unit=Cel
END
cmp -s seen expected
