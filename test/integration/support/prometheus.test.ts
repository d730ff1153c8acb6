import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { scrapeConfig, startPrometheus } from "#test/support/prometheus.js";

const RULES = `groups:
  - name: example
    rules:
      - alert: Hot
        expr: temperature_celsius > 30
        labels: { severity: page }
`;

test("a real Prometheus scrapes, answers queries, evaluates rules, and leaves nothing behind", async (t) => {
  const page = createServer((_, response) =>
    response.end("# TYPE temperature_celsius gauge\ntemperature_celsius 40\n"),
  );
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
  t.after(() => void page.close().closeAllConnections());
  const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
  const config = scrapeConfig([{ url }], { ruleFiles: ["rules.yml"] });
  const prometheus = await startPrometheus({ config, files: { "rules.yml": RULES } });
  t.after(() => prometheus.close());

  const [series] = await prometheus.waitFor("temperature_celsius");
  assert.equal(series?.value, 40);
  assert.equal(series?.labels["job"], "alert-digest");
  assert.deepEqual(await prometheus.query("scalar(vector(1)) / 0"), [{ labels: {}, value: Number.POSITIVE_INFINITY }]);
  await assert.rejects(prometheus.query("temperature_celsius +"), /parse error/);
  const firing = await eventually("the rule fires", async () =>
    (await prometheus.alerts()).find(({ name, state }) => name === "Hot" && state === "firing"),
  );
  assert.equal(firing.labels["severity"], "page");
  const now = Date.now() / 1_000;
  assert.ok((await prometheus.queryRange("temperature_celsius", { start: now - 5, end: now, step: 1 })).length > 0);

  await prometheus.close();
  assert.equal(existsSync(prometheus.directory), false);
  await assert.rejects(get(`${prometheus.url}/-/ready`));
});

test("a configuration that Prometheus refuses is told with its own words", async () => {
  await assert.rejects(startPrometheus({ config: { global: { scrape_interval: "soon" } } }), /soon/);
});
