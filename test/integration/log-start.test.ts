/** G7: records that the broker deleted before they were read are gone; what is left is mailed, and the log says so. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";

async function deleteBelow(line: Line, offset: number): Promise<void> {
  // The client deletes only from topics whose leaders it knows already.
  await line.admin.fetchTopicOffsets(line.topic);
  await line.admin.deleteTopicRecords({ topic: line.topic, partitions: [{ partition: 0, offset: String(offset) }] });
}

/** Ordinals of the alerts below an offset. */
const below = (line: Line, offset: number): Set<number> =>
  new Set(line.produced.filter((alert) => alert.offset < offset).map(({ ordinal }) => ordinal));

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
    const errors = second.logs.filter(({ level }) => level === "error");
    const told = errors.find(({ msg }) => /deleted before they were read/.test(String(msg)));
    assert.equal(told?.["logStart"], 3, JSON.stringify(errors));
  });
});
