#!/usr/bin/env bash
# capparser 2.0.4 (PyPI), a reader and writer of the Common Alerting Protocol, in a process of its own for each alert.
#
# An alert has one or more categories, from a list of words: Env, Infra, Safety, Other and so on. A relay reads an alert of two and writes it again.
# Expected: the same two. Seen: there are three, and the first, "Category.Other", is none of the list's words: an object starts with the category
# that its builder has by default, and reading two or more adds to it, where reading one puts it aside. What comes out is no valid alert any more
# (the schema lists the words), and a filter for Other finds it in the object, not in the text. Response types keep their number.
# With one category, as in the library's example, nothing is to be seen.
#
# Output seen:
#   one category: Infra
#   two categories: Category.Other, Env, Infra
#   two response types: Monitor, Avoid
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install capparser==2.0.4
cat >show.py <<'PY'
import sys
import xml.etree.ElementTree as ElementTree

import capparser

namespace = "urn:oasis:names:tc:emergency:cap:1.2"
alert = (
    f'<alert xmlns="{namespace}"><identifier>a1</identifier><sender>plant@example.org</sender><sent>2026-12-01T06:00:00+09:00</sent>'
    "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><category>Infra</category><event>Heat</event>"
    "<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty></info></alert>"
)
name, tag, before, after = {
    "one": ("one category", "category", "", ""),
    "two": ("two categories", "category", "<category>Infra", "<category>Env</category><category>Infra"),
    "response": (
        "two response types",
        "responseType",
        "<urgency>",
        "<responseType>Monitor</responseType><responseType>Avoid</responseType><urgency>",
    ),
}[sys.argv[1]]
text = alert.replace(before, after) if before else alert
written = ElementTree.fromstring(capparser.deparse(capparser.parse(stringXML=text)))
print(f"{name}:", ", ".join(found.text for found in written.iter(f"{{{namespace}}}{tag}")))
PY
for which in one two response; do venv/bin/python show.py "$which"; done >seen
cat seen
cat >expected <<'TXT'
one category: Infra
two categories: Category.Other, Env, Infra
two response types: Monitor, Avoid
TXT
cmp -s seen expected
