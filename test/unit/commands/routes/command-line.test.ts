import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoutesCommand } from "#src/commands/routes/command.js";
import { saidTo } from "#test/support/command-line.js";

const parse = saidTo<RoutesCommand>("routes", 0);

test("routes test takes an alert, routes check a file", () => {
  const argv =
    "test --device b-1 --severity critical --type=HEAT --label site=busan-2 --label note=a=b --name Boiler --at 2026-11-21T23:30:00Z --routes r.yaml --json";
  assert.deepEqual(parse(argv), {
    ok: true,
    command: {
      kind: "test",
      alert: {
        device: "b-1",
        name: "Boiler",
        severity: "critical",
        type: "HEAT",
        labels: { site: "busan-2", note: "a=b" },
      },
      atMs: Date.parse("2026-11-21T23:30:00Z"),
      file: "r.yaml",
      json: true,
    },
  });
  const least = parse("test --device b-1");
  const alert = { device: "b-1", name: undefined, severity: "warning", type: undefined, labels: {} };
  assert.deepEqual(least, { ok: true, command: { kind: "test", alert, atMs: 0, file: undefined, json: false } });
  assert.deepEqual(parse("check"), { ok: true, command: { kind: "check", nowMs: 0, file: undefined } });
});

test("wrong usage says what is wrong", () => {
  for (const [argv, problem] of [
    ["", /test or check is missing/],
    ["tset", /unknown command "routes tset"/],
    ["test", /needs --device/],
    ["test --device", /--device needs a value/],
    ["test --device --json", /--device needs a value/],
    ["test --device a --device b", /--device is given twice/],
    ["test --device a --severity bad", /--severity "bad": expected one of info, warning, critical/],
    ["test --device a --label site", /--label "site": expected KEY=VALUE/],
    ["test --device a --label =x", /--label "=x"/],
    ["test --device a --site b", /unknown option "--site"/],
    ["test --device a --json=yes", /--json takes no value/],
    ["test a", /takes no argument, but "a" was given/],
    ["check --device a", /routes check: unknown option "--device"/],
  ] as const) {
    const result = parse(argv);
    assert.ok(!result.ok, argv);
    assert.match(result.problem, problem);
  }
});
