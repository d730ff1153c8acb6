import assert from "node:assert/strict";
import { test } from "node:test";
import { readRecordLines } from "#src/commands/preview/record-lines.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";

const told = (...lines: readonly object[]) =>
  readRecordLines(Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n")), {
    rules: DEFAULT_RULES,
    envelope: undefined,
    mappings: undefined,
  });

test("a tombstone as kcat prints it is ignored, as run ignores it", () => {
  const at = { topic: "alerts", partition: 0, key: "d-1", headers: [] };
  const { bad, told: lines } = told(
    { ...at, offset: 0, payload: '{"message":"hot"}' },
    { ...at, offset: 1, payload: null },
  );
  assert.deepEqual(lines, ["line 1: d-1: warning, firing: hot", "line 2: ignored: its value is null: a tombstone"]);
  assert.equal(bad, 0);
});
