/** Alerts of nearly a megabyte each, small on the wire: whoever may write one alert may write hundreds of them. They hold up nobody else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs from "kafkajs";
import { eventually } from "#test/support/eventually.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, startLine } from "#test/support/line.js";

const LARGE = 240;
const LARGE_BYTES = 900_000;
/** So many unpack to less than `BATCH_MAX_BYTES`. */
const IN_A_BATCH = 60;
/** The least that a broker takes by default. */
const SESSION = "6s";

/** Enters them into the books. */
const produceLarge = async (line: Line, partition: number, firstOrdinal: number): Promise<void> => {
  // Asked again while a busy broker still writes, it would have some of them twice.
  const producer = quietClient(line.brokers, { requestTimeout: 240_000 }).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (let sent = 0; sent < LARGE; sent += IN_A_BATCH) {
      const timestamp = Date.now();
      const ordinals = Array.from({ length: IN_A_BATCH }, (_, index) => firstOrdinal + sent + index);
      const alert = (ordinal: number) => ({
        deviceId: "large",
        message: `#${ordinal}# ${"x".repeat(LARGE_BYTES / 2)}`,
        labels: { site: "busan-2", stack: "y".repeat(LARGE_BYTES / 2) },
      });
      await producer.send({
        topic: line.topic,
        compression: kafkajs.CompressionTypes.GZIP,
        messages: ordinals.map((ordinal) => ({
          ...{ key: "large", partition, timestamp: String(timestamp) },
          value: JSON.stringify(alert(ordinal)),
        })),
      });
      const offset = (ordinal: number): number => ordinal - firstOrdinal;
      line.enter(
        ordinals.map((ordinal) => ({ ordinal, device: "large", partition, offset: offset(ordinal), timestamp })),
      );
    }
  } finally {
    await producer.disconnect();
  }
};

test("240 alerts of 0.9 MB are all mailed by the member that has them; another partition's alerts do not wait for them", async (t) => {
  const line = await startLine(t, {
    partitions: 2,
    env: { KAFKA_SESSION_TIMEOUT: SESSION, MAIL_MAX_ALERTS: String(LARGE), MAIL_CSV: "always" },
  });
  await produceLarge(line, 0, 1);
  const product = await line.start();
  const rebalances = async () => (await product.metrics()).value("kafka_rebalances_total");
  const before = await rebalances();
  const areMailed = async (ordinals: readonly number[]): Promise<boolean> => {
    const mailed = new Set((await line.mails()).flatMap(({ alerts }) => alerts));
    return ordinals.every((ordinal) => mailed.has(ordinal));
  };
  const large = Array.from({ length: LARGE }, (_, index) => index + 1);
  // As many as are produced while the large ones are read and mailed.
  let others = 0;
  do {
    const [other] = await line.produce([{ device: "other", partition: 1, fields: { message: `other ${++others}` } }]);
    const ordinals = [other?.ordinal ?? 0];
    await eventually(`alert ${others} of the other partition is mailed`, () => areMailed(ordinals), {
      timeoutMs: 120_000,
    });
  } while (!(await areMailed(large)));
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await rebalances(), before);
  const mails = (await line.mails()).filter(({ device }) => device === "large");
  assert.equal(
    mails.reduce((sum, { count }) => sum + count, 0),
    LARGE,
  );
  for (const { text } of mails) assert.match(text, /were too long to be kept whole.*The whole record is in Kafka/);
  const metrics = await product.metrics();
  assert.equal(metrics.value("alert_repairs_total", { field: "message" }), LARGE);
  assert.equal(metrics.value("alert_repairs_total", { field: "labels" }), LARGE);
  t.diagnostic(
    `${others} alerts of the other partition were mailed meanwhile, in ${mails.length} mails the large ones`,
  );
  assert.equal(await product.stop(), 0);
});
