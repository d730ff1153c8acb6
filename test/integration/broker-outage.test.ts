/** G1, G3: the broker goes away and comes back, with a broker of its own. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { GroupStatus } from "#src/http/status.js";
import { eventually } from "#test/support/eventually.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { after as later } from "#test/support/smtp-server.js";

let kafka: Kafka;
before(async () => {
  kafka = await startKafka();
});
after(() => kafka.close());

const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);

/** Tries again for as long as the broker is away; the producer is idempotent, so that a retry writes nothing twice. */
const produceRound = (line: Line): Promise<unknown> => line.produce(DEVICES.map((device) => ({ device })));

const restarts = (product: Product): number =>
  product.logs.filter(({ msg }) => String(msg).includes("Kafka client restarts")).length;

const STATUS_TOPIC = { KAFKA_STATUS_TOPIC: "status" };

const statusOf = async (product: Product): Promise<GroupStatus> => {
  const response = await fetch(`${product.url}/api/status`, { signal: AbortSignal.timeout(1_000) });
  return (await response.json()) as GroupStatus;
};

test("broker killed and started again under mails: every alert in exactly one mail, windows whole", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: { WINDOW_GRACE: "1s" } });
  line.smtp.behave({ onMessage: () => later(30) });
  const product = await line.start();
  // Once shortly, once until the client has given up its membership and starts again.
  for (const enough of [() => true, () => restarts(product) > 0]) {
    for (let round = 0; round < 10; round++) {
      await produceRound(line);
      await later(100);
    }
    const accepted = line.smtp.acceptedCount;
    await eventually("mails leave", () => line.smtp.acceptedCount > accepted);
    await kafka.kill();
    await eventually("the outage is long enough", enough);
    await kafka.restart();
  }
  await produceRound(line);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  const mails = await line.mails();
  const windows = new Set(mails.map(({ device, windowStart }) => `${device} ${windowStart}`));
  assert.equal(windows.size, mails.length, "no window is split into two mails");
  assert.ok(product.running());
  t.diagnostic(`${line.produced.length} alerts in ${mails.length} mails, ${restarts(product)} client restarts`);
});

test("mails accepted while the broker is away for long are committed once it is back, though the topic is quiet", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: STATUS_TOPIC });
  await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(4) })));
  line.smtp.behave({ onMessage: () => "stall" });
  const product = await line.start();
  await eventually("mails are in flight", async () => {
    return (await product.metrics()).value("smtp_connections", { state: "busy" }) === 8;
  });
  await kafka.kill();
  line.smtp.behave({ onMessage: undefined });
  line.smtp.resume();
  await line.allMailed();
  await eventually("the client has given up its membership", () => restarts(product) > 0);
  // The page answers meanwhile, and says that it knows of no others.
  await eventually("status is not shared", async () => (await statusOf(product)).sharing === "failed");
  await kafka.restart();
  await line.allCommitted();
  await eventually("status is shared again", async () => (await statusOf(product)).sharing === "on");
  assert.equal(await product.stop(), 0);
  const again = await line.start();
  await line.assertBooks();
  assert.equal((await again.metrics()).value("mails_total", { outcome: "accepted" }), 0);
});

test("SIGTERM while the broker is away: exit 0 within SHUTDOWN_TIMEOUT, and the metrics answer until then", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: { SHUTDOWN_TIMEOUT: "5s", ...STATUS_TOPIC } });
  const product = await line.start();
  await line.produce(DEVICES.map((device) => ({ device })));
  await line.allMailed();
  await line.allCommitted();
  await kafka.kill();
  assert.equal((await product.metrics()).value("kafka_topic_partitions"), 3);
  assert.equal(await product.stop(), 0);
  await kafka.restart();
});

test("a broker that is silent for a while, its port open: nothing lost and nothing repeated", async (t) => {
  const line = await startLine(t, { brokers: kafka.brokers, env: { WINDOW_GRACE: "1s" } });
  const product = await line.start();
  await produceRound(line);
  await eventually("it is read", async () => (await product.metrics()).value("windows_open") === DEVICES.length);
  kafka.freeze();
  t.after(() => kafka.thaw());
  await eventually("it notices", () => product.logs.some(({ msg }) => String(msg).startsWith("log ends unknown")));
  kafka.thaw();
  await produceRound(line);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
});
