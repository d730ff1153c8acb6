import assert from "node:assert/strict";
import { test } from "node:test";
import { OffsetCommits } from "#src/kafka/offset-commits.js";
import { quietLog } from "#test/support/quiet.js";

const failing = (fields: object): Error =>
  Object.assign(new Error("Caused by"), { cause: Object.assign(new Error("root"), fields) });

test("what an error of a commit means: the group moved on, the metadata is too long, or it is worth trying again", async () => {
  let gone = 0;
  const commits = new OffsetCommits({ topic: "alerts", log: quietLog, onCoordinatorGone: () => gone++ });
  const outcomeOf = async (fields: object): Promise<string> => {
    commits.use(() => Promise.reject(failing(fields)));
    return await commits.commit([]);
  };
  for (const type of ["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS"])
    assert.equal(await outcomeOf({ type }), "rejected", type);
  for (const type of ["NOT_COORDINATOR_FOR_GROUP", "GROUP_LOAD_IN_PROGRESS", undefined])
    assert.equal(await outcomeOf({ type }), "failed", String(type));
  assert.equal(await outcomeOf({ type: "OFFSET_METADATA_TOO_LARGE" }), "too-large");
  assert.equal(gone, 0);
  assert.equal(await outcomeOf({ name: "KafkaJSBrokerNotFound" }), "failed");
  assert.equal(gone, 1);
});

test("without a batch of this membership there is nothing to commit with", async () => {
  const commits = new OffsetCommits({ topic: "alerts", log: quietLog, onCoordinatorGone: () => undefined });
  assert.deepEqual([commits.possible, await commits.commit([])], [false, "rejected"]);
  commits.use(async () => undefined);
  assert.deepEqual([commits.possible, await commits.commit([])], [true, "committed"]);
  commits.forget();
  assert.deepEqual([commits.possible, await commits.commit([])], [false, "rejected"]);
});
