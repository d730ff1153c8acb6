/** G7: what `/metrics` says of a partition and its mails, from record to accepted, against a clock that the test moves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Severity } from "#src/core/alert.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { createMetrics } from "#src/metrics.js";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { SendOutcome } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { outcomes } from "#test/support/delivery-bench.js";
import { parseMetrics, type Sample } from "#test/support/metrics-page.js";
import { quietLog } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const WINDOW_START = 1_790_000_010_000;

/** One partition with everything around it; each attempt ends after `takes` seconds in `answer()`. */
const setup = (urgentSeverity?: Severity) => {
  const clock = new VirtualClock(WINDOW_START);
  const world = { takes: 1.5, answer: (): SendOutcome => outcomes.accepted() };
  const page = createMetrics({
    topic: "alerts",
    group: "g",
    build: { version: "1", revision: "" },
    limits: { bufferBytes: 0, smtpConnections: 8 },
    state: () => ({
      partitionCount: 1,
      partitions: [
        {
          partition: 0,
          endOffset: 10,
          committedOffset: 0,
          position: worker.position,
          oldestUnsettledEventTime: worker.read.oldestUnsettledEventTime,
          behindOpenTransaction: 0,
          checkpointBytes: 0,
          paused: [],
        },
      ],
      windowsOpen: worker.read.windowsOpen,
      windowsPending: worker.read.windowsPending,
      bufferedAlerts: worker.read.bufferedAlerts,
      bufferedBytes: worker.read.bufferedBytes,
      oldestPendingWindowEnd: worker.read.oldestPendingWindowEnd,
      smtp: { busy: 0, idle: 0, max: 8, circuitOpen: false },
      lastPollAtMs: undefined,
      lastCommitAtMs: undefined,
    }),
    now: () => clock.now(),
    processMetrics: false,
  });
  const shared = { clock, log: quietLog, metrics: page.metrics, random: () => 1 };
  const delivery = new Delivery({
    ...shared,
    mailer: {
      send: () =>
        new Promise((resolve) => {
          const outcome = world.answer();
          clock.after(world.takes * 1_000, () => resolve(outcome));
        }),
      probe: async () => ({ kind: "reachable", loginOffered: false }),
      connections: () => ({ busy: 0, idle: 0 }),
      close: async () => undefined,
    },
    renderer: { render: () => ({ messageId: "<m>", subject: "", from: "", raw: Buffer.alloc(0) }) },
    router: { route: () => [everybody("a@example.org")] },
    options: { connections: 8, retryInitialMs: 1_000, retryMaxMs: 60_000, retryBudgetMs: 900_000 },
  });
  const worker = new PartitionWorker(
    { partition: 0, log: undefined },
    { position: 0, time: undefined, marks: [], settled: [] },
    undefined,
    {
      ...shared,
      topic: "alerts",
      urgentSeverity,
      options: { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 200, catchUpAfterMs: Number.POSITIVE_INFINITY },
      codec: createAlertCodec(),
      delivery,
      deadLetters: new DeadLetterQueue({ ...shared, sink: { write: async () => undefined } }),
      room: new CheckpointRoom(quietLog),
      maxExposed: Number.POSITIVE_INFINITY,
      group: { hasLease: true },
      commits: { commitSoon: () => undefined },
    },
  );
  worker.setActive(true);
  const read = (alerts: readonly { device: string; second: number; severity?: Severity }[]): void => {
    const from = worker.position;
    worker.take(
      alerts.map(({ device, second, severity }, index) => ({
        offset: from + index,
        timestampMs: WINDOW_START + second * 1_000,
        key: Buffer.from(device),
        value: Buffer.from(JSON.stringify({ deviceId: device, message: "m", severity })),
      })),
      from + alerts.length,
    );
  };
  return {
    clock,
    world,
    read,
    /** Goes to this second after the window's start. */
    until: (second: number) => clock.advance(WINDOW_START + second * 1_000 - clock.now()),
    seeEnd: () => worker.knownEnd(clock.now(), worker.position),
    metrics: async () => parseMetrics(await page.render()),
  };
};

/** `[count, sum]` of a histogram. */
const observed = (page: ReturnType<typeof parseMetrics>, name: string, labels: Record<string, string> = {}) =>
  [page.value(`${name}_count`, labels), page.value(`${name}_sum`, labels)] as const;

test("ages and latencies of a window are those of the clock, at every step from the first alert to the accepted mail", async () => {
  const { until, read, seeEnd, metrics } = setup();
  const ages = async () => {
    const page = await metrics();
    return [page.value("kafka_consumer_lag_seconds"), page.value("oldest_pending_window_age_seconds")];
  };
  await until(20);
  assert.deepEqual(await ages(), [0, 0]);
  read([
    { device: "a", second: 1 },
    { device: "a", second: 18 },
  ]);
  assert.deepEqual(await ages(), [19, 0]);
  await until(31.9);
  seeEnd();
  assert.deepEqual(await ages(), [30.9, 0], "within the grace nothing is pending");
  await until(32.5);
  seeEnd();
  await until(33);
  assert.deepEqual(await ages(), [32, 3]);
  await until(34);
  assert.deepEqual(await ages(), [0, 0]);
  const page = await metrics();
  assert.deepEqual(observed(page, "window_close_delay_seconds"), [1, 2.5]);
  assert.deepEqual(observed(page, "window_alerts"), [1, 2]);
  assert.deepEqual(observed(page, "mail_send_duration_seconds", { outcome: "accepted" }), [1, 1.5]);
  assert.deepEqual(observed(page, "window_end_to_mail_seconds"), [1, 4]);
  assert.deepEqual(observed(page, "alert_to_mail_seconds"), [2, 33 + 16]);
  const bucket = (le: string) => page.value("window_end_to_mail_seconds_bucket", { le });
  assert.deepEqual([bucket("3"), bucket("4"), bucket("10"), bucket("+Inf")], [0, 1, 1, 1], "a bound counts itself");
});

test("each attempt is timed alone and by what it ended in; the mail from its window's end, all attempts and pauses in it", async () => {
  const { until, read, seeEnd, metrics, world } = setup();
  const ends = [outcomes.deferred(), outcomes.ambiguous(), outcomes.accepted()];
  world.answer = () => ends.shift() ?? outcomes.accepted();
  world.takes = 0.25;
  read([{ device: "a", second: 0 }]);
  await until(32);
  seeEnd();
  await until(240);
  const page = await metrics();
  for (const outcome of ["deferred", "ambiguous", "accepted"])
    assert.deepEqual(observed(page, "mail_send_duration_seconds", { outcome }), [1, 0.25], outcome);
  // 2 s until it closes, attempts at 0, 1.25 and, as nobody answered the second one, 181.5 s.
  assert.deepEqual(observed(page, "window_end_to_mail_seconds"), [1, 2 + 181.75]);
  assert.deepEqual(observed(page, "alert_to_mail_seconds"), [1, 30 + 2 + 181.75]);
  assert.equal(page.value("mail_retries_total"), 2);
});

test("a window that becomes a dead letter is no mail in time: it is closed and never observed as mailed", async () => {
  const { until, read, seeEnd, metrics, world } = setup();
  world.answer = () => outcomes.refused();
  read([{ device: "a", second: 0 }]);
  await until(32);
  seeEnd();
  await until(40);
  const page = await metrics();
  assert.deepEqual(
    ["windows_closed_total", "window_end_to_mail_seconds_count", "dead_letters_total"].map((name) => page.value(name)),
    [1, 0, 1],
  );
  assert.equal(page.value("mails_total", { outcome: "dead_lettered" }), 1);
});

test("an early mail is counted as such, and its part of the window neither as closed nor as mailed: the rest is", async () => {
  const { until, read, seeEnd, metrics } = setup("critical");
  await until(2);
  read([
    { device: "a", second: 1 },
    { device: "a", second: 2, severity: "critical" },
    { device: "b", second: 2, severity: "critical" },
  ]);
  await until(4);
  read([{ device: "a", second: 3 }]);
  const windows = (page: ReturnType<typeof parseMetrics>) =>
    ["windows_closed_total", "window_alerts_count", "window_end_to_mail_seconds_count", "urgent_mails_total"].map(
      (name) => page.value(name),
    );
  assert.deepEqual(windows(await metrics()), [0, 0, 0, 2]);
  assert.equal((await metrics()).value("kafka_consumer_lag_seconds"), 1, "what was told early is not waiting");
  await until(32);
  seeEnd();
  await until(40);
  const page = await metrics();
  assert.deepEqual(windows(page), [1, 1, 1, 2]);
  assert.deepEqual([page.value("mails_total"), page.value("alert_to_mail_seconds_count")], [3, 4]);
});

test("a clock that is set back an hour makes no age and no latency negative, and an attempt as long as it was", async () => {
  const { clock, until, read, seeEnd, metrics } = setup();
  read([{ device: "a", second: 0 }]);
  await until(32);
  seeEnd();
  clock.set(-3_600_000);
  const during = await metrics();
  assert.deepEqual(
    [during.value("kafka_consumer_lag_seconds"), during.value("oldest_pending_window_age_seconds")],
    [0, 0],
  );
  await clock.advance(2_000);
  const page = await metrics();
  assert.deepEqual(observed(page, "mail_send_duration_seconds", { outcome: "accepted" }), [1, 1.5]);
  assert.deepEqual(observed(page, "window_end_to_mail_seconds"), [1, 0]);
});

test("ten thousand devices, whatever they call themselves, add no series and say nothing on the page", async () => {
  const { until, read, seeEnd, metrics } = setup();
  const seriesOf = (samples: readonly Sample[]) =>
    samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  read([{ device: "the first", second: 0 }]);
  const before = seriesOf((await metrics()).samples);
  const names = [
    '"} 1\n# TYPE x',
    "\\",
    "김철수의 보일러",
    "👩‍👩‍👧‍👦".repeat(20),
    "\u202e\u0000\u2028",
    "x".repeat(256),
  ];
  read(Array.from({ length: 10_000 }, (_, i) => ({ device: names[i] ?? `device-${i}`, second: 1 })));
  await until(32);
  seeEnd();
  await until(40);
  await settled();
  const page = await metrics();
  assert.equal(page.value("windows_closed_total"), 10_001);
  assert.deepEqual(seriesOf(page.samples), before);
  assert.equal(
    page.samples.length,
    page.text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
  );
  assert.doesNotMatch(page.text, /device-|보일러|👩/u);
});
