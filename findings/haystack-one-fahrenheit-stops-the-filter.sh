#!/usr/bin/env bash
# haystack-core 3.0.13 (npm).
#
# Project Haystack describes the points of buildings as records with tags, a number with its unit, 85°C. A filter is a predicate that takes a record
# and says match or no match (docHaystack, Filters), so "temp > 80°C" finds what is too hot; the library's README says "full support for units".
# Expected: 81°F is converted, which makes 27°C, or is no match. Seen: a record with another unit ends the whole filter with an error, so two that are too hot
# are found until a sensor in Fahrenheit joins them, and then none. Without a unit in the filter no unit is looked at: "temp > 80" finds 81°F.
# With "==" it is the reverse, 85 equals no 85°C, and what is at least and at most 85 is not 85. Equality never raises.
# Convert to one unit first (`HNum.convertTo` with the unit database), or try each record by itself, `HDict.matches`.
#
# Output seen:
#   two in Celsius: temp > 80°C finds hall roof
#   and one in Fahrenheit: temp > 80°C finds error, °F <=> °C
#   all four: temp > 80 finds hall roof loft yard
#   all four: temp >= 85 and temp <= 85 finds hall
#   all four: temp == 85 finds none
#   all four: temp == 85°C finds hall
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
npm install --silent --no-audit --no-fund haystack-core@3.0.13
cat >show.js <<'JS'
const { HDict, HGrid, HNum } = require("haystack-core")

const temperatures = { hall: HNum.make(85, "°C"), roof: HNum.make(90, "°C"), loft: HNum.make(81, "°F"), yard: HNum.make(95) }
const found = (names, filter) => {
  const grid = HGrid.make({ rows: names.map((name) => HDict.make({ dis: name, temp: temperatures[name] })) })
  try {
    return grid.filter(filter).getRows().map((row) => row.get("dis").value).join(" ") || "none"
  } catch (error) {
    return `error, ${error.message}`
  }
}
console.log(`two in Celsius: temp > 80°C finds ${found(["hall", "roof"], "temp > 80°C")}`)
console.log(`and one in Fahrenheit: temp > 80°C finds ${found(["hall", "roof", "loft"], "temp > 80°C")}`)
for (const filter of ["temp > 80", "temp >= 85 and temp <= 85", "temp == 85", "temp == 85°C"])
  console.log(`all four: ${filter} finds ${found(Object.keys(temperatures), filter)}`)
JS
node show.js >seen
cat seen
cat >expected <<'TXT'
two in Celsius: temp > 80°C finds hall roof
and one in Fahrenheit: temp > 80°C finds error, °F <=> °C
all four: temp > 80 finds hall roof loft yard
all four: temp >= 85 and temp <= 85 finds hall
all four: temp == 85 finds none
all four: temp == 85°C finds hall
TXT
cmp -s seen expected
