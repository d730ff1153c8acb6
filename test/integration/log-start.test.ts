/** G7: records that the broker deleted before they were read are gone; what is left is mailed, and the log says so. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";

async function deleteBelow(line: Line, offset: number): Promise<void> {
  // The client deletes only from topics whose leaders it knows already.
  await line.admin.fetchTopicOffsets(line.topic);
  await line.admin.deleteTopicRecords({ topic: line.topic, partitions: [{ partition: 0, offset: String(offset) }] });
}

/** Ordinals of the alerts below an offset. */
const below = (line: Line, offset: number): Set<number> =>
  new Set(line.produced.filter((alert) => alert.offset < offset).map(({ ordinal }) => ordinal));

/** The errors about deleted records: one level, one line, however it was noticed. */
const toldOf = (product: Product) =>
  product.logs
    .filter(({ level, msg }) => level === "error" && /^records were deleted before they were read/.test(String(msg)))
    .map(({ partition, from, logStart, deleted }) => ({ partition, from, logStart, deleted }));

// They mostly wait.
describe("a log that begins later", { concurrency: 2 }, () => {
  test("a log whose beginning was deleted before the first start is read from where it begins", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await line.produce([9, 8, 7, 6].map((ago) => ({ device: "boiler", at: pastWindow(ago) })));
    await deleteBelow(line, 2);
    const product = await line.start();
    await line.allMailed(below(line, 2));
    await line.allCommitted();
    await line.assertBooks(below(line, 2));
    assert.equal((await product.metrics()).value("kafka_consumer_lag_records"), 0);
    // Nobody had begun to read them: a first start is no loss.
    assert.equal((await product.metrics()).value("kafka_records_deleted_unread_total"), 0);
    assert.deepEqual(toldOf(product), []);
  });

  test("records deleted between the commit and a restart: the rest is mailed, and an error tells what is missing", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await line.smtp.stop();
    await line.produce([9, 8, 7, 6].map((ago) => ({ device: `device-${ago}`, at: pastWindow(ago) })));
    const first = await line.start();
    await eventually("a commit, of the very beginning", async () => (await line.committed()).get(0) === 0);
    assert.equal(await first.stop(), 0);
    await line.smtp.start();
    await deleteBelow(line, 3);
    const second = await line.start();
    await line.allMailed(below(line, 3));
    await line.allCommitted();
    await line.assertBooks(below(line, 3));
    assert.deepEqual(toldOf(second), [{ partition: 0, from: 0, logStart: 3, deleted: 3 }]);
    assert.equal((await second.metrics()).value("kafka_records_deleted_unread_total"), 3);
  });

  test("records deleted while reading is paused: each is counted, one error tells of them, and what comes after is mailed", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await line.smtp.stop();
    const alerts = (count: number) => Array.from({ length: count }, (_, index) => ({ device: `device-${index}` }));
    const product = await line.start({ BUFFER_MAX_ALERTS: "20" });
    await line.produce(alerts(25));
    await eventually("it reads no more", async () => {
      const page = await product.metrics();
      return (
        page.value("kafka_records_consumed_total") === 25 &&
        page.value("kafka_partitions_paused", { reason: "buffer" }) === 1
      );
    });
    await line.produce(alerts(62));
    await deleteBelow(line, 87);
    const deleted = new Set(line.produced.slice(25).map(({ ordinal }) => ordinal));
    await line.produce(alerts(3));
    await line.smtp.start();
    await line.allMailed(deleted);
    await line.allCommitted();
    await line.assertBooks(deleted);
    assert.equal((await product.metrics()).value("kafka_records_deleted_unread_total"), 62);
    assert.deepEqual(toldOf(product), [{ partition: 0, from: 25, logStart: 87, deleted: 62 }]);
  });
});
