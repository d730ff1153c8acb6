/** G1, G3: the broker goes away and comes back, with a broker of its own. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { GroupStatus } from "#src/http/status-shape.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { MetricsPage } from "#test/support/metrics-page.js";
import type { Product } from "#test/support/product.js";
import { after as later, type ReceivedMessage } from "#test/support/smtp-server.js";

const DEVICES = Array.from({ length: 12 }, (_, i) => `device-${i}`);

/** Tries again for as long as the broker is away; the producer is idempotent, so that a retry writes nothing twice. */
const produceRound = (line: Line): Promise<unknown> => line.produce(DEVICES.map((device) => ({ device })));

const restarts = (product: Product): number =>
  product.logs.filter(({ msg }) => String(msg).includes("Kafka client restarts")).length;

const STATUS_TOPIC = { KAFKA_STATUS_TOPIC: "status" };

const statusOf = async (product: Product): Promise<GroupStatus> => {
  const response = await get(`${product.url}/api/status`, 10_000);
  return (await response.json()) as GroupStatus;
};

// They mostly wait for a client to give up.
describe("a broker that is away for a while", { concurrency: 2 }, () => {
  test("broker killed and started again under mails: every alert in exactly one mail, windows whole", async (t) => {
    const kafka = await startKafka();
    t.after(() => kafka.close());
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

  describe("one broker, one test after another", { concurrency: 1 }, () => {
    let kafka: Kafka;
    before(async () => {
      kafka = await startKafka();
    });
    // One that failed may have left it dead.
    beforeEach(() => kafka.restart());
    after(() => kafka?.close());

    test("mails accepted while the broker is away for long are committed once it is back, though the topic is quiet; lag is shown as last known, and ages grow", async (t) => {
      // All are in flight at once: without the broker's word none may begin for long, and a busy machine may take that long.
      const env = { ...STATUS_TOPIC, SMTP_CONNECTIONS: String(DEVICES.length + 1) };
      const line = await startLine(t, { brokers: kafka.brokers, env });
      await line.produce(DEVICES.map((device) => ({ device, at: pastWindow(4) })));
      const [last] = await line.produce([{ device: "last", at: pastWindow(4), partition: 1 }]);
      let release: () => void = () => undefined;
      const released = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
      t.after(() => release());
      const isLast = ({ raw }: ReceivedMessage): boolean =>
        /^X-Alert-Digest-Device: last/m.test(raw.toString("latin1"));
      line.smtp.behave({ onMessage: (message) => (isLast(message) ? released : "stall") });
      const product = await line.start();
      await eventually("mails are in flight", async () => {
        return (await product.metrics()).value("smtp_connections", { state: "busy" }) === DEVICES.length + 1;
      });
      const shown = (page: MetricsPage) =>
        ["kafka_committed_offset", "kafka_log_end_offset", "kafka_consumer_lag_records"].flatMap((name) =>
          [0, 1, 2].map((partition) => page.value(name, { partition: String(partition) })),
        );
      const before = shown(await product.metrics());
      assert.equal(
        before.slice(-3).reduce((sum = 0, lag = 0) => sum + lag),
        DEVICES.length + 1,
      );
      await kafka.kill();
      line.smtp.behave({ onMessage: (message) => (isLast(message) ? released : undefined) });
      line.smtp.resume();
      await line.allMailed(new Set([last?.ordinal ?? -1]));
      await eventually("the client has given up its membership", async () => {
        const page = await product.metrics();
        assert.deepEqual(shown(page), before);
        return restarts(product) > 0 && page.value("kafka_partitions_assigned") === 0;
      });
      const age = async () => (await product.metrics()).value("kafka_consumer_lag_seconds", { partition: "1" }) ?? 0;
      const then = await age();
      await eventually("the oldest alert gets older", async () => (await age()) > then);
      // The page answers meanwhile, and says that it knows of no others.
      await eventually("status is not shared", async () => (await statusOf(product)).sharing === "failed");
      await kafka.restart();
      release();
      await line.allMailed();
      await line.allCommitted();
      await eventually("status is shared again", async () => (await statusOf(product)).sharing === "on");
      assert.equal(await product.stop(), 0);
      const again = await line.start();
      await line.assertBooks();
      assert.equal((await again.metrics()).value("mails_total", { outcome: "accepted" }), 0);
    });

    test("SIGTERM while the broker is away: exit 0 within SHUTDOWN_TIMEOUT, and the metrics answer until then", async (t) => {
      const line = await startLine(t, { brokers: kafka.brokers, env: { SHUTDOWN_TIMEOUT: "20s", ...STATUS_TOPIC } });
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
      // Not how many windows are open: they close within three seconds, also while this test is not looking.
      await eventually("it is read", async () => {
        return (await product.metrics()).value("kafka_records_consumed_total") === DEVICES.length;
      });
      const noticed = () => product.logs.some(({ msg }) => String(msg).startsWith("log ends unknown"));
      kafka.freeze();
      t.after(() => kafka.thaw());
      for (let scrapes = 0; scrapes < 3; scrapes++) await product.metrics();
      assert.equal(
        noticed(),
        false,
        "/metrics waits for no answer of the broker: the first question to it is still open",
      );
      await eventually("it notices", noticed);
      kafka.thaw();
      await produceRound(line);
      await line.allMailed();
      await line.allCommitted();
      await line.assertBooks();
    });
  });
});
