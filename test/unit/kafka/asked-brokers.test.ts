import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { askBrokersInTurn } from "#src/kafka/asked-brokers.js";

interface Asked {
  readonly nodeId: string;
}
interface Pool {
  withBroker(ask: (asked: Asked) => Promise<unknown>): Promise<unknown>;
}

/** KafkaJS's pool of brokers 1, 2 and 3, found as KafkaJS finds it; those of `dead` refuse connections. */
const poolOf = (dead: readonly string[]): Pool => {
  askBrokersInTurn();
  askBrokersInTurn();
  const BrokerPool = createRequire(import.meta.url)("kafkajs/src/cluster/brokerPool.js");
  return Object.assign(Object.create(BrokerPool.prototype), {
    brokers: { 1: {}, 2: {}, 3: {} },
    findBroker: async ({ nodeId }: Asked) => {
      if (dead.includes(nodeId)) throw new Error(`${nodeId} refuses the connection`);
      return { connectedTo: nodeId };
    },
  });
};

const ROUNDS = Array.from({ length: 30 }, (_, round) => round);

test("a broker that cannot be reached is passed over, wherever it stands in the lot", async () => {
  const pool = poolOf(["1", "2"]);
  for (const _ of ROUNDS)
    assert.deepEqual(await pool.withBroker(async (asked) => asked), { nodeId: "3", broker: { connectedTo: "3" } });
});

test("each broker is asked at most once, and none after one that answered", async () => {
  const counts = new Set<number>();
  for (const _ of ROUNDS) {
    const asked: string[] = [];
    const answer = await poolOf([]).withBroker(async ({ nodeId }) => {
      asked.push(nodeId);
      if (nodeId !== "2") throw new Error("not this one");
      return "answer";
    });
    assert.equal(answer, "answer");
    assert.equal(asked.at(-1), "2");
    assert.equal(new Set(asked).size, asked.length);
    counts.add(asked.length);
  }
  assert.ok(counts.size > 1, "it is a lot");
});

test("where none can be reached, that is the error", async () => {
  await assert.rejects(
    poolOf(["1", "2", "3"]).withBroker(async () => "nobody"),
    /refuses the connection/,
  );
});

test("what a broker answered is the error, before that another cannot be reached", async () => {
  const pool = poolOf(["1", "3"]);
  for (const _ of ROUNDS)
    await assert.rejects(
      pool.withBroker(() => Promise.reject(new Error("no right"))),
      { message: "no right" },
    );
});
