/** G7: lag is what Kafka's own tool prints. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { MetricsPage } from "#test/support/metrics-page.js";
import type { Product } from "#test/support/product.js";
import { sharedKafka } from "#test/support/shared-kafka.js";

const PARTITIONS = 4;

/** `[committed, end, lag]` of each partition, by each. `-` for a partition without a commit is its log's start, 0, here. */
const ownView = (line: Line, page: MetricsPage): (number | undefined)[][] =>
  Array.from({ length: PARTITIONS }, (_, partition) => {
    const labels = { topic: line.topic, group: line.group, partition: String(partition) };
    const gauges = ["kafka_committed_offset", "kafka_log_end_offset", "kafka_consumer_lag_records"];
    return gauges.map((name) => page.value(name, labels));
  });

async function toolsView(line: Line): Promise<number[][]> {
  const kafka = await sharedKafka();
  // While the group rebalances the tool prints no table.
  const table = await eventually("the tool tells of every partition", async () => {
    const found = await kafka.consumerGroupLag(line.group, line.topic);
    return found.size === PARTITIONS && found;
  });
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const { committed = 0, end = 0, lag = end } = table.get(partition) ?? {};
    return [committed, end, lag];
  });
}

async function assertSameLag(line: Line, product: Product, what: string): Promise<void> {
  let seen: unknown;
  await eventually(
    `the gauges equal the tool's table: ${what}`,
    async () => {
      const tool = await toolsView(line);
      const own = ownView(line, await product.metrics());
      seen = { own, tool };
      return JSON.stringify(own) === JSON.stringify(tool);
    },
    { seen: () => seen },
  );
}

// Each question to the tool starts a JVM; the rest is waiting.
describe("lag", { concurrency: 3 }, () => {
  test("the lag gauge equals Kafka's own ConsumerGroupCommand: with mails stalled, and idle after them", async (t) => {
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
    await eventually("nothing is left", async () => {
      const after = await product.metrics();
      return after.value("kafka_consumer_lag_records") === 0 && after.value("kafka_consumer_lag_seconds") === 0;
    });
    const lastCommit = async () => (await product.metrics()).value("kafka_last_commit_timestamp_seconds") ?? 0;
    const before = await lastCommit();
    await eventually("it commits, though nothing happens", async () => (await lastCommit()) > before);
    await assertSameLag(line, product, "idle");
  });

  test("the lag gauge equals Kafka's own tool while reading is paused, and its seconds are those of the oldest alert nobody has read", async (t) => {
    const line = await startLine(t, { partitions: PARTITIONS, env: { BUFFER_MAX_ALERTS: "8" } });
    await line.smtp.stop();
    const at = pastWindow(5);
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const first = partitions.flatMap((partition) =>
      Array.from({ length: 4 }, (_, i) => ({ device: `device-${partition}-${i}`, at, partition })),
    );
    await line.produce(first);
    const product = await line.start();
    await eventually("every partition is read and paused", async () => {
      const page = await product.metrics();
      const left = page.value("kafka_consumer_position_lag_records");
      return page.value("kafka_partitions_paused", { reason: "buffer" }) === PARTITIONS && left === 0;
    });
    const behind = partitions.map((partition) => 1 + partition);
    await line.produce(
      behind.flatMap((count, partition) =>
        Array.from({ length: count }, () => ({ device: `late-${partition}`, partition })),
      ),
    );
    await assertSameLag(line, product, "paused");
    const page = await product.metrics();
    for (const [partition, count] of behind.entries()) {
      const labels = { partition: String(partition) };
      assert.equal(page.value("kafka_consumer_position_lag_records", labels), count);
      assert.equal(page.value("kafka_consumer_lag_records", labels), 4 + count);
      const seconds = page.value("kafka_consumer_lag_seconds", labels) ?? 0;
      assert.ok(seconds >= 10 && seconds <= (Date.now() - at) / 1_000, `${seconds} s`);
    }
    await line.smtp.start();
    await line.allCommitted();
  });

  test("while partitions move, every lag that any instance shows is what Kafka's own tool prints; then each is shown once", async (t) => {
    const line = await startLine(t, { partitions: PARTITIONS, env: { CATCH_UP: "separate" } });
    await line.smtp.stop();
    const first = await line.start();
    await line.produce(
      [2, 5, 3, 4].flatMap((count, partition) =>
        Array.from({ length: count }, (_, i) => ({ device: `device-${partition}-${i}`, at: pastWindow(5), partition })),
      ),
    );
    // Nothing is mailed and nothing is written: from here on what the tool prints stays as it is.
    const truth = await toolsView(line);
    await eventually("one instance shows all of it", async () => {
      assert.deepEqual(ownView(line, await first.metrics()), truth);
      return true;
    });
    const second = await line.launch();
    const shownBy = async (product: Product): Promise<number> => {
      const shown = ownView(line, await product.metrics()).map((values, partition) => [partition, values] as const);
      for (const [partition, values] of shown) {
        for (const [index, value] of values.entries())
          if (value !== undefined) assert.equal(value, truth[partition]?.[index], `partition ${partition}: ${values}`);
      }
      return shown.filter(([, [, , lag]]) => lag !== undefined).length;
    };
    let scrapes = 0;
    let wrong: unknown;
    await eventually("each has its half, and shows that and no more", async () => {
      if (wrong !== undefined) return true;
      try {
        const halves = [await shownBy(first), await shownBy(second)];
        scrapes++;
        return halves.every((count) => count === PARTITIONS / 2);
      } catch (error) {
        // The second one's HTTP server may not listen yet.
        if (error instanceof assert.AssertionError) wrong = error;
        return false;
      }
    });
    assert.equal(wrong, undefined, String(wrong));
    assert.deepEqual(await toolsView(line), truth, "it did stay as it was");
    t.diagnostic(`${scrapes} scrapes of both while partitions moved`);
    assert.equal(await first.stop(), 0);
    await line.smtp.start();
    await line.allCommitted();
  });
});
