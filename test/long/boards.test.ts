/**
 * The boards against a real Prometheus that scrapes two real instances, after each path was driven: every panel, variable and
 * annotation has data, and the first panel of the overview says what was done to the system.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import { startPostgres } from "#test/support/postgres.js";
import { type Prometheus, type PromRange, scrapeConfig, startPrometheus } from "#test/support/prometheus.js";
import type { SmtpAction } from "#test/support/smtp-server.js";
import { boards } from "#tools/boards/boards.js";
import { type BoardExpression, expressionsOf } from "#tools/boards/checks/expressions.js";
import { interpolate, type Values } from "#tools/boards/checks/interpolate.js";
import { VERDICT, VERDICT_TEXTS } from "#tools/boards/verdict.js";

const PARTITIONS = 4;
const BUFFER_MAX_ALERTS = 200;
const RULES = new URL("../../grafana/prometheus/rules/", import.meta.url);

/** What the test does to the system, as the metrics tell it. */
const PATHS = [
  ...["accepted", "refused", "deferred", "unreachable", "ambiguous"].map(
    (outcome) => `mail_send_duration_seconds_count{outcome="${outcome}"}`,
  ),
  ...["accepted", "dead_lettered"].map((outcome) => `mails_total{outcome="${outcome}"}`),
  ...["windowed", "late", "invalid", "tombstone"].map((outcome) => `alerts_total{outcome="${outcome}"}`),
  ...["decode", "smtp"].map((stage) => `dead_letters_total{stage="${stage}"}`),
  ...["stream_time", "wall_clock"].map((reason) => `windows_closed_total{reason="${reason}"}`),
  ...["buffer", "smtp"].map((reason) => `kafka_partitions_paused{reason="${reason}"}`),
  'kafka_commit_duration_seconds_count{outcome="committed"}',
  "kafka_rebalances_total",
  "kafka_records_without_key_total",
  "mail_recipients_refused_total",
  "smtp_circuit_open",
];

/** What nothing here does: thousands of settled mails above one that is stuck. Their panels show zeros. */
const ALL_ZERO = new Set([
  "Checkpoints that were cut",
  // Nor does the broker have a quota, an open transaction or a short retention.
  "Held back by quotas",
  "Slow batches",
  "Behind an open transaction",
  "Deleted before they were read",
  // Nor are there storms, reports, templates, routes, mappings or rows with mistakes.
  "Devices in one mail",
  "Daily report overdue",
  "Daily reports, and mails about dead letters",
  "Templates that failed",
  "Routes and mapping by instance",
  "Changes of routes and mapping",
  "Faulty recipients",
  // No record names a schema.
  "Questions to the schema registry",
  "Waiting for a schema",
  "Known schemas",
  // The database answers faster than Prometheus looks.
  "Mails waiting for recipients",
  // Nobody's mailbox is deferred for as long as Prometheus needs to look.
  "Recipients that wait",
  // The topic takes records likewise.
  "Oldest sent mail that is not on record",
]);

const startAll = async (t: TestContext) => {
  const postgres = await startPostgres();
  t.after(() => postgres.close());
  const database = await postgres.createDatabase();
  const line = await startLine(t, {
    partitions: PARTITIONS,
    env: {
      BUFFER_MAX_ALERTS: String(BUFFER_MAX_ALERTS),
      RECIPIENTS_DATABASE_URL: postgres.url({ database }),
      KAFKA_SENT_TOPIC: `boards-${randomUUID()}.sent`,
      MAIL_CSV: "always",
    },
  });
  // A backlog, so that windows are closed by the time in the records too.
  for (const ago of [8, 6, 4]) await line.produce([{ device: "backlog", partition: 0, at: pastWindow(ago) }]);
  const products = await Promise.all([line.start(), line.start()]);
  const ruleFiles = readdirSync(RULES);
  const files = Object.fromEntries(ruleFiles.map((name) => [name, readFileSync(new URL(name, RULES), "utf8")]));
  const prometheus = await startPrometheus({ config: scrapeConfig(products, { ruleFiles }), files });
  t.after(() => prometheus.close());
  const values: Values = { job: "alert-digest", topic: line.topic, group: line.group, datasource: "prometheus" };
  const waitForVerdict = async (text: RegExp): Promise<void> => {
    const textNow = async () => {
      const [now] = await prometheus.query(interpolate(VERDICT, values));
      return VERDICT_TEXTS[now?.value ?? -1]?.text ?? "no verdict";
    };
    let seen = "";
    await eventually(
      `the overview says ${text}`,
      async () => {
        seen = await textNow();
        return text.test(seen);
      },
      { seen: () => seen },
    );
  };
  return { line, products, prometheus, values, waitForVerdict };
};

/** Mails of some devices end in what the device's name says; deferred and ambiguous ones the first time only. */
const misbehave = (line: Line): void => {
  const seen = new Set<string>();
  const isFirst = (device: string): boolean => !seen.has(device) && seen.add(device) !== undefined;
  line.smtp.behave({
    onMessage: async (message): Promise<SmtpAction> => {
      const device = (await message.header("X-Alert-Digest-Device")) ?? "";
      if (device === "refused") return { code: 554, text: "5.7.1 not wanted here" };
      if (device === "deferred" && isFirst(device)) return { code: 451, text: "4.2.0 greylisted" };
      if (device === "ambiguous" && isFirst(device)) return "record-and-drop";
      return undefined;
    },
  });
};

/** Two alerts of each device, a window apart, spread over all partitions. */
const produceSome = (line: Line, devices: number) =>
  line.produce(
    Array.from({ length: 2 * devices }, (_, n) => ({
      device: `device-${n % devices}`,
      partition: (n % devices) % PARTITIONS,
      at: Date.now() - (n < devices ? WINDOW_MS : 0),
    })),
  );

test("every panel, variable and annotation has data once each path was driven, and the verdict tells where alerts wait", async (t) => {
  const { line, products, prometheus, values, waitForVerdict } = await startAll(t);
  const start = Date.now() / 1_000;
  await prometheus.waitFor(
    `count(up == 1) == 2 and on () sum(alert_digest_kafka_partitions_assigned) == ${PARTITIONS}`,
  );

  await produceSome(line, 12);
  await line.allMailed();
  await waitForVerdict(/^YES: every alert/);
  // A window is open for two seconds, and Prometheus looks once in a second: on a busy machine it can miss one.
  await eventually("Prometheus saw an open window", async () => {
    await produceSome(line, 1);
    return (await prometheus.query("sum(alert_digest_windows_open) > 0")).length > 0;
  });

  misbehave(line);
  await line.produce(["refused", "deferred", "ambiguous"].map((device) => ({ device })));
  await line.produce([{ device: "late", at: pastWindow(5) }]);
  await line.produceRaw([
    { key: "boiler", value: "{ not JSON" },
    { key: "boiler", value: null },
    { key: null, value: { deviceId: "keyless", message: "hot" } },
  ]);
  await line.waitForDeadLetters(2);
  for (const outcome of ["deferred", "ambiguous"]) {
    await prometheus.waitFor(`sum(alert_digest_mail_send_duration_seconds_count{outcome="${outcome}"}) > 0`);
  }
  line.smtp.behave({ onRcpt: () => ({ code: 550, text: "5.1.1 no such user" }) });
  await line.produce([{ device: "nobody" }]);
  await line.waitForDeadLetters(3);
  line.smtp.behave({ onRcpt: undefined });
  await waitForVerdict(/dead letters/);

  await line.smtp.stop();
  // First what waits for a mail, at least half of what is in memory; then what fills it.
  await produceSome(line, BUFFER_MAX_ALERTS * 0.75);
  await prometheus.waitFor(`min(alert_digest_windows_pending) >= ${BUFFER_MAX_ALERTS / 4}`);
  await waitForVerdict(/SMTP server is unreachable/);
  await produceSome(line, BUFFER_MAX_ALERTS / 2);
  await prometheus.waitFor('min(alert_digest_kafka_partitions_paused{reason="smtp"}) > 0');
  await produceSome(line, 12);
  await prometheus.waitFor("sum(alert_digest_kafka_consumer_position_lag_records) > 0");
  await line.smtp.start();
  await line.allCommitted();
  await waitForVerdict(/dead letters|came late/);

  const [first, second] = products;
  assert.equal(await second.stop(), 0);
  await eventually("the other has all partitions", async () => {
    return (await first.metrics()).value("kafka_partitions_assigned") === PARTITIONS;
  });
  await prometheus.waitFor("count(up == 0) == 1 and on () sum(increase(alert_digest_kafka_rebalances_total[1m])) > 0");
  // Steps that end now: what was waited for last is among them.
  const end = Date.now() / 1_000;
  const range = { start: end - Math.floor(end - start), end, step: 1 };

  await t.test("each path was driven", async () => {
    const untaken: string[] = [];
    for (const path of PATHS) {
      const series = await prometheus.queryRange(`alert_digest_${path} > 0`, range);
      if (series.length === 0) untaken.push(path);
    }
    assert.deepEqual(untaken, []);
  });

  for (const [file, board] of boards()) {
    await t.test(`${file}: no expression fails or is empty, and each legend has its labels`, async () => {
      const lively = new Map<string, boolean>();
      for (const expression of expressionsOf(board)) {
        const series = await prometheus.queryRange(interpolate(expression.expr, values), range);
        assertHasData(expression, series);
        const title = expression.panel?.title;
        if (title !== undefined) lively.set(title, (lively.get(title) ?? false) || series.some(isNeverOnlyZero));
      }
      const still = [...lively].flatMap(([title, isLively]) => (isLively || ALL_ZERO.has(title) ? [] : [title]));
      assert.deepEqual(still, [], "panels that show nothing but zeros");
    });

    await t.test(`${file}: the variables have exactly the values there are`, async () => {
      const found: Record<string, readonly string[]> = {};
      for (const variable of board.templating.list ?? []) {
        if (variable.type === "query") found[variable.name] = await valuesOf(prometheus, variable, values);
      }
      assert.deepEqual(found, { job: ["alert-digest"], topic: [line.topic], group: [line.group] });
    });
  }

  assert.equal(await first.stop(), 0);
  await waitForVerdict(/no instance answers/);
});

const isNeverOnlyZero = ({ points }: PromRange): boolean =>
  points.some(([, value]) => Number.isFinite(value) && value !== 0);

const assertHasData = ({ where, legend, of }: BoardExpression, series: readonly PromRange[]): void => {
  const points = series.flatMap((one) => one.points.filter(([, value]) => Number.isFinite(value)));
  assert.ok(points.length > 0, `${where}: no data`);
  if (of === "annotation")
    assert.ok(
      points.every(([, value]) => value > 0),
      `${where}: a point where nothing happened`,
    );
  const labels = [...(legend ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
  for (const label of labels) {
    assert.ok(
      series.some((one) => one.labels[label] !== undefined),
      `${where}: no series has the label ${label} of its legend`,
    );
  }
};

/** As Grafana asks for `label_values(series, label)`. */
const valuesOf = async (
  prometheus: Prometheus,
  { query }: VariableModel,
  values: Values,
): Promise<readonly string[]> => {
  const text = typeof query === "string" ? query : String(query?.["query"]);
  const [, series = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
  const found = await prometheus.api(`label/${label}/values`, { "match[]": interpolate(series, values) });
  return found as readonly string[];
};
