#!/usr/bin/env bash
# @dec112/cap-ts 0.3.2 (npm), beside xml.etree of Python's own library, Node 20 or newer.
#
# The Common Alerting Protocol, with which authorities warn of weather and fire, is XML in the namespace urn:oasis:names:tc:emergency:cap:1.2. A
# relay reads an alert, adds a note, and writes it again. Expected: what the library reads it writes. Seen: only alerts that say nothing of where
# (`area`) and have no `code`. With an area without circles, or polygons, or geocodes, `toXML` is a TypeError, as the list that it
# goes through is undefined after reading and empty after building; a `code` that was read is no list, be it one or two. An altitude of 0
# is not written. And of an alert whose elements have a prefix (cap:alert), which is the same XML, it reads nothing
# at all.
# Fill in the lists (`area.circle_list ??= []`) after reading. It also needs tslib, which it does not name among its dependencies.
#
# Output seen:
#   no area: written again
#   an area with a polygon: read, not written
#   the same, lists filled in, altitude 0: written again without altitude
#   one code: read, not written
#   two codes: read, not written
#   with a prefix: not read (the event for Python: Heat)
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund @dec112/cap-ts@0.3.2 tslib@2.8.1
cat >show.js <<'JS'
const { execFileSync } = require("node:child_process")
const { writeFileSync } = require("node:fs")
const { CAP_1_2 } = require("@dec112/cap-ts")

const plain =
  '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a1</identifier><sender>plant@example.org</sender>' +
  "<sent>2026-12-01T06:00:00+09:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><category>Infra</category>" +
  "<event>Heat</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty></info></alert>"
const withArea = (more) =>
  plain.replace("</info>", `<area><areaDesc>Hall 1</areaDesc><polygon>1,2 3,4 5,6 1,2</polygon>${more}</area></info>`)
const prefixed = plain.replace(/<(\/?)(?=[a-z])/g, "<$1cap:").replace("xmlns=", "xmlns:cap=")

async function passedOn(text, { fill = false } = {}) {
  let alert
  try {
    alert = await CAP_1_2.Alert.fromXML(text)
  } catch {
    return "not read"
  }
  if (fill) for (const { area_list } of alert.info_list) for (const area of area_list) area.circle_list ??= []
  try {
    const written = alert.toXML()
    return text.includes("<altitude>") && !written.includes("<altitude>") ? "written again without altitude" : "written again"
  } catch {
    return "read, not written"
  }
}

async function main() {
  const code = "<code>drill</code>"
  console.log("no area:", await passedOn(plain))
  console.log("an area with a polygon:", await passedOn(withArea("")))
  console.log("the same, lists filled in, altitude 0:", await passedOn(withArea("<altitude>0</altitude>"), { fill: true }))
  console.log("one code:", await passedOn(plain.replace("<info>", `${code}<info>`)))
  console.log("two codes:", await passedOn(plain.replace("<info>", `${code}${code}<info>`)))
  writeFileSync("prefixed.xml", prefixed)
  const event = execFileSync("python3", ["-c", [
    "import xml.etree.ElementTree as tree",
    "print(tree.parse('prefixed.xml').find('.//{urn:oasis:names:tc:emergency:cap:1.2}event').text)",
  ].join("\n")], { encoding: "utf8" })
  console.log(`with a prefix: ${await passedOn(prefixed)} (the event for Python: ${event.trim()})`)
}
main()
JS
node show.js >seen
cat seen
cat >expected <<'TXT'
no area: written again
an area with a polygon: read, not written
the same, lists filled in, altitude 0: written again without altitude
one code: read, not written
two codes: read, not written
with a prefix: not read (the event for Python: Heat)
TXT
cmp -s seen expected
