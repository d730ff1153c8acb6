#!/usr/bin/env bash
# expr-eval 2.0.2, beside jexl 2.3.0 (both npm).
#
# A rule says when an alert is sent: `v > 80 and !acknowledged`. expr-eval's README has `not x`, the comparison !=, and `x!`, the factorial, behind its number.
# Expected of "!" before a name: a negation, as in JavaScript, which the language resembles (==, !=, ? :), or an error, as for "&&".
# Seen: it is the factorial there as well. `!acknowledged` is 1 for true and 1 for false, so an alert that is acknowledged is sent again and again, and
# `!(site == "test")` keeps no test out; with "and" before it the outcome is a proper `true`. A level of 3 has 6. There is no error, neither when the
# rule is stored nor later. `not v > 80` is (not v) > 80, never true; the README's table has that order, where Python and SQL have the other.
# Create the parser with `{ operators: { factorial: false } }`, which refuses "!", and write not (v > 80).
#
# Output seen (acknowledged true; false):
#   !acknowledged: expr-eval 1; 1, jexl false; true
#   v > 80 and !acknowledged: expr-eval true; true
#   v > 80 && !acknowledged: expr-eval refused; refused, jexl false; true
#   v > 80 and not acknowledged: expr-eval false; true
#   !(v > 80): expr-eval 1; 1, jexl false; false
#   not v > 80: expr-eval false; false
#   not v > 95: expr-eval false; false
#   !level: expr-eval 6; 6, jexl false; false
#   without the factorial, !acknowledged: refused; refused
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
cat >package.json <<'END'
{ "private": true }
END
npm install --silent --no-audit --no-fund expr-eval@2.0.2 jexl@2.3.0
cat >show.js <<'END'
const { Parser } = require("expr-eval");
const jexl = require("jexl");
const alerts = [true, false].map((acknowledged) => ({ acknowledged, v: 90, level: 3 }));
const both = (evaluate) =>
  alerts
    .map((alert) => {
      try {
        return String(evaluate(alert));
      } catch {
        return "refused";
      }
    })
    .join("; ");
const parser = new Parser();
for (const rule of [
  "!acknowledged", "v > 80 and !acknowledged", "v > 80 && !acknowledged", "v > 80 and not acknowledged", "!(v > 80)", "not v > 80", "not v > 95", "!level",
]) {
  const other = / and |not /.test(rule) ? "" : `, jexl ${both((alert) => jexl.evalSync(rule, alert))}`;
  console.log(`${rule}: expr-eval ${both((alert) => parser.evaluate(rule, alert))}${other}`);
}
const strict = new Parser({ operators: { factorial: false } });
console.log(`without the factorial, !acknowledged: ${both((alert) => strict.evaluate("!acknowledged", alert))}`);
END
node show.js | tee seen
cat >expected <<'TXT'
!acknowledged: expr-eval 1; 1, jexl false; true
v > 80 and !acknowledged: expr-eval true; true
v > 80 && !acknowledged: expr-eval refused; refused, jexl false; true
v > 80 and not acknowledged: expr-eval false; true
!(v > 80): expr-eval 1; 1, jexl false; false
not v > 80: expr-eval false; false
not v > 95: expr-eval false; false
!level: expr-eval 6; 6, jexl false; false
without the factorial, !acknowledged: refused; refused
TXT
cmp -s seen expected
