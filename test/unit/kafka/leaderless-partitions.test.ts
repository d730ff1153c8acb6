import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { tolerateLeaderlessPartitions } from "#src/kafka/leaderless-partitions.js";

const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_TOPIC = 3;
const AUTHORIZATION_FAILED = 29;
const healthy = { partitionErrorCode: 0, partitionId: 0, leader: 1 };
const leaderless = { partitionErrorCode: LEADER_NOT_AVAILABLE, partitionId: 1, leader: -1 };

/** KafkaJS's own reading of a metadata response, found as KafkaJS finds it. */
const parse = (partitionMetadata: readonly object[], topicErrorCode = 0, others: readonly object[] = []) => {
  tolerateLeaderlessPartitions();
  tolerateLeaderlessPartitions();
  const require = createRequire(import.meta.url);
  const protocol = require("kafkajs/src/protocol/requests/metadata/index.js");
  const { response } = protocol.protocol({ version: 6 })({ topics: ["alerts"], allowAutoTopicCreation: false });
  return response.parse({ topicMetadata: [{ topic: "alerts", topicErrorCode, partitionMetadata }, ...others] });
};

test("one partition without a leader does not hide the others, and is shown as it is", async () => {
  const { topicMetadata } = await parse([healthy, leaderless]);
  assert.deepEqual(
    topicMetadata[0].partitionMetadata.map(({ leader }: { leader: number }) => leader),
    [1, -1],
  );
});

test("another topic that has no leader at all hides nothing either", async () => {
  const other = { topic: "another", topicErrorCode: 0, partitionMetadata: [leaderless] };
  assert.equal((await parse([healthy], 0, [other])).topicMetadata.length, 2);
});

test("a topic none of whose partitions has a leader is tried again, not accepted: the cluster is just starting", async () => {
  await assert.rejects(parse([leaderless, leaderless]), { type: "LEADER_NOT_AVAILABLE" });
});

test("any other error stays one", async () => {
  await assert.rejects(parse([healthy, { ...leaderless, partitionErrorCode: AUTHORIZATION_FAILED }]), {
    type: "TOPIC_AUTHORIZATION_FAILED",
  });
  await assert.rejects(parse([], UNKNOWN_TOPIC), { type: "UNKNOWN_TOPIC_OR_PARTITION" });
});
