/** G1, G2, G3: several instances. Nothing is lost, out of order or mailed twice while partitions move. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { after } from "#test/support/smtp-server.js";
import { startTcpProxy } from "#test/support/tcp-proxy.js";

const PARTITIONS = 6;
/** `SMTP_CONNECTIONS`, as it is by default. */
const CONNECTIONS = 8;

const assigned = async (product: Product): Promise<number> =>
  (await product.metrics()).value("kafka_partitions_assigned") ?? 0;

const mailed = async (product: Product): Promise<number> =>
  (await product.metrics()).value("mails_total", { outcome: "accepted" }) ?? 0;

test("a second instance joins and the first leaves under traffic: nothing is lost or mailed twice, each device's mails stay in order", async (t) => {
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
    await eventually("the second one mails", async () => (await mailed(second)) > 0);
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
  assert.deepEqual([missing, repeated, problems], [[], [], []]);
});

test("an instance that is killed is replaced by the other: nothing is lost, and what repeats carries the same Message-ID", async (t) => {
  const line = await startLine(t, { partitions: PARTITIONS });
  const proxy = await startTcpProxy(line.smtp.port);
  t.after(() => proxy.close());
  const devices = Array.from({ length: 60 }, (_, i) => `device-${i}`);
  const viaProxy = { SMTP_URL: line.smtp.url.replace(String(line.smtp.port), String(proxy.port)) };
  const [first, second] = await Promise.all([line.start(viaProxy), line.start()]);
  await eventually("both have their share", async () => {
    return (await assigned(first)) === PARTITIONS / 2 && (await assigned(second)) === PARTITIONS / 2;
  });
  let held = 0;
  let release = (): void => undefined;
  const released = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  line.smtp.behave({
    onMessage: () => {
      held++;
      return released;
    },
  });
  for (let round = 0; round < 10; round++) {
    await line.produce(devices.map((device) => ({ device })));
    await after(100);
  }
  // The server takes what the first has in flight, and the first never hears of it.
  await eventually("both have as many mails in flight as they may", () => held === 2 * CONNECTIONS);
  proxy.blackHole();
  release();
  await eventually("they are accepted", () => line.smtp.acceptedCount >= 2 * CONNECTIONS);
  await first.kill();
  await line.allMailed();
  await line.allCommitted();
  const { missing, repeated, problems } = await line.books();
  assert.deepEqual([missing, problems], [[], []]);
  const mails = await line.mails();
  const repeats = mails.length - new Set(mails.map(({ messageId }) => messageId)).size;
  t.diagnostic(`${line.produced.length} alerts, ${repeated.length} in more than one mail; ${repeats} mails repeated`);
  assert.ok(repeated.length > 0, "there was something to repeat");
  for (const ordinal of repeated) {
    const ids = mails.filter(({ alerts }) => alerts.includes(ordinal)).map(({ messageId }) => messageId);
    assert.equal(new Set(ids).size, 1, `alert ${ordinal} is in mails ${ids.join(" ")}`);
  }
  assert.ok(repeats <= CONNECTIONS, `${repeats} mails were repeated`);
});
