/** A broker with a smaller `offset.metadata.max.bytes` than Kafka's own default of 4,096. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpointOfAnyLog } from "#test/support/checkpoints.js";
import { eventually } from "#test/support/eventually.js";
import { startKafka } from "#test/support/kafka.js";
import { pastWindow, startLine } from "#test/support/line.js";
import { seededRandom } from "#tools/simulator/random.js";

const LIMIT = 200;

test("a broker that takes 200 characters of metadata: every alert is mailed and committed, the checkpoint is shorter, the log says what to set", async (t) => {
  const kafka = await startKafka({ properties: { "offset.metadata.max.bytes": String(LIMIT) } });
  t.after(() => kafka.close());
  const deferred = { over: false };
  const line = await startLine(t, {
    brokers: kafka.brokers,
    partitions: 2,
    // What is exposed is what a commit has not confirmed: with 2 of them, commits that fail stop the mails at once.
    env: { SMTP_CONNECTIONS: "2", MAIL_MAX_ALERTS: "1000" },
    smtp: {
      onMessage: async (message) => {
        const stuck = /^X-Alert-Digest-Device: stuck-/m.test(message.raw.toString("latin1"));
        return stuck && !deferred.over ? { code: 450, text: "4.2.0 later" } : undefined;
      },
    },
  });
  // Alerts of both kinds in random order: what is settled between the others needs more than 200 characters.
  const random = seededRandom(11);
  const mixed = Array.from(
    { length: 2_000 },
    (_, n) => `${n === 0 || random.whole(0, 1) === 0 ? "stuck" : "free"}-${n % 5}`,
  );
  const devices = [...mixed, ...Array.from({ length: 20 }, (_, n) => `free-${n}`)];
  // Asked for each alert, it might be two windows.
  const at = pastWindow(6);
  await line.produce(devices.map((device) => ({ device, at, partition: 0 })));
  await line.produce([{ device: "free-alone", at: pastWindow(6), partition: 1 }]);
  const product = await line.start();
  await eventually("all mails but the deferred ones", () => line.smtp.acceptedCount === 21);
  await eventually("the other partition is committed", async () => (await line.committed()).get(1) === 1);
  const metadata = await eventually("what fits is committed of the first one", async () => {
    const [found] = await line.admin.fetchOffsets({ groupId: line.group, topics: [line.topic] });
    const first = found?.partitions.find(({ partition }) => partition === 0);
    assert.equal(first?.offset, "0");
    return (first.metadata ?? "").length > 64 && first.metadata;
  });
  assert.ok(metadata !== null && metadata.length <= LIMIT, metadata ?? "");
  assert.ok((checkpointOfAnyLog(metadata, 0)?.settled.length ?? 0) > 0);
  const metrics = await product.metrics();
  assert.ok((metrics.value("checkpoint_overflows_total") ?? 0) > 0);
  assert.ok((metrics.value("kafka_commit_duration_seconds_count", { outcome: "failed" }) ?? 0) > 0);
  const told = product.logs.filter(({ msg }) => String(msg).includes("offset.metadata.max.bytes to 4096"));
  assert.equal(told.length, 1);
  deferred.over = true;
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await product.stop(), 0);
});
