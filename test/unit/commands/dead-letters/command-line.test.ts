import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeadLettersCommand } from "#src/commands/dead-letters/command.js";
import { saidTo } from "#test/support/command-line.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const parse = saidTo<DeadLettersCommand>("dead-letters", NOW);

const filterOf = (line: string) => {
  const parsed = parse(line);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.problem);
  assert.ok(parsed.command.kind !== "show");
  return parsed.command.filter;
};

test("times are an age, a day or an instant", () => {
  for (const [text, expected] of [
    ["2h", "2026-11-21T10:00:00Z"],
    ["30m", "2026-11-21T11:30:00Z"],
    ["7d", "2026-11-14T12:00:00Z"],
    ["2026-11-20", "2026-11-20T00:00:00Z"],
    ["2026-11-21T08:30:00+09:00", "2026-11-20T23:30:00Z"],
  ] as const) {
    assert.equal(filterOf(`list --since ${text}`).sinceMs, Date.parse(expected), text);
    assert.equal(filterOf(`list --until=${text}`).untilMs, Date.parse(expected), text);
  }
});

test("options stand before or after positions, with a space or an equals sign", () => {
  const filter = filterOf("redrive 0/17 --device=--odd 3/4 --stage smtp --reason too-large --kind window --limit 5");
  assert.deepEqual(filter.positions, [
    { partition: 0, offset: 17 },
    { partition: 3, offset: 4 },
  ]);
  const { device, stage, reason, kind, limit } = filter;
  assert.deepEqual([device, stage, reason, kind, limit], ["--odd", "smtp", "too-large", "window", 5]);
});

test("a redrive says what it takes: a filter, positions or --all", () => {
  const all = parse("redrive --all --limit 10 --dry-run");
  assert.ok(all.ok && all.command.kind === "redrive");
  assert.deepEqual([all.command.dryRun, all.command.again, all.command.maxRedrives], [true, false, 3]);
  assert.equal(all.command.timestamp, "original");
  const now = parse("redrive --all --timestamp now");
  assert.ok(now.ok && now.command.kind === "redrive" && now.command.timestamp === "now");
  assert.equal(parse("redrive").ok, false);
  assert.equal(parse("redrive --limit 10").ok, false);
  assert.equal(parse("redrive --all --device x").ok, false);
});

test("wrong usage is told with what would be right", () => {
  for (const [line, problem] of [
    ["", /list, show or redrive is missing/],
    ["delete", /unknown command "dead-letters delete"/],
    ["list --dry-run", /dead-letters list: unknown option "--dry-run"/],
    ["list --device", /--device needs a value/],
    ["list --timestamp now", /dead-letters list: unknown option "--timestamp"/],
    ["redrive --all --timestamp 2026-11-21", /expected one of original, now/],
    ["list --device --json", /--device needs a value/],
    ["list --json=yes", /--json takes no value/],
    ["list --limit 1 --limit 2", /--limit is given twice/],
    ["list --limit 0", /--limit "0": expected a whole number from 1/],
    ["list --stage mail", /expected one of decode, route, render, smtp/],
    ["list --stage decode --reason too-big", /expected one of too-large, not-utf8/],
    ["list --since 2026-11-21T08:30:00", /expected 30m, 2h or 7d \(ago\)/],
    ["list --since 2026-13-01", /expected 30m/],
    ["list --since 2026-11-20 --until 2026-11-20", /nothing lies between them/],
    ["list 17", /"17" is not PARTITION\/OFFSET, like 0\/17/],
    ["show", /takes one PARTITION\/OFFSET/],
    ["show 0/1 0/2", /takes one PARTITION\/OFFSET/],
    ["redrive --all --max-redrives many", /expected a whole number/],
  ] as const) {
    const parsed = parse(line);
    assert.equal(parsed.ok, false, line);
    assert.match(parsed.ok ? "" : parsed.problem, problem);
  }
});
