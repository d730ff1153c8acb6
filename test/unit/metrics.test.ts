import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { eventTime, type WallTime, wallTime } from "#src/core/time.js";
import { INVENTORY } from "#src/metrics/inventory.js";
import { type MetricSpec, PREFIX } from "#src/metrics/metric-spec.js";
import { createTranslationPage, TRANSLATION_INVENTORY } from "#src/metrics/translation.js";
import { BusiestRecipient, createMetrics, type MetricsOptions } from "#src/metrics.js";
import { DEAD_LETTER_REASONS, type RuntimeState } from "#src/runtime/ports.js";
import { parseMetrics } from "#test/support/metrics-page.js";
import { partitionState, runtimeState } from "#test/support/runtime-states.js";

/** An app's metrics with a state and a clock that the test moves. */
const world = (changes: Partial<MetricsOptions> = {}) => {
  const current: { state: RuntimeState | undefined; now: WallTime } = { state: undefined, now: wallTime(100_000) };
  const page = createMetrics({
    topic: "alerts",
    group: "g",
    build: { version: "1.2.3", revision: "abc" },
    limits: { bufferBytes: 1024, smtpConnections: 8 },
    state: () => current.state,
    now: () => current.now,
    processMetrics: false,
    ...changes,
  });
  const series = async (name: string): Promise<readonly string[]> =>
    (await page.render())
      .split("\n")
      .filter((line) => new RegExp(`^${PREFIX}${name}[ {]`).test(line))
      .map((line) => line.slice(PREFIX.length));
  return { ...page, current, series };
};

test("docs/metrics.md, docs/translate.md and the inventories in code say the same", () => {
  for (const [page, listed] of [
    ["metrics", INVENTORY],
    ["translate", TRANSLATION_INVENTORY],
  ] as const) {
    const rows = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), "utf8")
      .split("\n")
      .map((line) => /^\| `(\w+)` \| (\w+) \| ([\w, ]*) \| (.+) \|$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, type, labels, help]) => ({ name, type, labels: labels?.split(", ").filter(Boolean), help }));
    const inventory = Object.entries<MetricSpec>(listed).map(([name, { type, labels, help }]) => ({
      name,
      type,
      labels: [...labels],
      help,
    }));
    assert.deepEqual(rows, inventory, page);
  }
});

test("a translation's page forgets the partitions that went, and begins with 0 for those that came", async () => {
  let owned = [0, 1];
  const page = createTranslationPage({
    build: { version: "1", revision: "r" },
    state: () => [
      {
        ...{ topic: "in", group: "g", partitionCount: 3, lastPollAtMs: undefined, lastHeartbeatAtMs: undefined },
        partitions: owned.map((partition) => ({
          ...{ partition, position: 0, committed: 0, end: undefined, waitsFor: undefined },
        })),
      },
    ],
    now: () => wallTime(0),
    processMetrics: false,
  });
  const consumed = async (): Promise<readonly string[]> =>
    parseMetrics(await page.render())
      .samples.filter(({ name }) => name === "alert_digest_kafka_records_consumed_total")
      .map(({ labels, value }) => `${labels["partition"]}: ${value}`)
      .sort();
  const metrics = page.of("in", "g");
  metrics.records(0, 7);
  assert.deepEqual(await consumed(), ["0: 7", "1: 0"]);
  owned = [1, 2];
  assert.deepEqual(await consumed(), ["1: 0", "2: 0"]);
});

test("a translation's page has every series with 0 from the start, and what its topics count", async () => {
  const page = createTranslationPage({
    build: { version: "1", revision: "r" },
    state: () => [
      {
        ...{
          topic: "in",
          group: "g.translate.in",
          partitionCount: 2,
          lastPollAtMs: 2_000,
          lastHeartbeatAtMs: undefined,
        },
        partitions: [
          { partition: 1, position: 7, committed: 5, end: { start: 0, end: 9, stable: 9 }, waitsFor: undefined },
          { partition: 0, position: undefined, committed: undefined, end: undefined, waitsFor: "registry" },
        ],
      },
    ],
    now: () => wallTime(0),
    processMetrics: false,
  });
  const metrics = page.of("in", "g.translate.in");
  const empty = parseMetrics(await page.render());
  assert.equal(empty.value("translated_total", { topic: "in" }), 0);
  assert.equal(empty.value("translation_transaction_seconds_count"), 0);
  assert.equal(empty.value("kafka_rebalances_total"), 0);
  metrics.records(1, 3);
  metrics.translated("invalid", 2);
  metrics.transaction("failed", 0.2);
  const seen = parseMetrics(await page.render());
  assert.equal(seen.value("kafka_records_consumed_total", { partition: "1" }), 3);
  assert.equal(seen.value("translated_total", { outcome: "invalid" }), 2);
  assert.equal(seen.value("translation_transaction_seconds_count", { outcome: "failed" }), 1);
  assert.equal(seen.value("kafka_consumer_lag_records"), 4);
  assert.equal(seen.value("kafka_consumer_position_lag_records"), 2);
  assert.equal(seen.value("kafka_partitions_paused", { reason: "registry" }), 1);
  assert.equal(seen.value("kafka_partitions_paused", { reason: "buffer" }), 0);
  assert.equal(seen.value("kafka_last_poll_timestamp_seconds"), 2);
});

test("names and types on the page are those of the inventory, in a fresh app too", async () => {
  const types = (await world().render()).matchAll(/^# TYPE alert_digest_(\w+) (\w+)$/gm);
  const expected = Object.entries<MetricSpec>(INVENTORY).map(([name, { type }]) => [name, type]);
  assert.deepEqual(
    [...types].map(([, name, type]) => [name, type]),
    expected,
  );
});

test("no metric of the inventory is only named and started at 0: something counts, times or shows it", () => {
  const source = ["metrics.ts", "metrics/runtime-gauges.ts"]
    .map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8"))
    .join("\n")
    .split("\n")
    .filter((line) => !/(\.inc\(0\)|\.inc\(.*, 0\)|\.set\(0\)|\.zero\(.*\));$/.test(line))
    .join("\n");
  assert.deepEqual(
    Object.keys(INVENTORY).filter((name) => !source.includes(`"${name}"`)),
    [],
  );
});

const NOT_KNOWN = ["recipients_database_up", "smtp_reachable", "smtp_last_success_timestamp_seconds"];

test("every labelled series exists with 0 before anything happened, except those of partitions and of what is not there or not known", async () => {
  const text = await world().render();
  for (const [name, spec] of Object.entries<MetricSpec>(INVENTORY)) {
    const shown = text.split("\n").filter((line) => new RegExp(`^${PREFIX}${name}(_count)?[ {]`).test(line));
    if (spec.labels.includes("partition") || NOT_KNOWN.includes(name)) assert.deepEqual(shown, [], name);
    else assert.ok(shown.length > 0, name);
    if (name === "build_info" || name.endsWith("limit_bytes") || name === "smtp_connections_max") continue;
    for (const line of shown) assert.match(line, / 0$/);
  }
});

test("closed sets are complete on the page", async () => {
  const { series } = world();
  const ends = Object.values(DEAD_LETTER_REASONS).flat().length;
  assert.equal((await series("dead_letters_total")).length, ends);
  assert.deepEqual(await series("mail_send_duration_seconds_count"), [
    'mail_send_duration_seconds_count{outcome="accepted"} 0',
    'mail_send_duration_seconds_count{outcome="refused"} 0',
    'mail_send_duration_seconds_count{outcome="deferred"} 0',
    'mail_send_duration_seconds_count{outcome="unreachable"} 0',
    'mail_send_duration_seconds_count{outcome="ambiguous"} 0',
  ]);
  assert.deepEqual(await series("kafka_partitions_paused"), [
    'kafka_partitions_paused{topic="alerts",group="g",reason="buffer"} 0',
    'kafka_partitions_paused{topic="alerts",group="g",reason="checkpoint"} 0',
    'kafka_partitions_paused{topic="alerts",group="g",reason="smtp"} 0',
    'kafka_partitions_paused{topic="alerts",group="g",reason="registry"} 0',
  ]);
  assert.deepEqual(await series("build_info"), [
    `build_info{version="1.2.3",revision="abc",node_version="${process.version}"} 1`,
  ]);
});

test("the service level has its bound", async () => {
  const { series, metrics } = world();
  metrics.windowMailed(9.5);
  metrics.windowMailed(10.5);
  assert.ok(
    (await series("window_end_to_mail_seconds_bucket")).includes('window_end_to_mail_seconds_bucket{le="10"} 1'),
  );
});

test("lag of a partition is counted in records and in seconds, never negative", async () => {
  const { series, current } = world();
  current.state = runtimeState({
    partitions: [
      partitionState(0, { oldestUnsettledEventTime: eventTime(58_500), behindOpenTransaction: 6 }),
      partitionState(1, {
        endOffset: 50,
        committedOffset: 60,
        position: 61,
        oldestUnsettledEventTime: eventTime(100_001),
      }),
    ],
  });
  const at = (name: string, number: number, value: number) =>
    `${name}{topic="alerts",group="g",partition="${number}"} ${value}`;
  const expected: Record<string, readonly [number, number]> = {
    kafka_consumer_lag_records: [40, 0],
    kafka_consumer_position_lag_records: [10, 0],
    kafka_consumer_lag_seconds: [41.5, 0],
    kafka_log_end_offset: [100, 50],
    kafka_records_behind_open_transaction: [6, 0],
    kafka_committed_offset: [60, 60],
  };
  for (const [name, [first, second]] of Object.entries(expected)) {
    assert.deepEqual(await series(name), [at(name, 0, first), at(name, 1, second)]);
  }
});

test("what is not known yet has no series rather than a wrong 0", async () => {
  const { series, current } = world();
  const unknown = {
    endOffset: undefined,
    committedOffset: undefined,
    position: undefined,
    behindOpenTransaction: undefined,
  };
  current.state = runtimeState({ partitions: [partitionState(3, unknown)] });
  const unseen = ["kafka_consumer_lag_records", "kafka_consumer_position_lag_records", "kafka_log_end_offset"];
  for (const name of [...unseen, "kafka_records_behind_open_transaction"]) {
    assert.deepEqual(await series(name), [], name);
  }
  assert.equal((await series("kafka_consumer_lag_seconds")).length, 1);
});

test("a partition's series come with it and vanish with it, the counter's too", async () => {
  const { series, current, metrics } = world();
  const perPartition = Object.entries<MetricSpec>(INVENTORY).filter(([, spec]) => spec.labels.includes("partition"));
  current.state = runtimeState({ partitions: [partitionState(0), partitionState(1)] });
  metrics.recordsConsumed(1, 5);
  for (const [name] of perPartition) assert.equal((await series(name)).length, 2, name);
  assert.deepEqual(await series("kafka_records_consumed_total"), [
    'kafka_records_consumed_total{topic="alerts",group="g",partition="1"} 5',
    'kafka_records_consumed_total{topic="alerts",group="g",partition="0"} 0',
  ]);
  current.state = runtimeState({ partitions: [partitionState(0)] });
  for (const [name] of perPartition) assert.equal((await series(name)).length, 1, name);
  current.state = runtimeState();
  for (const [name] of perPartition) assert.deepEqual(await series(name), [], name);
});

test("a partition that is held through a lost membership keeps its lag, its age grows, and it is not assigned", async () => {
  const { series, current } = world();
  const held = partitionState(0, { oldestUnsettledEventTime: eventTime(90_000), paused: ["buffer"], lastKnown: true });
  current.state = runtimeState({ partitions: [held] });
  const labels = '{topic="alerts",group="g",partition="0"}';
  assert.deepEqual(await series("kafka_consumer_lag_records"), [`kafka_consumer_lag_records${labels} 40`]);
  assert.deepEqual(await series("kafka_consumer_lag_seconds"), [`kafka_consumer_lag_seconds${labels} 10`]);
  current.now = wallTime(160_000);
  assert.deepEqual(await series("kafka_consumer_lag_seconds"), [`kafka_consumer_lag_seconds${labels} 70`]);
  assert.deepEqual(await series("kafka_partitions_assigned"), [
    'kafka_partitions_assigned{topic="alerts",group="g"} 0',
  ]);
  assert.ok((await series("kafka_partitions_paused")).every((line) => line.endsWith(" 0")));
});

test("what waits to be put on record and a report that is overdue are told in seconds, and 0 where there is no such thing", async () => {
  const { series, current } = world();
  const shown = async () => [
    await series("sent_records_oldest_waiting_seconds"),
    await series("report_overdue_seconds"),
  ];
  current.state = runtimeState({ oldestSentRecordMs: 61_500, reportOverdueMs: 3_600_000 });
  assert.deepEqual(await shown(), [["sent_records_oldest_waiting_seconds 61.5"], ["report_overdue_seconds 3600"]]);
  current.state = runtimeState({});
  assert.deepEqual(await shown(), [["sent_records_oldest_waiting_seconds 0"], ["report_overdue_seconds 0"]]);
});

test("the mail server is reachable, is not, or was not tried yet", async () => {
  const { series, current } = world();
  const [up, down] = [wallTime(1_000), wallTime(9_500)];
  const away = { phase: "login", reason: "auth", reply: "535 no", code: 535 } as const;
  for (const [server, shown] of [
    [undefined, []],
    [{ reachable: false, since: down, lastSuccessAt: undefined, failure: away }, ["smtp_reachable 0"]],
    [
      { reachable: true, since: up, lastSuccessAt: down, failure: undefined },
      ["smtp_reachable 1", "smtp_last_success_timestamp_seconds 9.5"],
    ],
    [
      { reachable: false, since: down, lastSuccessAt: down, failure: away },
      ["smtp_reachable 0", "smtp_last_success_timestamp_seconds 9.5"],
    ],
  ] as const) {
    const smtp = { ...runtimeState({}).smtp, ...(server && { server }) };
    current.state = runtimeState({ smtp });
    const both = [...(await series("smtp_reachable")), ...(await series("smtp_last_success_timestamp_seconds"))];
    assert.deepEqual(both, shown);
  }
});

test("a recipients database is up, down or not there", async () => {
  const { series, current, metrics } = world();
  for (const [up, shown] of [
    [true, ["recipients_database_up 1"]],
    [false, ["recipients_database_up 0"]],
    [undefined, []],
  ] as const) {
    current.state = runtimeState({
      ...(up === undefined ? {} : { recipientsDatabaseUp: up }),
      waitingForRecipients: 4,
    });
    assert.deepEqual(await series("recipients_database_up"), shown);
    assert.deepEqual(await series("mails_waiting_for_recipients"), ["mails_waiting_for_recipients 4"]);
  }
  metrics.recipientLookup("stale", 3);
  metrics.recipientFault("locale");
  assert.ok((await series("recipient_lookups_total")).includes('recipient_lookups_total{outcome="stale"} 3'));
  assert.ok((await series("recipient_faults_total")).includes('recipient_faults_total{reason="locale"} 1'));
});

test("gauges show the state at the moment of the scrape", async () => {
  const { series, current } = world();
  current.state = runtimeState({
    partitions: [partitionState(0, { paused: ["buffer", "smtp"] }), partitionState(1, { paused: ["buffer"] })],
    windowsOpen: 7,
    windowsPending: 2,
    bufferedAlerts: 30,
    bufferedBytes: 900,
    oldestPendingWindowEnd: eventTime(90_000),
    smtp: { busy: 3, idle: 1, max: 8, circuitOpen: true },
    lastPollAtMs: 99_500,
    lastCommitAtMs: 98_000,
  });
  const expected: Record<string, readonly string[]> = {
    windows_open: [" 7"],
    windows_pending: [" 2"],
    buffered_alerts: [" 30"],
    buffered_bytes: [" 900"],
    buffer_limit_bytes: [" 1024"],
    oldest_pending_window_age_seconds: [" 10"],
    smtp_connections: ['{state="busy"} 3', '{state="idle"} 1'],
    smtp_connections_max: [" 8"],
    smtp_circuit_open: [" 1"],
    kafka_last_poll_timestamp_seconds: ['{group="g"} 99.5'],
    kafka_last_commit_timestamp_seconds: ['{group="g"} 98'],
    kafka_topic_partitions: ['{topic="alerts",group="g"} 6'],
    kafka_partitions_assigned: ['{topic="alerts",group="g"} 2'],
    kafka_partitions_paused: ["buffer", "checkpoint", "smtp", "registry"].map(
      (reason, i) => `{topic="alerts",group="g",reason="${reason}"} ${[2, 0, 1, 0][i]}`,
    ),
    checkpoint_bytes: ['{partition="0"} 12', '{partition="1"} 12'],
  };
  for (const [name, values] of Object.entries(expected)) {
    assert.deepEqual(
      await series(name),
      values.map((value) => name + value),
    );
  }
  current.now = wallTime(89_000);
  assert.deepEqual(await series("oldest_pending_window_age_seconds"), ["oldest_pending_window_age_seconds 0"]);
});

test("who got most mails of the last minute is a number without a name", async () => {
  const { series, metrics } = world();
  assert.deepEqual(await series("busiest_recipient_mails"), ["busiest_recipient_mails 0"]);
  metrics.recipientsReached(["kim@example.com", "lee@example.com"]);
  metrics.recipientsReached(["lee@example.com"]);
  assert.deepEqual(await series("busiest_recipient_mails"), ["busiest_recipient_mails 2"]);
});

test("each event moves the metric it is named for", async () => {
  const { series, metrics } = world();
  metrics.alerts("late", 3);
  metrics.windowClosed("wall_clock", 2.1, 40);
  metrics.sendAttempt("deferred", 0.3);
  metrics.mailSettled("dead_lettered");
  metrics.windowMailed(3);
  metrics.alertMailed(20);
  metrics.mailRetried("timeout");
  metrics.recipientRefused("recipient-refused");
  metrics.deadLetter("decode", "not-json");
  metrics.alertsBySeverity("critical", 4);
  metrics.alertRepaired("timestamp");
  metrics.alertsDeadLettered("info", 5);
  metrics.commit("rejected", 0.01);
  metrics.rebalance();
  metrics.checkpointOverflow();
  metrics.sentRecords("dropped", 3);
  metrics.report("sent");
  const expected = [
    'alerts_total{outcome="late"} 3',
    'windows_closed_total{reason="wall_clock"} 1',
    "window_close_delay_seconds_sum 2.1",
    "window_alerts_sum 40",
    'mail_send_duration_seconds_count{outcome="deferred"} 1',
    'mails_total{outcome="dead_lettered"} 1',
    "window_end_to_mail_seconds_sum 3",
    "alert_to_mail_seconds_sum 20",
    'mail_retries_total{reason="timeout"} 1',
    'mail_recipients_refused_total{reason="recipient-refused"} 1',
    'dead_letters_total{stage="decode",reason="not-json"} 1',
    'alerts_by_severity_total{severity="critical"} 4',
    'alert_repairs_total{field="timestamp"} 1',
    'dead_lettered_alerts_total{severity="info"} 5',
    'kafka_commit_duration_seconds_count{outcome="rejected"} 1',
    'kafka_rebalances_total{group="g"} 1',
    "checkpoint_overflows_total 1",
    'sent_records_total{outcome="dropped"} 3',
    'reports_total{outcome="sent"} 1',
  ];
  for (const line of expected) {
    const name = /^\w+/.exec(line)?.[0] ?? "";
    assert.ok((await series(name)).includes(line), `${line} in ${await series(name)}`);
  }
});

test("a duration that a clock spoilt and a reason outside the closed set break nothing", async () => {
  const { series, metrics } = world();
  metrics.windowMailed(-5);
  metrics.alertMailed(Number.NaN);
  metrics.deadLetter("smtp", "device-17 said no");
  assert.deepEqual(await series("window_end_to_mail_seconds_sum"), ["window_end_to_mail_seconds_sum 0"]);
  assert.deepEqual(await series("alert_to_mail_seconds_sum"), ["alert_to_mail_seconds_sum 0"]);
  assert.ok((await series("dead_letters_total")).includes('dead_letters_total{stage="smtp",reason="other"} 1'));
});

test("a state that cannot be had costs the partitions' series, not the scrape", async () => {
  let broken = false;
  const state = (): RuntimeState => {
    if (broken) throw new Error("bug");
    return runtimeState({ partitions: [partitionState(0)] });
  };
  const { series, metrics } = world({ state });
  assert.equal((await series("kafka_consumer_lag_records")).length, 1);
  broken = true;
  metrics.mailSettled("accepted");
  assert.deepEqual(await series("kafka_consumer_lag_records"), []);
  assert.ok((await series("mails_total")).includes('mails_total{outcome="accepted"} 1'));
});

test("two apps in one process count for themselves", async () => {
  const [a, b] = [world(), world()];
  a.metrics.rebalance();
  assert.deepEqual(await a.series("kafka_rebalances_total"), ['kafka_rebalances_total{group="g"} 1']);
  assert.deepEqual(await b.series("kafka_rebalances_total"), ['kafka_rebalances_total{group="g"} 0']);
});

test("Node's own metrics are served, without the three that promtool refuses", async () => {
  const text = await world({ processMetrics: true }).render();
  assert.match(text, /^process_cpu_seconds_total /m);
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
  assert.doesNotMatch(text, /nodejs_active_(handles|requests|resources)_total/);
});

const MINUTE = 60_000;

test("it is the one with the most mails of the last whole minute, or of this one where it has more by now", () => {
  const busiest = new BusiestRecipient();
  assert.equal(busiest.mails(0), 0);
  busiest.note(["kim", "lee"], 10 * MINUTE);
  busiest.note(["kim"], 10 * MINUTE + 59_999);
  assert.equal(busiest.mails(10 * MINUTE + 59_999), 2);
  busiest.note(["lee"], 11 * MINUTE);
  assert.equal(busiest.mails(11 * MINUTE), 2, "the minute before");
  for (let mail = 0; mail < 3; mail++) busiest.note(["lee"], 11 * MINUTE + 1);
  assert.equal(busiest.mails(11 * MINUTE + 1), 4);
  assert.equal(busiest.mails(12 * MINUTE), 4);
  assert.equal(busiest.mails(13 * MINUTE), 0);
});

test("after a silence, and after a clock that was set back, what was before does not count", () => {
  const busiest = new BusiestRecipient();
  busiest.note(["kim", "kim"], 10 * MINUTE);
  assert.equal(busiest.mails(12 * MINUTE), 0);
  busiest.note(["kim"], 5 * MINUTE);
  assert.equal(busiest.mails(5 * MINUTE), 1);
});

test("it remembers ten thousand addresses, and those go on counting", () => {
  const busiest = new BusiestRecipient();
  busiest.note(
    Array.from({ length: 10_000 }, (_, index) => `${index}`),
    0,
  );
  for (let mail = 0; mail < 5; mail++) busiest.note(["one more", "7"], 0);
  assert.equal(busiest.mails(0), 6, "7 has six, one more none");
});
