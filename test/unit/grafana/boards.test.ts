/** The boards in `grafana/dashboards`: those of the code, valid, linted, and of metrics that exist. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { parse } from "yaml";
import { wallTime } from "#src/core/time.js";
import { INVENTORY } from "#src/metrics/inventory.js";
import { type MetricSpec, PREFIX } from "#src/metrics/metric-spec.js";
import { createMetrics } from "#src/metrics.js";
import { BOARDS_FOLDER, boards, boardText } from "#tools/boards/boards.js";
import { expressionsOf, panelsOf, targetsOf } from "#tools/boards/checks/expressions.js";
import { interpolate } from "#tools/boards/checks/interpolate.js";
import { lint } from "#tools/boards/checks/lint.js";
import { usesOf } from "#tools/boards/checks/metric-uses.js";
import { schemaCheck, schemaFile } from "#tools/boards/checks/schema.js";
import { ALERTS, RUNBOOKS_URL, runbookUrl } from "#tools/boards/kit/runbooks.js";

const root = new URL("../../../", import.meta.url);
const files = readdirSync(BOARDS_FOLDER).sort();
const read = (file: string): Dashboard => JSON.parse(readFileSync(new URL(file, BOARDS_FOLDER), "utf8"));
const all = files.map(read);
const ANY = { job: "x", topic: "x", group: "x", datasource: "x" };

/** Each breaks a good board; the check must say so in words like these. */
type Breakages = Readonly<Record<string, (board: Dashboard, panel: Panel) => void>>;

const assertEachIsSeen = (check: (board: Dashboard) => readonly string[], breakages: Breakages): void => {
  for (const [expected, breakIt] of Object.entries(breakages)) {
    const board = read("kafka.json");
    const [first] = panelsOf(board);
    assert.ok(first);
    breakIt(board, first);
    const problems = check(board);
    assert.ok(
      problems.some((problem) => problem.includes(expected)),
      `"${expected}" is not among: ${problems.join("; ")}`,
    );
  }
};

const setExpr = (panel: Panel, expr: string): void => {
  const [target] = targetsOf(panel);
  assert.ok(target);
  target.expr = expr;
};

test("the files are what the code gives: `npm run boards` writes them anew", () => {
  const built = boards();
  assert.deepEqual(files, [...built.keys()].sort());
  for (const [file, board] of built) {
    const isFresh = readFileSync(new URL(file, BOARDS_FOLDER), "utf8") === boardText(board);
    assert.ok(isFresh, `${file} is stale: run npm run boards`);
  }
});

test("uids and the titles that people look for are stable", () => {
  assert.deepEqual(Object.fromEntries(all.map(({ uid, title }) => [uid, title])), {
    "alert-digest-overview": "alert-digest: Overview",
    "alert-digest-kafka": "alert-digest: Kafka",
    "alert-digest-mail": "alert-digest: Mail and windows",
    "alert-digest-runtime": "alert-digest: Runtime",
  });
});

test("the boards fit the JSON Schema of the Grafana SDK's types", () => {
  const check = schemaCheck();
  for (const board of all) assert.deepEqual(check(board), []);
});

test("the schema is that of the SDK in use", () => {
  const { version } = JSON.parse(
    readFileSync(new URL("node_modules/@grafana/grafana-foundation-sdk/package.json", root), "utf8"),
  );
  assert.equal(schemaFile().sdk, version, "run node tools/boards/schema/generate.mjs");
});

test("the schema refuses wrong enums, misspelt options and wrong shapes", () => {
  assertEachIsSeen(schemaCheck(), {
    '"additionalProperty":"legnd"': (_, panel) => Object.assign(panel.options, { legnd: {} }),
    "legend/displayMode: must be equal to one of the allowed values": (_, panel) => {
      panel.options.legend.displayMode = "tables";
    },
    "drawStyle: must be equal": (_, panel) => {
      if (panel.fieldConfig) panel.fieldConfig.defaults.custom.drawStyle = "lines";
    },
    '"additionalProperty":"expresion"': (_, panel) => Object.assign(targetsOf(panel)[0] ?? {}, { expresion: "1" }),
    "graphTooltip: must be": (board) => Object.assign(board, { graphTooltip: "crosshair" }),
    "there is no schema graph.Options": (_, panel) => Object.assign(panel, { type: "graph" }),
  });
});

test("the boards keep this project's rules: grid, ids, units, descriptions, datasource, ranges, lag", () => {
  for (const board of all) assert.deepEqual(lint(board), []);
});

test("the lint sees each rule broken", () => {
  assertEachIsSeen(lint, {
    "lies on": (_, panel) => Object.assign(panel.gridPos ?? {}, { w: 13 }),
    "beyond the grid's 24 columns": (_, panel) => Object.assign(panel.gridPos ?? {}, { w: 25 }),
    "cells of the grid are empty": (_, panel) => Object.assign(panel.gridPos ?? {}, { w: 11 }),
    "two panels have one id": (_, panel) => Object.assign(panel, { id: 2 }),
    "refIds are missing": (_, panel) => Object.assign(targetsOf(panel)[0] ?? {}, { refId: "" }),
    "no unit that Grafana knows": (_, panel) => Object.assign(panel.fieldConfig?.defaults ?? {}, { unit: "sec" }),
    "no description": (_, panel) => Object.assign(panel, { description: "Lag" }),
    "a datasource is fixed": (_, panel) => Object.assign(panel, { datasource: { uid: "prometheus" } }),
    "a query has no legend": (_, panel) => Object.assign(targetsOf(panel)[0] ?? {}, { legendFormat: "" }),
    "no shared crosshair": (board) => Object.assign(board, { graphTooltip: 0 }),
    "other than $__rate_interval": (_, panel) =>
      setExpr(panel, 'sum(rate(alert_digest_windows_closed_total{job=~"$job"}[5m]))'),
    "is not the most of its instances": (_, panel) =>
      setExpr(panel, 'sum(alert_digest_kafka_consumer_lag_records{job=~"$job"})'),
    "asked without $job": (_, panel) => setExpr(panel, "alert_digest_windows_open"),
  });
});

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
const RULES = new URL("grafana/prometheus/rules/", root);
const rules = (): readonly Rule[] =>
  readdirSync(RULES).flatMap((file) => {
    const { groups } = parse(readFileSync(new URL(file, RULES), "utf8")) as { groups: { rules: Rule[] }[] };
    return groups.flatMap((group) => group.rules);
  });

test("the alerts whose runbooks the boards link to are those of the rules, and carry the label that the boards ask for", () => {
  const alerts = rules().filter(({ alert }) => alert !== undefined);
  assert.deepEqual([...new Set(alerts.map(({ alert }) => alert))].sort(), ALERTS);
  for (const { alert, labels } of alerts) assert.equal(labels?.["service"], "alert-digest", alert);
  const linked = all.flatMap((board) => panelsOf(board).flatMap(({ links = [] }) => links.map(({ url }) => url)));
  for (const alert of ALERTS)
    assert.ok(linked.includes(runbookUrl(alert)), `no panel leads to the runbook of ${alert}`);
});

test("each runbook that is linked exists, in the folder that Grafana serves them from", () => {
  const compose = parse(readFileSync(new URL("docker-compose.yml", root), "utf8"));
  const mount = `./docs/runbooks:/usr/share/grafana${RUNBOOKS_URL}:ro`;
  assert.ok(compose.services.grafana.volumes.includes(mount), mount);
  const urls = new Set(JSON.stringify(all).match(new RegExp(`${RUNBOOKS_URL}/\\w+\\.md`, "g")));
  assert.ok(urls.size > ALERTS.length);
  for (const url of urls) {
    assert.ok(existsSync(new URL(`docs/runbooks/${url.slice(RUNBOOKS_URL.length + 1)}`, root)), url);
  }
});

/** Name → type and labels, of everything a board may ask for. */
const known = async (): Promise<ReadonlyMap<string, { readonly type: string; readonly labels: readonly string[] }>> => {
  const metrics = new Map<string, { type: string; labels: readonly string[] }>();
  const add = (name: string, type: string, labels: readonly string[]): void => {
    metrics.set(name, { type, labels });
    if (type !== "histogram") return;
    metrics.set(`${name}_bucket`, { type: "counter", labels: [...labels, "le"] });
    for (const suffix of ["_sum", "_count"]) metrics.set(name + suffix, { type: "counter", labels });
  };
  for (const [name, { type, labels }] of Object.entries<MetricSpec>(INVENTORY)) add(PREFIX + name, type, labels);
  const page = createMetrics({
    topic: "alerts",
    group: "g",
    build: { version: "1", revision: "a" },
    limits: { bufferBytes: 1, smtpConnections: 1 },
    state: () => undefined,
    now: () => wallTime(0),
  });
  for (const [, name = "", type = ""] of (await page.render()).matchAll(/^# TYPE ((?:process|nodejs)_\w+) (\w+)$/gm)) {
    add(name, type, ["kind"]);
  }
  add("up", "gauge", []);
  for (const { record } of rules()) if (record !== undefined) add(record, "gauge", []);
  for (const name of ["ALERTS", "ALERTS_FOR_STATE"]) add(name, "gauge", ["alertname", "alertstate", "service"]);
  return metrics;
};

test("every metric in an expression exists, has the labels it is asked by, and is rated only if it is a counter", async () => {
  const metrics = await known();
  const asked = new Set<string>();
  for (const board of all) {
    for (const { where, expr } of expressionsOf(board)) {
      const { metrics: used, grouping } = usesOf(interpolate(expr, ANY));
      const labels = new Set(["job", "instance", "alertname"]);
      for (const use of used) {
        const spec = metrics.get(use.name);
        assert.ok(spec && spec.type !== "histogram", `${where}: ${use.name} does not exist`);
        asked.add(use.name.replace(/_(bucket|sum|count)$/, ""));
        for (const label of spec.labels) labels.add(label);
        for (const label of use.labels) {
          assert.ok(["job", ...spec.labels].includes(label), `${where}: ${use.name} has no label ${label}`);
        }
        const rated = use.within.some((name) => name === "rate" || name === "increase");
        assert.equal(rated, spec.type === "counter", `${where}: ${use.name} is a ${spec.type}`);
      }
      for (const label of grouping) assert.ok(labels.has(label), `${where}: nothing has the label ${label}`);
    }
  }
  const unseen = Object.keys(INVENTORY).filter((name) => !asked.has(PREFIX + name));
  assert.deepEqual(unseen, [], "metrics that no board shows");
});

test("what is no PromQL and which metrics are rated is seen in an expression", () => {
  assert.throws(() => usesOf("sum(rate(a_total[1m])"), /no PromQL/);
  assert.deepEqual(usesOf('sum by (x) (rate(a_total{l="1"}[1m])) / on (y) max(b)'), {
    metrics: [
      { name: "a_total", labels: ["l"], within: ["rate", "sum"] },
      { name: "b", labels: [], within: ["max"] },
    ],
    grouping: ["x", "y"],
    ranges: ["1m"],
  });
});
