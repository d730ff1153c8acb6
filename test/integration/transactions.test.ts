/** Producers choose how they write: transactions leave control records in the log that nobody is given to read. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";

async function transaction(line: Line, ordinals: readonly number[], end: "commit" | "abort"): Promise<void> {
  const producer = quietClient(line.brokers).producer({
    transactionalId: `${line.topic}-producer`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  try {
    const running = await producer.transaction();
    const at = pastWindow(4);
    const messages = ordinals.map((ordinal) => ({
      key: "boiler",
      value: JSON.stringify({ deviceId: "boiler", message: `#${ordinal}# hot` }),
      timestamp: String(at),
      partition: 0,
    }));
    const [written] = await running.send({ topic: line.topic, messages });
    await running[end]();
    if (end === "abort") return;
    const first = Number(written?.baseOffset);
    const entries = ordinals.map((ordinal, i) => ({
      ordinal,
      device: "boiler",
      partition: 0,
      offset: first + i,
      timestamp: at,
    }));
    line.enter(entries);
  } finally {
    await producer.disconnect();
  }
}

// They mostly wait.
describe("transactions in the log", { concurrency: 2 }, () => {
  test("of transactions, committed alerts are mailed, aborted ones are not, and control records stall neither windows nor lag", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await transaction(line, [1, 2], "commit");
    await transaction(line, [3, 4], "abort");
    await transaction(line, [5], "commit");
    const product = await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    await transaction(line, [6], "commit");
    await transaction(line, [7], "abort");
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const metrics = await product.metrics();
    assert.equal(metrics.value("kafka_consumer_lag_records"), 0);
    assert.equal(metrics.value("alerts_total", { outcome: "windowed" }), 3);
    assert.equal(metrics.value("alerts_total", { outcome: "late" }), 1);
    assert.equal(line.produced.length, 4);
  });

  test("behind the last commit nothing but an aborted transaction: it is read past, and the next alert is mailed and committed", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    await transaction(line, [1], "commit");
    const first = await line.start();
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await first.stop(), 0);
    await transaction(line, [2], "abort");
    const second = await line.start();
    await eventually("it is read past", async () => {
      return (await second.metrics()).value("kafka_consumer_position_lag_records") === 0;
    });
    await transaction(line, [3], "commit");
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });
});
