/** G1, G2: several instances. Nothing is lost and nothing out of order while partitions move. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { after } from "#test/support/smtp-server.js";

const PARTITIONS = 6;

const assigned = async (product: Product): Promise<number> =>
  (await product.metrics()).value("kafka_partitions_assigned") ?? 0;

test("a second instance joins and leaves again under traffic: nothing is lost, each device's mails stay in order", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  line.smtp.behave({ onMessage: () => after(30) });
  const devices = Array.from({ length: 20 }, (_, i) => `device-${i}`);
  let over = false;
  const traffic = (async () => {
    while (!over) {
      await line.produce(devices.map((device) => ({ device })));
      await after(100);
    }
  })();
  const mailsMore = async (count: number): Promise<void> => {
    const accepted = line.smtp.acceptedCount;
    await eventually(`${count} more mails`, () => line.smtp.acceptedCount >= accepted + count);
  };
  try {
    const first = await line.start();
    await eventually("the first has all partitions", async () => (await assigned(first)) === PARTITIONS);
    await mailsMore(devices.length);
    const second = await line.start();
    await eventually("both have their share", async () => {
      return (await assigned(first)) === PARTITIONS / 2 && (await assigned(second)) === PARTITIONS / 2;
    });
    await mailsMore(devices.length);
    assert.ok(((await second.metrics()).value("mails_total", { outcome: "accepted" }) ?? 0) >= 0);
    assert.equal(await first.stop(), 0, "the one that was there before leaves");
    await eventually("the second has all partitions", async () => (await assigned(second)) === PARTITIONS);
    await mailsMore(devices.length);
  } finally {
    over = true;
    await traffic;
  }
  await line.allMailed();
  await line.allCommitted();
  const { missing, repeated, problems } = await line.books();
  t.diagnostic(`${line.produced.length} alerts, ${repeated.length} in more than one mail`);
  assert.deepEqual([missing, problems], [[], []]);
});

test("an instance that is killed is replaced by the other: nothing is lost, and what repeats carries the same Message-ID", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  const devices = Array.from({ length: 20 }, (_, i) => `device-${i}`);
  const [first, second] = await Promise.all([line.start(), line.start()]);
  await eventually("both have their share", async () => {
    return (await assigned(first)) === PARTITIONS / 2 && (await assigned(second)) === PARTITIONS / 2;
  });
  line.smtp.behave({ onMessage: () => after(200) });
  for (let round = 0; round < 10; round++) {
    await line.produce(devices.map((device) => ({ device })));
    await after(100);
  }
  await eventually("mails are in flight", () => line.smtp.acceptedCount > 0);
  await first.kill();
  await line.allMailed();
  await line.allCommitted();
  const { missing, repeated, problems } = await line.books();
  assert.deepEqual([missing, problems], [[], []]);
  const mails = await line.mails();
  const repeats = mails.length - new Set(mails.map(({ messageId }) => messageId)).size;
  t.diagnostic(`${line.produced.length} alerts, ${repeated.length} in more than one mail; ${repeats} mails repeated`);
  if (repeated.length > 0) assert.ok(repeats > 0);
});
