/** An open transaction keeps back whatever lies behind it in the log: it is seen, counted as lag, and makes no alert late. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Transaction } from "kafkajs";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

/** Writes an alert into partition 0, in a transaction that stays open for as long as the test wants. */
async function openTransaction(t: TestContext, line: Line, ordinal: number): Promise<Transaction> {
  const producer = quietClient(line.brokers).producer({
    transactionalId: `${line.topic}-holder`,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 600_000,
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const transaction = await producer.transaction();
  const timestamp = Date.now();
  const value = JSON.stringify({ deviceId: "held", message: `#${ordinal}# hot` });
  const messages = [{ key: "held", value, timestamp: String(timestamp), partition: 0 }];
  const [written] = await transaction.send({ topic: line.topic, messages });
  line.enter([{ ordinal, device: "held", partition: 0, offset: Number(written?.baseOffset), timestamp }]);
  return transaction;
}

const gaugesOf = async (product: Product) => {
  const page = await product.metrics();
  const of = (name: string): number | undefined => page.value(name, { partition: "0" });
  return {
    end: of("kafka_log_end_offset"),
    lag: of("kafka_consumer_lag_records"),
    unread: of("kafka_consumer_position_lag_records"),
    behind: of("kafka_records_behind_open_transaction"),
    seconds: of("kafka_consumer_lag_seconds") ?? 0,
  };
};

const critical = (device: string) => ({ device, partition: 0, fields: { severity: "critical" } });

const assertInOwnWindows = async (line: Line): Promise<void> => {
  await line.assertBooks();
  for (const mail of await line.mails()) {
    assert.deepEqual(mail.late, [], mail.text);
    for (const ordinal of mail.alerts) {
      const { timestamp = 0 } = line.produced.find((alert) => alert.ordinal === ordinal) ?? {};
      assert.ok(
        mail.windowStart <= timestamp && timestamp < mail.windowEnd,
        `#${ordinal}# at ${timestamp}: ${mail.text}`,
      );
    }
  }
};

/** Long enough for the clock to have closed every window of what was written so far, if it went on. */
const untilWindowsAreOver = async (product: Product): Promise<void> => {
  await eventually("what waits is older than its window", async () => {
    return (await gaugesOf(product)).seconds > (3 * WINDOW_MS) / 1_000;
  });
};

// They mostly wait.
describe("an open transaction", { concurrency: 3 }, () => {
  test("with five critical alerts behind it, it is a lag of 6 here and by Kafka's own tool, that grows older; then each alert comes into its own window", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const product = await line.start();
    await line.produce([{ device: "first", partition: 0 }]);
    await line.allMailed();
    await line.allCommitted();
    const transaction = await openTransaction(t, line, 2);
    const openedAt = Date.now();
    await line.produce(["a", "b", "a", "c", "b"].map(critical));
    await eventually("the lag is seen", async () => (await gaugesOf(product)).behind === 6, {
      seen: () => gaugesOf(product),
    });
    const tool = (await (await sharedKafka()).consumerGroupLag(line.group, line.topic)).get(0);
    assert.deepEqual([tool?.committed, tool?.end, tool?.lag], [1, 7, 6]);
    const { seconds, ...records } = await gaugesOf(product);
    assert.deepEqual(records, { end: 7, lag: 6, unread: 6, behind: 6 });
    assert.ok(seconds > 0 && seconds <= (Date.now() - openedAt) / 1_000 + 1, `${seconds} s`);
    await untilWindowsAreOver(product);
    // Another partition is none of its business.
    await line.produce([{ device: "elsewhere", partition: 1 }]);
    const behind = new Set([2, 3, 4, 5, 6, 7]);
    await line.allMailed(behind);
    assert.equal(line.smtp.messages.length, 2, "nothing that lies behind it is mailed");
    for (const path of ["/readyz", "/livez"]) assert.equal((await get(product.url + path)).status, 200, path);
    const status = (await (await get(`${product.url}/api/status`)).json()) as {
      instances: {
        partitions: { partition: number; openTransaction: { records: number; seconds: number } | null }[];
      }[];
    };
    const open = new Map(status.instances[0]?.partitions.map((each) => [each.partition, each.openTransaction]));
    assert.equal(open.get(0)?.records, 6);
    assert.ok((open.get(0)?.seconds ?? 0) >= (3 * WINDOW_MS) / 1_000, JSON.stringify([...open]));
    assert.equal(open.get(1), null);
    await transaction.commit();
    await line.allMailed();
    await line.allCommitted();
    await assertInOwnWindows(line);
    const page = await product.metrics();
    assert.equal(page.value("alerts_total", { outcome: "late" }), 0);
    await eventually("nothing waits any more", async () => {
      const { lag, behind: still, seconds: age } = await gaugesOf(product);
      return lag === 0 && still === 0 && age === 0;
    });
  });

  test("an alert that was read before it waits in its window for one behind it, which is not late when the transaction is aborted", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const at = pastWindow(5);
    await line.produce([{ device: "boiler", partition: 0, at }]);
    const transaction = await openTransaction(t, line, 2);
    await line.produce([{ device: "boiler", partition: 0, at }]);
    const product = await line.start();
    await eventually("the first is read", async () => (await gaugesOf(product)).unread === 2);
    // So many questions for the ends that the clock would have closed the window long ago.
    const committedAt = async () => (await product.metrics()).value("kafka_last_commit_timestamp_seconds") ?? 0;
    const since = await committedAt();
    await eventually("it goes on as ever", async () => (await committedAt()) > since + 3);
    assert.equal((await product.metrics()).value("windows_open"), 1);
    assert.equal(line.smtp.messages.length, 0);
    await transaction.abort();
    const aborted = new Set([2]);
    await line.allMailed(aborted);
    await line.allCommitted();
    await line.assertBooks(aborted);
    const mails = await line.mails();
    assert.deepEqual(
      mails.map(({ alerts, late }) => [alerts, late]),
      [[[1, 3], []]],
    );
  });

  test("a process that is killed behind it, and the next one that starts there: it is ready, and nothing is late", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const first = await line.start();
    await line.produce([{ device: "first", partition: 0 }]);
    await line.allMailed();
    await line.allCommitted();
    const transaction = await openTransaction(t, line, 2);
    await line.produce(["a", "b"].map(critical));
    await eventually("the lag is seen", async () => (await gaugesOf(first)).behind === 3);
    await first.kill();
    const second = await line.start();
    const { end, lag, behind } = await gaugesOf(second);
    assert.deepEqual({ end, lag, behind }, { end: 4, lag: 3, behind: 3 });
    await untilWindowsAreOver(second);
    await transaction.commit();
    await line.allMailed();
    await line.allCommitted();
    await assertInOwnWindows(line);
  });
});
