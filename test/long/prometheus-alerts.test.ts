/**
 * The alerting rules in a real Prometheus that scrapes two real instances. The expressions are those of the rule files; only their
 * durations are shortened, to a thirtieth: what fires after two minutes fires after four seconds.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";
import { type PromAlert, scrapeConfig, startPrometheus } from "#test/support/prometheus.js";
import { findPrometheusTools } from "#test/support/prometheus-tools.js";
import { shortenRules } from "#test/support/shorten-rules.js";

const FACTOR = 30;
const RULE_FILES = ["recording.yml", "alerts.yml"];
const ruleFile = (name: string): Promise<string> =>
  readFile(new URL(`../../grafana/prometheus/rules/${name}`, import.meta.url), "utf8");

const exitOfPromtool = async (args: readonly string[], input: string): Promise<{ code: number; output: string }> => {
  const child = spawn((await findPrometheusTools()).promtool, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, output };
};

test("a dead letter, an SMTP server that stops, an instance that is gone: each fires its alert, and the mail server's return ends it", async (t) => {
  const line = await startLine(t, { partitions: 4 });
  const [first, second] = await Promise.all([line.start(), line.start()]);
  const files = Object.fromEntries(
    await Promise.all(RULE_FILES.map(async (name) => [name, shortenRules(await ruleFile(name), FACTOR)])),
  );
  const config = scrapeConfig([first, second], { ruleFiles: RULE_FILES });
  const prometheus = await startPrometheus({ config, files });
  t.after(() => prometheus.close());

  const firing = async (): Promise<readonly PromAlert[]> =>
    (await prometheus.alerts()).filter(({ state }) => state === "firing");
  const fires = (name: string, labels: Readonly<Record<string, string>> = {}): Promise<PromAlert> =>
    eventually(`${name} fires`, async () =>
      (await firing()).find(
        (alert) => alert.name === name && Object.entries(labels).every(([label, is]) => alert.labels[label] === is),
      ),
    );
  const ends = (name: string): Promise<boolean> =>
    eventually(`${name} ends`, async () => !(await prometheus.alerts()).some((alert) => alert.name === name));

  await t.test("two instances that have nothing to do: no page", async () => {
    await prometheus.waitFor(
      "sum(alert_digest_kafka_partitions_assigned) == 4 and count(up == 1) == 2",
      (series) => series.length === 1,
    );
    // Before the first scrape nothing was known, which is Down.
    await eventually("nothing fires", async () => (await prometheus.alerts()).length === 0);
  });

  await t.test("promtool has nothing to say against the page", async () => {
    const { text } = await first.metrics();
    assert.deepEqual(await exitOfPromtool(["check", "metrics"], text), { code: 0, output: "" });
  });

  await t.test("a dead letter fires DeadLetters with its stage and reason", async () => {
    await line.produceRaw([{ key: "boiler", value: "{ not JSON" }]);
    const { labels, annotations } = await fires("DeadLetters");
    assert.deepEqual([labels["stage"], labels["reason"], labels["severity"]], ["decode", "not-json", "ticket"]);
    assert.equal(annotations["runbook_url"], "docs/runbooks/DeadLetters.md");
  });

  await t.test("an SMTP server that stops fires WindowStuck, and its return ends it", async () => {
    await line.smtp.stop();
    await line.produce([{ device: "boiler" }]);
    const { labels, annotations } = await fires("WindowStuck");
    const instances = [first, second].map(({ url }) => url.replace("http://", ""));
    assert.ok(instances.includes(labels["instance"] ?? ""), JSON.stringify(labels));
    assert.match(annotations["summary"] ?? "", /has waited \S+s for its mail/);
    await line.smtp.start();
    await line.allMailed();
    await ends("WindowStuck");
  });

  await t.test(
    "an instance that is gone fires Down for it and PartitionUnowned until the other has its partitions",
    async () => {
      await second.kill();
      // A busy machine's other instance may answer a scrape too late as well.
      const gone = { instance: second.url.replace("http://", "") };
      const [down, unowned] = await Promise.all([fires("Down", gone), fires("PartitionUnowned")]);
      assert.equal(down.labels["severity"], "ticket");
      assert.deepEqual([unowned.labels["topic"], unowned.labels["severity"]], [line.topic, "page"]);
      await ends("PartitionUnowned");
    },
  );
});
