import assert from "node:assert/strict";
import { test } from "node:test";
import { FetchPositions } from "#src/kafka/fetch-positions.js";
import { FakeConsumer } from "#test/support/fake-consumer.js";
import { quietLog } from "#test/support/quiet.js";

const setup = () => {
  const consumer = new FakeConsumer("alerts");
  const kafka = consumer.kafka.consumer({ groupId: "group" });
  let pauses = 0;
  const positions = new FetchPositions(kafka, { topic: "alerts", log: quietLog }, () => pauses++);
  return { consumer, positions, pauses: () => pauses };
};

test("exactly the wanted partitions are paused, whatever the client remembers, and each by its number", () => {
  const { consumer, positions, pauses } = setup();
  positions.setPaused(new Set([0, 1]));
  positions.setPaused(new Set([1, 2]));
  positions.setPaused(new Set([1, 2]));
  assert.equal(pauses(), 2, "one is told when more are paused");
  assert.deepEqual(consumer.calls, ["pause 0 1", "pause 2", "resume 0"]);
  consumer.paused = [];
  positions.setPaused(new Set([1, 2]));
  assert.deepEqual(consumer.paused, [1, 2], "the client restarted and forgot");
});

test("while the client restarts, seeks and pauses come to nothing and hurt nobody", () => {
  const { consumer, positions } = setup();
  consumer.running = false;
  positions.seek(0, 5);
  positions.setPaused(new Set([0]));
  assert.deepEqual(consumer.calls, []);
  consumer.running = true;
  positions.seek(0, 5);
  assert.deepEqual(consumer.calls, ["seek 0 5"]);
});
