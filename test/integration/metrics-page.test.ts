/** The page of a real product, as Prometheus' own tool and the inventory see it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { INVENTORY } from "#src/metrics/inventory.js";
import { PREFIX } from "#src/metrics/metric-spec.js";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine } from "#test/support/line.js";
import type { MetricsPage } from "#test/support/metrics-page.js";
import { findPrometheusTools } from "#test/support/prometheus-tools.js";

const DEVICES = 10_000;
const HOSTILE = [
  '"} 1\n# TYPE x gauge',
  "\\",
  "김철수의 보일러",
  "👩‍👩‍👧‍👦".repeat(20),
  "\u202e\u2028\u0007",
  "가".repeat(256),
];

const seriesOf = (page: MetricsPage): string[] =>
  page.samples
    .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)
    .filter((series) => series.startsWith(PREFIX));

test("10,000 devices of any name, mailed, waiting and refused, add no series; promtool finds no fault; the names are the inventory's", async (t) => {
  const line = await startLine(t, { partitions: 2, env: { SMTP_RETRY_BUDGET: "1s" } });
  const { promtool } = await findPrometheusTools();
  const product = await line.start();
  await line.produce([{ device: "the first of 0", at: pastWindow(3), partition: 0 }]);
  await line.produce([{ device: "the first of 1", at: pastWindow(3), partition: 1 }]);
  await line.allMailed();
  await line.allCommitted();
  const before = seriesOf(await product.metrics());

  line.smtp.behave({
    onRcpt: (_, { connection }) => (connection % 2 === 0 ? { code: 550, text: "5.1.1 unknown" } : undefined),
    onMessage: () => "stall",
  });
  const names = Array.from({ length: DEVICES }, (_, i) => HOSTILE[i] ?? `device-${i}`);
  await line.produce(names.map((device) => ({ device, at: pastWindow(2) })));
  // 300 characters are no device ID: a dead letter, and its reason is the only thing a metric says.
  await line.produceRaw([{ key: "x".repeat(300), value: { deviceId: "x".repeat(300), message: "m" } }]);
  const page = await eventually("their windows are closed, the one that is none is a dead letter", async () => {
    const page = await product.metrics();
    const closed = page.value("windows_closed_total") ?? 0;
    const invalid = page.value("dead_letters_total", { stage: "decode", reason: "not-an-alert" });
    return closed === DEVICES + 2 && invalid === 1 && page;
  });
  assert.deepEqual(seriesOf(page), before);
  assert.doesNotMatch(page.text, /device-\d|보일러|example\.com/);

  const check = spawnSync(promtool, ["check", "metrics"], { input: page.text, encoding: "utf8" });
  assert.deepEqual([check.status, check.stdout, check.stderr], [0, "", ""]);

  const types = [...page.text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type]) => `${name} ${type}`);
  const ours = types.filter((type) => type.startsWith(PREFIX));
  assert.deepEqual(
    ours,
    Object.entries(INVENTORY).map(([name, { type }]) => `${PREFIX}${name} ${type}`),
  );
  for (const type of types) assert.match(type, /^(alert_digest|process|nodejs)_/);
});
