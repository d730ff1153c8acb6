import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "#src/kafka/client.js";

const connection = { brokers: ["kafka-1:9092"] };
const names = { topic: "alerts", group: "alert-digest" };

const kafkaError = (type: string, message: string): Error =>
  Object.assign(new Error(message), { name: "KafkaJSProtocolError", type });

const wrapped = (cause: Error): Error =>
  Object.assign(new Error(cause.message, { cause }), { name: "KafkaJSNonRetriableError" });

test("a group with members of another program is named, with what to do", () => {
  const message = "The group member's supported protocols are incompatible with those of existing members";
  for (const error of [
    kafkaError("INCONSISTENT_GROUP_PROTOCOL", message),
    wrapped(kafkaError("INCONSISTENT_GROUP_PROTOCOL", message)),
  ]) {
    const sentence = explain(error, connection, names);
    assert.match(sentence, /consumer group alert-digest has members of another program/);
    assert.match(sentence, /KAFKA_GROUP_ID/);
  }
});

test("what is not Kafka's is told as it is", () => {
  assert.equal(explain(new Error("the port is in use"), connection, names), "the port is in use");
});

test("a session that the broker does not take is told with the setting, and with the broker's own", () => {
  const refused = kafkaError("INVALID_SESSION_TIMEOUT", "The session timeout is not within the range");
  const sentence = explain(wrapped(refused), { ...connection, sessionTimeoutMs: 20_000 }, names);
  assert.match(sentence, /no session of 20 s for consumer group alert-digest: set KAFKA_SESSION_TIMEOUT/);
  assert.match(sentence, /group\.min\.session\.timeout\.ms and group\.max\.session\.timeout\.ms/);
  assert.match(explain(refused, connection, names), /no session of 15 s/);
});

test("a partition without a leader is told as that, with the topic, and not in the broker's words alone", () => {
  const message = "There is no leader for this topic-partition as we are in the middle of a leadership election";
  const sentence = explain(kafkaError("LEADER_NOT_AVAILABLE", message), connection, names);
  assert.match(sentence, /^a partition of topic alerts has no leader just now: look at the brokers, or try again/);
});
