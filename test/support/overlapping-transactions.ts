import type { TestContext } from "node:test";
import { quietClient } from "./kafka-admin.js";

/** A writer to partition 0 of the topic, in one transaction. */
const begin = async (t: TestContext, brokers: string, topic: string, name: string) => {
  const producer = quietClient(brokers).producer({
    transactionalId: `${topic}-${name}`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const transaction = await producer.transaction();
  return {
    write: (value: string) => transaction.send({ topic, messages: [{ value, partition: 0 }] }),
    end: (how: "commit" | "abort") => transaction[how](),
  };
};

/**
 * Writes transactions that lie across each other, and returns what a reader of committed records gets. KafkaJS itself shows A's first record, too:
 * findings/kafkajs-overlapping-aborted.sh.
 */
export async function writeOverlapping(t: TestContext, brokers: string, topic: string): Promise<string[]> {
  const [a, b, c] = await Promise.all(["A", "B", "C"].map((name) => begin(t, brokers, topic, name)));
  await a?.write("A, aborted last");
  await b?.write("B, aborted first");
  await c?.write("C, committed");
  await a?.write("A again");
  await b?.end("abort");
  await c?.end("commit");
  await a?.end("abort");
  return ["C, committed"];
}
