import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupDescription } from "kafkajs";
import { explain } from "#src/kafka/client.js";
import { isUnexplained, joinFailure } from "#src/kafka/join-failure.js";

const SAID = "The server experienced an unexpected error when processing the request";
const unknown = Object.assign(new Error(SAID), { name: "KafkaJSProtocolError", type: "UNKNOWN" });
const adminSaying = (state: string | Error) => ({
  describeGroups: async () => {
    if (state instanceof Error) throw state;
    return { groups: [{ state } as GroupDescription] };
  },
});
const explained = async (state: string | Error): Promise<string> =>
  explain(await joinFailure(unknown, adminSaying(state), "orders"), { brokers: [] }, { topic: "t", group: "orders" });

test("a group that does not exist for classic clients belongs to the new protocol: it says which, how to look, and what to do", async () => {
  for (const state of ["Dead", new Error("no right")]) {
    const said = await explained(state);
    assert.match(said, /group\.protocol=consumer/);
    assert.match(said, /kafka-consumer-groups --describe --members --group orders/);
    assert.match(said, /choose another KAFKA_GROUP_ID/);
    assert.ok(said.includes(SAID), said);
  }
});

test("in a group of the classic protocol it is the broker's own trouble", async () => {
  const said = await explained("Stable");
  assert.doesNotMatch(said, /group\.protocol/);
  assert.match(said, /log of the broker/);
});

test("only what the broker does not explain is looked into", () => {
  assert.equal(isUnexplained(Object.assign(new Error("wrapped"), { cause: unknown })), true);
  assert.equal(isUnexplained(Object.assign(new Error("other"), { type: "INCONSISTENT_GROUP_PROTOCOL" })), false);
});
