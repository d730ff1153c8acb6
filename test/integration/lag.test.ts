/** G7: lag is what Kafka's own tool prints. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

const PARTITIONS = 4;

/** Partition → [committed, end, lag], by each. `-` for a partition without a commit is its log's start, 0, here. */
async function bothViews(line: Line, product: Product): Promise<[own: unknown, tool: unknown]> {
  const kafka = await sharedKafka();
  const table = await kafka.consumerGroupLag(line.group, line.topic);
  const metrics = await product.metrics();
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const own = partitions.map((partition) => {
    const labels = { topic: line.topic, group: line.group, partition: String(partition) };
    const gauges = ["kafka_committed_offset", "kafka_log_end_offset", "kafka_consumer_lag_records"];
    return gauges.map((name) => metrics.value(name, labels));
  });
  const tool = partitions.map((partition) => {
    const { committed = 0, end = 0, lag = end } = table.get(partition) ?? {};
    return [committed, end, lag];
  });
  return [own, tool];
}

async function assertSameLag(line: Line, product: Product, what: string): Promise<void> {
  let seen: unknown;
  await eventually(
    `the gauges equal the tool's table: ${what}`,
    async () => {
      const [own, tool] = await bothViews(line, product);
      seen = { own, tool };
      return JSON.stringify(own) === JSON.stringify(tool);
    },
    { seen: () => seen },
  );
}

test("the lag gauge equals Kafka's own ConsumerGroupCommand: with mails stalled, and after", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  line.smtp.stallAll();
  const counts = [3, 5, 0, 7];
  const at = pastWindow(5);
  for (const [partition, count] of counts.entries()) {
    await line.produce(
      Array.from({ length: count }, (_, i) => ({ device: `device-${partition}-${i}`, at, partition })),
    );
  }
  const product = await line.start();
  await eventually("every window waits for its mail", async () => {
    return (await product.metrics()).value("windows_pending") === 15;
  });
  await assertSameLag(line, product, "mails stalled");
  const metrics = await product.metrics();
  assert.equal(metrics.value("kafka_consumer_lag_records"), 15);
  assert.equal(metrics.value("kafka_consumer_position_lag_records"), 0);
  const seconds = metrics.value("kafka_consumer_lag_seconds", { partition: "0" }) ?? 0;
  assert.ok(seconds >= 8 && seconds <= (Date.now() - at) / 1_000, `age of the oldest alert: ${seconds} s`);
  assert.equal(metrics.value("kafka_consumer_lag_seconds", { partition: "2" }), 0);
  line.smtp.resume();
  await line.allMailed();
  await line.allCommitted();
  await assertSameLag(line, product, "mails sent");
  const after = await product.metrics();
  assert.equal(after.value("kafka_consumer_lag_records"), 0);
  assert.equal(after.value("kafka_consumer_lag_seconds"), 0);
});
