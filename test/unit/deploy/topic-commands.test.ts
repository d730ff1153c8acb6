/** The commands in docs/kafka-access.md are those that the code would run: somebody else types them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { JOURNAL_CONFIG, journalTopicOf } from "#src/commands/dead-letters/journal.js";
import { creationCommand, type TopicPlan } from "#src/kafka/topic-plan.js";
import { DEAD_LETTER_CONFIG, SENT_CONFIG, STATUS_CONFIG } from "#src/kafka/topics.js";

const page = readFileSync(new URL("../../../docs/kafka-access.md", import.meta.url), "utf8");

test("docs/kafka-access.md has the command of each topic that is created, and no other", () => {
  const plan = (topic: string, partitions: number, config: TopicPlan["config"]) =>
    creationCommand({ topic, partitions, replicationFactor: -1, config }, "HOST:PORT");
  const commands = page.split("\n").filter((line) => line.startsWith("kafka-topics.sh "));
  assert.deepEqual(commands, [
    plan("alerts.dead-letters", 6, DEAD_LETTER_CONFIG),
    plan("alerts.status", 1, STATUS_CONFIG),
    plan("alerts.sent", 6, SENT_CONFIG),
    plan(journalTopicOf("alerts.dead-letters"), 1, JOURNAL_CONFIG),
  ]);
});
