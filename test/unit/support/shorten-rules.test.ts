import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { shortenRules } from "#test/support/shorten-rules.js";

test("every duration of a rule file is shortened, and nothing else of it is changed", () => {
  const file = `groups:
  - name: g
    interval: 1m
    rules:
      - alert: A
        expr: max(x_age_seconds) > 120 and increase(y{le="10"}[5m]) > 10 or z[10m:15s] unless z offset 10m
        for: 2m
        labels: { window: 1h }
`;
  assert.deepEqual(parse(shortenRules(file, 30)), {
    groups: [
      {
        name: "g",
        interval: "2000ms",
        rules: [
          {
            alert: "A",
            expr: 'max(x_age_seconds) > 4 and increase(y{le="10"}[10000ms]) > 10 or z[20000ms:500ms] unless z offset 20000ms',
            for: "4000ms",
            labels: { window: "1h" },
          },
        ],
      },
    ],
  });
});
