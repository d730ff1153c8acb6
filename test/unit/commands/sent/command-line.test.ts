import assert from "node:assert/strict";
import { test } from "node:test";
import type { SentCommand } from "#src/commands/sent/command.js";
import { saidTo } from "#test/support/command-line.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const parse = saidTo<SentCommand>("sent", NOW);

test("without options it is about the newest hundred of all", () => {
  const nothing = { device: undefined, recipient: undefined, outcome: undefined, messageId: undefined };
  assert.deepEqual(parse(""), {
    ok: true,
    command: { ...nothing, sinceMs: undefined, untilMs: undefined, limit: 100, json: false },
  });
});

test("every option is understood", () => {
  const line =
    "--device=--odd --since 2h --until 2026-11-21T11:00:00Z --recipient a@example.org --outcome partly --message-id <x@y> --limit 5 --json";
  assert.deepEqual(parse(line), {
    ok: true,
    command: {
      device: "--odd",
      recipient: "a@example.org",
      outcome: "partly",
      messageId: "x@y",
      sinceMs: Date.parse("2026-11-21T10:00:00Z"),
      untilMs: Date.parse("2026-11-21T11:00:00Z"),
      limit: 5,
      json: true,
    },
  });
});

test("wrong usage is told with what would be right", () => {
  for (const [line, problem] of [
    ["list", /sent takes no argument, but "list" was given/],
    ["--dry-run", /sent: unknown option "--dry-run"/],
    ["--device", /--device needs a value/],
    ["--device --json", /--device needs a value/],
    ["--outcome refused", /expected one of accepted, partly, presumed, dead_lettered/],
    ["--since yesterday", /expected 30m, 2h or 7d \(ago\)/],
    ["--since 1h --until 2h", /--since "1h" is not before --until "2h": nothing lies between them/],
    ["--limit 0", /expected a whole number from 1/],
    ["--json --json", /--json is given twice/],
  ] as const) {
    const parsed = parse(line);
    assert.match(parsed.ok ? "understood" : parsed.problem, problem, line);
  }
});
