import assert from "node:assert/strict";
import { test } from "node:test";
import { Unread } from "#src/runtime/unread.js";

test("a record that is not read is as old as the first look that saw the log reach beyond the position", () => {
  const unread = new Unread();
  unread.look(1_000, 5, 5);
  assert.equal(unread.since(5), undefined);
  unread.look(2_000, 7, 5);
  unread.look(3_000, 9, 5);
  assert.equal(unread.since(5), 2_000);
  assert.equal(unread.since(7), 3_000, "what was read since is out of it");
  assert.equal(unread.since(9), undefined);
  unread.look(4_000, 9, 9);
  assert.equal(unread.since(9), undefined);
});

test("a log that grows for days unread keeps the age of its oldest record, in bounded memory", () => {
  const unread = new Unread();
  for (let look = 0; look < 50_000; look++) unread.look(look * 4_000, look + 10, 5);
  assert.equal(unread.since(5), 0);
  assert.ok((unread.since(100) as number) <= 200 * 60_000 + 400_000);
});
