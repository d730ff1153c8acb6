/** A consumer quota: brokers answer fetches with nothing but a time to wait. The member stays one, and says that it is held back. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setConsumerQuota } from "#test/support/client-quota.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";

const KB = 1024;
/** Of one record; one `produce` to one partition is one batch, uncompressed. */
const PADDING = "x".repeat(KB);
/** The session of a member is 15 s: after so long without a heartbeat it would be out for a while. */
const HELD_BACK_MS = 25_000;

interface LimitedLine {
  readonly line: Line;
  /** Idempotent; the test's end does it too. */
  lift(): Promise<void>;
}

const startLimited = async (t: TestContext, bytesPerSecond: number): Promise<LimitedLine> => {
  const line = await startLine(t, { partitions: 1 });
  await setConsumerQuota(line.brokers, line.group, bytesPerSecond);
  let lifted: Promise<void> | undefined;
  const lift = (): Promise<void> => (lifted ??= setConsumerQuota(line.brokers, line.group, undefined));
  t.after(lift);
  return { line, lift };
};

const produceBatch = (line: Line, records: number): Promise<unknown> =>
  line.produce(
    Array.from({ length: records }, (_, i) => ({
      device: `device-${i % 10}`,
      at: pastWindow(4),
      fields: { labels: { padding: PADDING } },
    })),
  );

/** What the group and this instance say, now. */
const look = async (line: Line, product: Product) => {
  const [readyz, livez, groups] = await Promise.all([
    get(`${product.url}/readyz`),
    get(`${product.url}/livez`),
    line.admin.describeGroups([line.group]),
  ]);
  return `${groups.groups[0]?.members.length} member, ready ${readyz.status}, alive ${livez.status}`;
};

const throttledSeconds = async (product: Product): Promise<number> =>
  (await product.metrics()).value("kafka_throttle_seconds_total") ?? 0;

// They mostly wait.
describe("a consumer quota", { concurrency: 2 }, () => {
  test("a quota that allows the largest batch in ten seconds: the member stays in the group, and everything is read and mailed", async (t) => {
    const { line } = await startLimited(t, 16 * KB);
    for (let batch = 0; batch < 3; batch++) await produceBatch(line, 110);
    // Shorter than the waits that such a quota asks for.
    const product = await line.start({ KAFKA_CLIENT_ID: line.group, KAFKA_SESSION_TIMEOUT: "6s" });
    const seen = new Set<string>();
    await eventually("everything is read", async () => {
      seen.add(await look(line, product));
      return (await product.metrics()).value("kafka_records_consumed_total") === line.produced.length;
    });
    assert.deepEqual([...seen], ["1 member, ready 200, alive 200"]);
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    const page = await product.metrics();
    assert.equal(page.value("kafka_rebalances_total"), 1);
    assert.ok((await throttledSeconds(product)) > 0);
    assert.ok(product.logs.some(({ msg }) => /quota/.test(String(msg))));
  });

  test("a batch that the quota never lets through: the member stays in the group and says that it is held back; once it may, everything is mailed", async (t) => {
    const { line, lift } = await startLimited(t, 2 * KB);
    const product = await line.start({ KAFKA_CLIENT_ID: line.group });
    await produceBatch(line, 80);
    const from = performance.now();
    const seen = new Set<string>();
    await eventually("it has waited for longer than a session", async () => {
      seen.add(await look(line, product));
      return performance.now() - from > HELD_BACK_MS;
    });
    assert.deepEqual([...seen], ["1 member, ready 200, alive 200"]);
    assert.ok((await throttledSeconds(product)) > 20, "one wait is longer than a session");
    const page = await product.metrics();
    assert.equal(page.value("kafka_rebalances_total"), 1);
    assert.equal(page.value("kafka_records_consumed_total"), 0);
    const heartbeat = page.value("kafka_last_heartbeat_timestamp_seconds") ?? 0;
    assert.ok(Date.now() / 1000 - heartbeat < 15, `the last heartbeat was at ${heartbeat}`);
    const status = (await (await get(`${product.url}/api/status`)).json()) as {
      instances: { throttledSeconds: number }[];
    };
    assert.ok((status.instances[0]?.throttledSeconds ?? 0) > 5);
    const told = product.logs.filter(({ msg }) => /quota/.test(String(msg)));
    const times = told.map(({ time }) => Date.parse(String(time)));
    assert.ok(told.length >= 1, "it is said");
    for (const [index, time] of times.entries())
      assert.ok(index === 0 || time - (times[index - 1] ?? 0) > 59_000, `a line a minute at most: ${times.join(" ")}`);
    await lift();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
    assert.equal(await product.stop(), 0);
  });
});
