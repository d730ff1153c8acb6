import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs, { type Cluster } from "kafkajs";
import { tolerateUntoldStarts } from "#src/kafka/untold-starts.js";

type Question = { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean };

/** A cluster whose partition p begins at 100 + p, unless asking for it fails; a question is answered as a whole or not at all. */
const clusterWith = (failures: Readonly<Record<number, Error>>) => {
  const asked: number[][] = [];
  const cluster = {
    async fetchTopicsOffset(questions: Question[]) {
      return questions.map(({ topic, partitions, fromBeginning }) => {
        assert.equal(fromBeginning, true);
        asked.push(partitions.map(({ partition }) => partition));
        for (const { partition } of partitions) if (failures[partition]) throw failures[partition];
        return { topic, partitions: partitions.map(({ partition }) => ({ partition, offset: `${100 + partition}` })) };
      });
    },
  } as unknown as Cluster;
  tolerateUntoldStarts(cluster);
  tolerateUntoldStarts(cluster);
  const starts = async (...partitions: number[]): Promise<string[]> => {
    const question = {
      topic: "alerts",
      partitions: partitions.map((partition) => ({ partition })),
      fromBeginning: true,
    };
    const [answer] = await cluster.fetchTopicsOffset([question]);
    return (answer?.partitions ?? []).map(({ partition, offset }) => `${partition}:${offset}`);
  };
  return { starts, asked };
};
const refused = Object.assign(new kafkajs.KafkaJSError("Disk error"), { type: "KAFKA_STORAGE_ERROR" });
const nobody = Object.assign(new kafkajs.KafkaJSError("Broker -1 not found"), { name: "KafkaJSBrokerNotFound" });

test("where every start is told, all are asked at once", async () => {
  const { starts, asked } = clusterWith({});
  assert.deepEqual(await starts(0, 1), ["0:100", "1:101"]);
  assert.deepEqual(asked, [[0, 1]]);
});

test("one that is refused, and one that nobody leads, leave the others their starts", async () => {
  assert.deepEqual(await clusterWith({ 1: refused, 3: nobody }).starts(0, 1, 2, 3), ["0:100", "1:0", "2:102", "3:0"]);
});

test("a member that has only refused partitions does not start anew for ever", async () => {
  assert.deepEqual(await clusterWith({ 1: refused }).starts(1), ["1:0"]);
});

test("a broker that does not answer stays an error", async () => {
  const away = new kafkajs.KafkaJSConnectionError("connect ECONNREFUSED");
  await assert.rejects(clusterWith({ 1: away }).starts(0, 1), away);
  await assert.rejects(clusterWith({ 0: refused, 1: away }).starts(0, 1), away);
});
