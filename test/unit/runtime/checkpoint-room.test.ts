import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { quietLog } from "#test/support/quiet.js";

const requests = (...chars: number[]) =>
  chars.map((length, partition) => ({ partition, offset: 0, metadata: "x".repeat(length) }));

test("each refusal halves the room until it is shorter than the longest that was refused; below 128 characters there is none", () => {
  const room = new CheckpointRoom(quietLog);
  assert.equal(room.chars, 4096);
  assert.equal(room.refused(requests(3_000, 100)), true);
  assert.equal(room.chars, 2048);
  assert.equal(room.refused(requests(300)), true);
  assert.equal(room.chars, 256);
  assert.equal(room.refused(requests(60, 0)), true);
  assert.equal(room.chars, 0);
});

test("a refusal of what was sent before the room was known, or of nothing at all, makes it no smaller", () => {
  const room = new CheckpointRoom(quietLog);
  room.refused(requests(2_000));
  assert.equal(room.chars, 1024);
  assert.deepEqual([room.refused(requests(1_500)), room.chars], [true, 1024]);
  room.refused(requests(1));
  assert.deepEqual([room.chars, room.refused(requests(0)), room.refused([])], [0, false, false]);
});

test("the operator is told once what to set", () => {
  const warnings: string[] = [];
  const room = new CheckpointRoom({ ...quietLog, warn: (_, message) => warnings.push(message) });
  for (const chars of [4096, 2000, 900]) room.refused(requests(chars));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /offset\.metadata\.max\.bytes to 4096/);
});
