import assert from "node:assert/strict";
import { test } from "node:test";
import type { Admin } from "kafkajs";
import { fetchCommitted } from "#src/kafka/committed-offsets.js";

const admin: Pick<Admin, "fetchOffsets"> = {
  fetchOffsets: async () => [
    {
      topic: "alerts",
      partitions: [
        { partition: 0, offset: "7", metadata: "checkpoint" },
        { partition: 1, offset: "-1", metadata: null },
        { partition: 2, offset: "3", metadata: null },
      ],
    },
  ],
};
const ends = new Map([0, 1].map((partition) => [partition, { start: 1, end: 9, stable: 8 }]));
const read = async () => ({
  clusterId: "MkU3OEVBNTcwNTJENDM2Qk",
  ends,
  silent: [{ partition: 2, reason: "it has no leader" }],
});

test("what is committed, what never was, and nothing of a partition whose ends nobody tells", async () => {
  assert.deepEqual(await fetchCommitted(admin, read, "group", "alerts", [0, 1, 2]), [
    {
      partition: 0,
      log: "alerts/0/MkU3OEVBNTcwNTJENDM2Qk",
      offset: 7,
      metadata: "checkpoint",
      logStart: 1,
      logEnd: 9,
      logStable: 8,
    },
    {
      partition: 1,
      log: "alerts/1/MkU3OEVBNTcwNTJENDM2Qk",
      offset: undefined,
      metadata: null,
      logStart: 1,
      logEnd: 9,
      logStable: 8,
    },
  ]);
});

test("the ends are read after the offsets: an older end would look like a topic that was cut off", async () => {
  const order: string[] = [];
  const slowly: Pick<Admin, "fetchOffsets"> = {
    fetchOffsets: async (request) => {
      order.push("offsets");
      return await admin.fetchOffsets(request);
    },
  };
  await fetchCommitted(
    slowly,
    async () => {
      order.push("ends");
      return await read();
    },
    "group",
    "alerts",
    [0],
  );
  assert.deepEqual(order, ["offsets", "ends"]);
});

test("brokers without a cluster ID: nobody can say which log it is", async () => {
  const [first] = await fetchCommitted(admin, async () => ({ ends, silent: [] }), "group", "alerts", [0]);
  assert.deepEqual([first?.log, first?.offset], [undefined, 7]);
});
