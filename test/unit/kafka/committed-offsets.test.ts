import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchCommitted } from "#src/kafka/committed-offsets.js";

const offsets = async () => [
  { partition: 0, log: "alerts/0/MkU3OEVBNTcwNTJENDM2Qk", offset: 7, metadata: "checkpoint" },
  { partition: 1, offset: -1, metadata: null },
  { partition: 2, offset: 3, metadata: null },
];
const ends = new Map([0, 1].map((partition) => [partition, { start: 1, end: 9, stable: 8 }]));
const read = async () => ({
  clusterId: "MkU3OEVBNTcwNTJENDM2Qk",
  ends,
  silent: [{ partition: 2, reason: "it has no leader" }],
});

test("what is committed, what never was, and which partition's ends nobody tells", async () => {
  assert.deepEqual(await fetchCommitted(offsets, read, "alerts", [0, 1, 2]), {
    known: [
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
    ],
    silent: [2],
  });
});

test("the ends are read after the offsets: an older end would look like a topic that was cut off", async () => {
  const order: string[] = [];
  await fetchCommitted(
    async (partitions) => {
      order.push(`offsets ${partitions}`);
      return await offsets();
    },
    async () => {
      order.push("ends");
      return await read();
    },
    "alerts",
    [0],
  );
  assert.deepEqual(order, ["offsets 0", "ends"]);
});

test("brokers without a cluster ID: nobody can say which log it is", async () => {
  const { known } = await fetchCommitted(offsets, async () => ({ ends, silent: [] }), "alerts", [0]);
  const [first] = known;
  assert.deepEqual([first?.log, first?.offset], [undefined, 7]);
});
