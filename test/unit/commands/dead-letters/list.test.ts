import assert from "node:assert/strict";
import { test } from "node:test";
import type { Journal } from "#src/commands/dead-letters/journal.js";
import { parseLetter } from "#src/commands/dead-letters/letter.js";
import { jsonLines, listed, table } from "#src/commands/dead-letters/list.js";

const NEVER_REDRIVEN = { redrivesOf: () => 0, redrivenAt: () => undefined } as unknown as Journal;

const letterOf = (device: string, offset: number) => {
  const headers = {
    ...{ kind: "record", stage: "decode", reason: "not-json", detail: "no JSON", topic: "alerts", group: "g" },
    ...{ partition: "0", offset: String(offset), timestamp: "0", "failed-at": "2026-11-21T00:00:00.000Z" },
  };
  const parsed = parseLetter({
    ...{ topic: "alerts.dead-letters", partition: 0, offset, timestampMs: 0, value: Buffer.from("{"), rawHeaders: {} },
    key: Buffer.from(device),
    headers: new Map(Object.entries(headers).map(([name, value]) => [`dead-letter.${name}`, value])),
  });
  assert.ok(parsed.ok);
  return listed(parsed.letter);
};

test("one long device ID does not widen every line of the table, and --json has all of it", () => {
  const long = `press-${"0".repeat(250)}`;
  const letters = [letterOf("boiler-7", 0), letterOf(long, 1)];
  const lines = table(letters, NEVER_REDRIVEN).trimEnd().split("\n");
  assert.match(lines[0] ?? "", /decode\/not-json {2}boiler-7 +1 alert {2}no JSON$/);
  assert.match(lines[1] ?? "", / press-0{33}… {2}1 alert {2}no JSON$/);
  assert.ok(lines.every((line) => line.length <= 120));
  assert.ok(jsonLines(letters, NEVER_REDRIVEN).includes(JSON.stringify(long)));
});

test("a long device ID is cut between characters", () => {
  const line = table([letterOf(`${"0".repeat(38)}🔥press`, 0)], NEVER_REDRIVEN);
  assert.match(line, / 0{38}… {2}1 alert/);
});
