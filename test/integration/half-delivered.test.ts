/** G3: a recipient that accepted a mail does not get it again while another is being retried, whoever owns the partition then. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { halvesKnown } from "#test/support/storm.js";

const PARTITIONS = 4;
const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);

/** Mails of 12 devices, each accepted by one recipient and greylisted for the other until `greylist.over`. */
const halfDelivered = async (t: TestContext): Promise<{ line: Line; first: Product; greylist: { over: boolean } }> => {
  const greylist = { over: false };
  const line = await startLine(t, {
    partitions: PARTITIONS,
    env: { MAIL_TO: "quick@example.com,slow@example.com" },
    smtp: {
      onRcpt: (address) =>
        address.startsWith("slow") && !greylist.over ? { code: 450, text: "4.2.0 greylisted" } : undefined,
    },
  });
  // Two windows each: the second one waits for the first for the greylisted recipient alone.
  const at = pastWindow(6);
  await line.produce(
    DEVICES.flatMap((device) => [
      { device, at },
      { device, at: at + 1 },
    ]),
  );
  await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(4) })));
  const first = await line.start();
  await eventually(
    "one recipient of each device has both of its mails",
    () => line.smtp.acceptedCount === 2 * DEVICES.length,
  );
  return { line, first, greylist };
};

/** Each recipient has each of a device's two mails once, in order, under one Message-ID. */
const assertOnce = async (line: Line): Promise<void> => {
  const mails = await line.mails();
  for (const recipient of ["quick@example.com", "slow@example.com"]) {
    for (const device of DEVICES) {
      const got = mails.filter(
        (mail, index) => mail.device === device && line.smtp.messages[index]?.to.includes(recipient),
      );
      assert.equal(got.length, 2, `${recipient} has ${got.length} mails of ${device}`);
      const alerts = line.produced.filter((alert) => alert.device === device).map((alert) => alert.ordinal);
      assert.deepEqual(
        got.flatMap((mail) => mail.alerts),
        alerts,
        `${recipient}, ${device}`,
      );
    }
  }
  assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, DEVICES.length * 2);
};

// They mostly wait.
describe("a mail that some recipients have", { concurrency: 3 }, () => {
  test("SIGTERM while one recipient is greylisted: the next instance mails only that one", async (t) => {
    const { line, first, greylist } = await halfDelivered(t);
    assert.equal(await first.stop(), 0);
    greylist.over = true;
    await line.start();
    await line.allCommitted();
    await assertOnce(line);
  });

  test("an instance joins while one recipient is greylisted: whoever owns the partition then mails only that one", async (t) => {
    const { line, first, greylist } = await halfDelivered(t);
    // A handover waits 1.5 s for what is not committed yet; this is not about an instance that stands still for so long.
    await halvesKnown(line, line.produced.length);
    const second = await line.start();
    for (const product of [first, second]) {
      await eventually("each has its share", async () => {
        return (await product.metrics()).value("kafka_partitions_assigned") === PARTITIONS / 2;
      });
    }
    greylist.over = true;
    await line.allCommitted();
    await assertOnce(line);
    const mailed = async (product: Product) =>
      (await product.metrics()).value("mails_total", { outcome: "accepted" }) ?? 0;
    assert.ok((await mailed(second)) > 0, "it finished mails that the first had begun");
  });

  test("kill -9 after the commit that tells of it: the next instance mails only the greylisted recipient", async (t) => {
    const { line, first, greylist } = await halfDelivered(t);
    await halvesKnown(line, line.produced.length);
    await first.kill();
    greylist.over = true;
    await line.start();
    await line.allCommitted();
    await assertOnce(line);
  });
});
