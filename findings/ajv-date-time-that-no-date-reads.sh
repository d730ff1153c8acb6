#!/usr/bin/env bash
# ajv 8.17.1 with ajv-formats 3.0.1 (npm), beside @cfworker/json-schema 4.1.1 (npm) and jsonschema 4.23.0 with rfc3339-validator 0.1.4 (PyPI).
#
# A producer and a consumer share a JSON Schema in which `occurredAt` has the format `date-time`: RFC 3339, whose offset is `Z` or hours, a colon
# and minutes. Expected: what one side lets through, the other does; and a text that was let through is a time to the language's own Date.
# Seen: both libraries of JavaScript take `+09` and `+0900`, which RFC 3339 does not know, and a leap second, which it does. The library of
# Python refuses all three, and the blank in place of the T. Of the five texts two are no time to JavaScript's Date, so a record that passed the
# check in the same program has an invalid date after it. Check that a time can be read as well, and write the offset with its minutes.
#
# Output seen:
#   2026-11-21T09:00:12+09:00: ajv true, cfworker true, jsonschema true; Date 2026-11-21T00:00:12.000Z
#   2026-11-21T09:00:12+09: ajv true, cfworker true, jsonschema false; Date Invalid Date
#   2026-11-21T09:00:12+0900: ajv true, cfworker true, jsonschema false; Date 2026-11-21T00:00:12.000Z
#   2026-11-21 09:00:12+09:00: ajv true, cfworker true, jsonschema false; Date 2026-11-21T00:00:12.000Z
#   2026-12-31T23:59:60Z: ajv true, cfworker true, jsonschema false; Date Invalid Date
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund ajv@8.17.1 ajv-formats@3.0.1 @cfworker/json-schema@4.1.1
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jsonschema==4.23.0 rfc3339-validator==0.1.4
cat >show.mjs <<'END'
import { Validator } from "@cfworker/json-schema"
import { Ajv } from "ajv"
import addFormats from "ajv-formats"

const schema = { type: "string", format: "date-time" }
const ajv = new Ajv()
addFormats.default(ajv)
const ofAjv = ajv.compile(schema)
const other = new Validator(schema)
const [, , time, python] = process.argv
const date = Number.isNaN(Date.parse(time)) ? "Invalid Date" : new Date(time).toISOString()
console.log(`${time}: ajv ${ofAjv(time)}, cfworker ${other.validate(time).valid}, jsonschema ${python}; Date ${date}`)
END
cat >show.py <<'END'
import sys

from jsonschema import Draft202012Validator

schema = {"type": "string", "format": "date-time"}
validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
print("true" if validator.is_valid(sys.argv[1]) else "false")
END
for time in 2026-11-21T09:00:12+09:00 2026-11-21T09:00:12+09 2026-11-21T09:00:12+0900 "2026-11-21 09:00:12+09:00" 2026-12-31T23:59:60Z; do
  node show.mjs "$time" "$(venv/bin/python show.py "$time")"
done | tee seen
cat >expected <<'END'
2026-11-21T09:00:12+09:00: ajv true, cfworker true, jsonschema true; Date 2026-11-21T00:00:12.000Z
2026-11-21T09:00:12+09: ajv true, cfworker true, jsonschema false; Date Invalid Date
2026-11-21T09:00:12+0900: ajv true, cfworker true, jsonschema false; Date 2026-11-21T00:00:12.000Z
2026-11-21 09:00:12+09:00: ajv true, cfworker true, jsonschema false; Date 2026-11-21T00:00:12.000Z
2026-12-31T23:59:60Z: ajv true, cfworker true, jsonschema false; Date Invalid Date
END
cmp -s seen expected
