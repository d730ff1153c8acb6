/** G6: at a limit reading pauses, by reason, and nothing is dropped. The hour of it is `npm run outage`. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CONSUMER_SETTINGS } from "#src/kafka/consumer-settings.js";
import { eventually } from "#test/support/eventually.js";
import { type AlertInput, type Line, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import type { MetricsPage } from "#test/support/metrics-page.js";
import type { SmtpAction } from "#test/support/smtp-server.js";
import { seededRandom } from "#tools/simulator/random.js";

const paused = (page: MetricsPage): Record<string, number | undefined> =>
  Object.fromEntries(
    ["buffer", "checkpoint", "smtp"].map((reason) => [reason, page.value("kafka_partitions_paused", { reason })]),
  );
const NOT_PAUSED = { buffer: 0, checkpoint: 0, smtp: 0 };

/** `windows` past windows in a row, the last of them `until` windows ago, each with so many alerts of random devices. */
const produceWindows = async (
  line: Line,
  options: {
    readonly windows: number;
    readonly until: number;
    readonly perWindow: number;
    readonly alert: () => Pick<AlertInput, "device" | "partition" | "fields">;
  },
): Promise<void> => {
  for (let ago = options.until + options.windows - 1; ago >= options.until; ago--) {
    const start = pastWindow(ago);
    const alerts = Array.from({ length: options.perWindow }, (_, n) => ({
      ...options.alert(),
      at: start + Math.floor((n * WINDOW_MS) / options.perWindow),
    }));
    await line.produce(alerts);
  }
};

// They mostly wait.
describe("a full buffer", { concurrency: 2 }, () => {
  test("15,000 alerts with the SMTP server down: memory stays under the limit, reading goes on at the low mark, and all leave in order", async (t) => {
    const limit = 5_000;
    const line = await startLine(t, { env: { BUFFER_MAX_ALERTS: String(limit) } });
    await line.smtp.stop();
    const random = seededRandom(5);
    const fields = { message: "x".repeat(250) };
    await produceWindows(line, {
      windows: 10,
      until: 4,
      perWindow: 1_500,
      alert: () => ({ device: `device-${random.whole(1, 40)}`, fields }),
    });
    const product = await line.start();
    const full = await eventually("every partition is paused, and SMTP is named as the cause", async () => {
      const page = await product.metrics();
      const { buffer, smtp } = paused(page);
      return buffer === 3 && smtp === 3 && page;
    });
    const attempts = (page: MetricsPage) =>
      page.value("mail_send_duration_seconds_count", { outcome: "unreachable" }) ?? 0;
    let before = full;
    const later = await eventually(
      "nothing is read while the server is probed: what was under way when it paused is in",
      async () => {
        const page = await product.metrics();
        if (attempts(page) < attempts(before) + 2) return false;
        const isRead = page.value("buffered_alerts") !== before.value("buffered_alerts");
        before = page;
        return !isRead && page;
      },
    );
    const slack = CONSUMER_SETTINGS.maxBytes / 250;
    const held = later.value("buffered_alerts") ?? 0;
    assert.ok(held >= limit && held < limit + slack, `${held} alerts are in memory, the limit is ${limit}`);
    assert.ok([...(await line.committed()).values()].every((offset) => (offset ?? 0) === 0));

    await line.smtp.start();
    await line.allCommitted();
    await line.assertBooks();
    await eventually("nothing is paused", async () => {
      const page = await product.metrics();
      assert.deepEqual([paused(page), page.value("buffered_alerts")], [NOT_PAUSED, 0]);
      return true;
    });
    const marks = (message: string): number[] =>
      product.logs.filter((entry) => String(entry["msg"]).startsWith(message)).map((entry) => Number(entry["alerts"]));
    const [fulls, rooms] = [marks("buffer full"), marks("buffer has room again")];
    assert.ok(fulls.length >= 2 && fulls.length === rooms.length, `full at ${fulls}, room again at ${rooms}`);
    for (const alerts of fulls) assert.ok(alerts >= limit && alerts < limit + slack, `paused at ${alerts}`);
    for (const alerts of rooms) assert.ok(alerts <= 0.8 * limit, `went on at ${alerts}`);
  });

  test("devices that are stuck pause their partition before its checkpoint overflows; others go on, and nothing is repeated", async (t) => {
    const line = await startLine(t, { partitions: 2, env: { SMTP_RETRY_INITIAL: "1s", SMTP_RETRY_MAX: "1s" } });
    const random = seededRandom(6);
    let isStuck = true;
    line.smtp.behave({
      onMessage: (message): SmtpAction =>
        isStuck && /^X-Alert-Digest-Device: stuck/m.test(message.raw.toString("latin1", 0, 2_000))
          ? { code: 451, text: "4.2.0 greylisted" }
          : undefined,
    });
    const alert = () => {
      const device = random.whole(0, 39);
      return { device: `${device % 2 === 0 ? "stuck" : "quick"}-${device}`, partition: 0 };
    };
    const read = 15 * 1_450;
    await produceWindows(line, { windows: 15, until: 20, perWindow: read / 15, alert });
    const product = await line.start();
    const page = await eventually("the partition is read and paused for its checkpoint", async () => {
      const page = await product.metrics();
      const left = page.value("kafka_consumer_position_lag_records", { partition: "0" });
      return paused(page)["checkpoint"] === 1 && left === 0 && page;
    });
    assert.deepEqual(paused(page), { ...NOT_PAUSED, checkpoint: 1 });
    const chars = page.value("checkpoint_bytes", { partition: "0" }) ?? 0;
    assert.ok(chars >= 3_072 && chars <= 4_096, `${chars} characters`);

    // A fetch that was under way when the pause began still brings what is new: let it end.
    const polled = () => product.metrics().then((now) => now.value("kafka_last_poll_timestamp_seconds") ?? 0);
    for (let before = await polled(), fetches = 0; fetches < 2; fetches++)
      before = await eventually("a fetch ends", async () => {
        const now = await polled();
        return now > before && now;
      });
    await produceWindows(line, { windows: 2, until: 10, perWindow: 500, alert });
    await line.produce([{ device: "elsewhere", partition: 1, at: pastWindow(5) }]);
    const meanwhile = await eventually("the other partition's mail, and the ends of the log, are seen", async () => {
      const page = await product.metrics();
      return (
        (await line.committed()).get(1) === 1 &&
        page.value("kafka_log_end_offset", { partition: "0" }) === read + 1_000 &&
        page
      );
    });
    assert.deepEqual(paused(meanwhile), { ...NOT_PAUSED, checkpoint: 1 });
    assert.equal(
      meanwhile.value("kafka_consumer_position_lag_records", { partition: "0" }),
      1_000,
      "nothing more is read",
    );

    isStuck = false;
    await line.allCommitted();
    await line.assertBooks();
    await eventually("nothing is paused", async () => {
      assert.deepEqual(paused(await product.metrics()), NOT_PAUSED);
      return true;
    });
    assert.equal((await product.metrics()).value("checkpoint_overflows_total"), 0);
  });
});
