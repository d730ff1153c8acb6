import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readRecordSet, visibleRecords } from "#src/kafka/fetch-answer.js";
import { FetchedBatch } from "#src/kafka/fetched-batch.js";
import type { FetchedRecord } from "#src/kafka/record-batch.js";
import { checkAsyncProperty } from "#test/support/property.js";
import { type BatchFields, encodeBatch } from "#test/support/record-batches.js";

const record = (offsetDelta: number, key: Buffer | null = null) => ({
  offsetDelta,
  timestampDelta: 0,
  key,
  value: Buffer.from("x"),
  headers: [],
});

const PLAIN: Omit<BatchFields, "baseOffset" | "records"> = {
  leaderEpoch: 0,
  codec: 0,
  appendTime: false,
  transactional: false,
  control: false,
  baseTimestamp: 1,
  maxTimestamp: 1,
  producerId: -1,
  emptied: 0,
};

const batchOf = (baseOffset: number, count: number, more: Partial<BatchFields> = {}): BatchFields => {
  const records = Array.from({ length: count }, (_, index) => record(index));
  return { ...PLAIN, baseOffset, records, ...more };
};

const transactional = (baseOffset: number, count: number, producerId: number) =>
  batchOf(baseOffset, count, { transactional: true, producerId });

/** The control record that ends a transaction: version 0, then 0 for abort or 1 for commit. */
const marker = (baseOffset: number, producerId: number, type: "abort" | "commit") =>
  batchOf(baseOffset, 0, {
    transactional: true,
    control: true,
    producerId,
    records: [record(0, Buffer.from([0, 0, 0, type === "abort" ? 0 : 1]))],
  });

const unpacking = { decompress: async (_: number, data: Buffer) => data, turn: async () => undefined };

const read = (...batches: readonly BatchFields[]) =>
  readRecordSet(Buffer.concat(batches.map((one) => encodeBatch(one))), unpacking);

const fetched = async (
  fetchedOffset: number,
  batches: readonly BatchFields[],
  abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: number }[] = [],
) =>
  new FetchedBatch("alerts", String(fetchedOffset), {
    partition: 0,
    errorCode: 0,
    highWatermark: "100",
    lastStableOffset: "100",
    abortedTransactions,
    ...(await read(...batches)),
    held: undefined,
  });

const offsets = (messages: readonly object[]) => messages.map((message) => (message as FetchedRecord).offsetNumber);

test("records before the offset that was asked for are none of the batch's", async () => {
  const batch = await fetched(12, [batchOf(10, 5)]);
  assert.deepEqual(offsets(batch.messages), [12, 13, 14]);
  assert.deepEqual(
    [batch.firstOffset(), batch.lastOffset(), batch.offsetLag(), batch.offsetLagLow()],
    ["12", "14", "85", "87"],
  );
  assert.equal(batch.isEmpty() || batch.isEmptyDueToFiltering(), false);
});

test("a control batch is gone past and not seen", async () => {
  const batch = await fetched(10, [marker(10, 7, "commit")]);
  assert.deepEqual([batch.isEmpty(), batch.isEmptyDueToFiltering(), batch.isEmptyControlRecord()], [true, true, true]);
  assert.equal(batch.lastOffset(), "10");
});

test("the next fetch begins after the last batch, also where compaction has emptied its end, or all of it", async () => {
  assert.equal((await fetched(10, [batchOf(10, 2, { emptied: 20 })])).lastOffset(), "31");
  const empty = await fetched(10, [batchOf(10, 0, { emptied: 20 })]);
  assert.deepEqual([empty.isEmptyDueToFiltering(), empty.firstOffset(), empty.lastOffset()], [true, null, "30"]);
});

test("nothing fetched is nothing to go past", async () => {
  const batch = await fetched(10, []);
  assert.deepEqual([batch.isEmpty(), batch.isEmptyDueToFiltering()], [true, false]);
});

test("of an aborted transaction nothing is seen, of one beside it everything is", async () => {
  const log = [transactional(10, 2, 7), transactional(12, 1, 8), batchOf(13, 1), marker(14, 7, "abort")];
  const rest = [transactional(15, 1, 7), marker(16, 8, "commit"), marker(17, 7, "commit")];
  const batch = await fetched(10, [...log, ...rest], [{ producerId: 7n, firstOffset: 10 }]);
  assert.deepEqual(offsets(batch.messages), [12, 13, 15]);
});

test("several transactions that were aborted and began before the fetch are all left out, from the first record on", async () => {
  const log = [transactional(10, 1, 7), transactional(11, 1, 8), transactional(12, 1, 9)];
  const aborted = [
    { producerId: 8n, firstOffset: 4 },
    { producerId: 7n, firstOffset: 3 },
  ];
  assert.deepEqual(offsets((await fetched(10, log, aborted)).messages), [12]);
});

test("a key of four zero bytes ends no transaction: only control records do", async () => {
  const log = [transactional(10, 0, 7), transactional(11, 2, 7)];
  const zero = { ...(log[0] as BatchFields), records: [record(0, Buffer.alloc(4))] };
  const aborted = [{ producerId: 7n, firstOffset: 10 }];
  assert.deepEqual(offsets((await fetched(10, [zero, log[1] as BatchFields], aborted)).messages), []);
});

test("whatever transactions are interleaved, a reader sees what was not in an aborted one", async () => {
  /** Each step: a producer writes some records, or ends its transaction; producer 0 writes without one. */
  const steps = fc.array(
    fc.record({
      producer: fc.nat(3),
      what: fc.constantFrom("write", "write", "abort", "commit"),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 40 },
  );
  await checkAsyncProperty(
    fc.asyncProperty(steps, fc.nat(60), async (all, from) => {
      const batches: BatchFields[] = [];
      const open = new Map<number, number[]>();
      const aborted: { producerId: bigint; firstOffset: number; end: number }[] = [];
      const seen: number[] = [];
      let next = 0;
      const write = (producer: number, count: number): void => {
        batches.push(producer === 0 ? batchOf(next, count) : transactional(next, count, producer));
        const written = Array.from({ length: count }, (_, index) => next + index);
        next += count;
        if (producer === 0) seen.push(...written);
        else open.set(producer, [...(open.get(producer) ?? []), ...written]);
      };
      const end = (producer: number, how: "abort" | "commit"): void => {
        const written = open.get(producer);
        if (written === undefined) return;
        open.delete(producer);
        batches.push(marker(next++, producer, how));
        if (how === "commit") seen.push(...written);
        else aborted.push({ producerId: BigInt(producer), firstOffset: written[0] as number, end: next - 1 });
      };
      for (const { producer, what, count } of all)
        if (what === "write" || producer === 0) write(producer, count);
        else end(producer, what as "abort" | "commit");
      for (const producer of [...open.keys()]) end(producer, "commit");
      const { messages } = await read(...batches);
      const within = messages.filter(({ offsetNumber }) => offsetNumber >= from);
      // As a broker names them: those that end within what is fetched.
      const named = aborted.filter((one) => one.end >= from);
      assert.deepEqual(
        offsets(visibleRecords(within, named)),
        seen.filter((offset) => offset >= from).sort((a, b) => a - b),
      );
    }),
    { runs: 200, rerun: "npm run test:unit -- kafka/fetched-batch" },
  );
});
