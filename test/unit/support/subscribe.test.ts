import assert from "node:assert/strict";
import { test } from "node:test";
import { subscribe } from "#test/support/subscribe.js";

/** As KafkaJS throws what a broker answers. */
const refusal = (type: string) => Object.assign(new Error(type), { type });

/** Refuses the first ones with these. */
const consumerThat = (...refusals: readonly Error[]) => {
  const asked: unknown[] = [];
  return {
    asked,
    subscribe: async (wanted: unknown) => {
      const refused = refusals[asked.length];
      asked.push(wanted);
      if (refused !== undefined) throw refused;
    },
  };
};

test("a topic that the broker does not know yet is asked for again", async () => {
  const unknown = refusal("UNKNOWN_TOPIC_OR_PARTITION");
  const consumer = consumerThat(unknown, unknown);
  await subscribe(consumer, "alerts", "letters");
  const wanted = { topics: ["alerts", "letters"], fromBeginning: true };
  assert.deepEqual(consumer.asked, [wanted, wanted, wanted]);
});

test("any other refusal is told at once", async () => {
  const consumer = consumerThat(refusal("TOPIC_AUTHORIZATION_FAILED"));
  await assert.rejects(subscribe(consumer, "alerts"), { type: "TOPIC_AUTHORIZATION_FAILED" });
  assert.equal(consumer.asked.length, 1);
});
