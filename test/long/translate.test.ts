/** `alert-digest translate`: records of any key become alerts keyed by device, exactly once for a reader of committed records. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { startKafka } from "#test/support/kafka.js";
import { runCli } from "#test/support/run-cli.js";
import { startTranslation, type TranslatedRecord, type TranslationLine } from "#test/support/translation-line.js";

const DEVICES = 7;

/** By it `run` knows an alert that has its own form. */
const FORM = { "alert-digest.form": "alert" };

const alertOf = (device: string, n: number) => ({ deviceId: device, message: `#${n}` });

/** Alerts of several devices, without a key; each device's in order within a partition. */
const send = async (here: TranslationLine, from: number, to: number, partitions: number): Promise<void> => {
  for (let partition = 0; partition < partitions; partition++) {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at).filter((n) => n % partitions === partition);
    await here.send(
      partition,
      numbers.map((n) => ({ key: null, value: alertOf(`p${partition}-${n % DEVICES}`, n), timestamp: Date.now() })),
    );
  }
};

const numberOf = ({ value }: Pick<TranslatedRecord, "value">): number =>
  Number((JSON.parse(value).message as string).slice(1));

/** Each record of the input is one alert, and a device's alerts are in the order of its records. `count`: numbers from 0 that were sent, each at least once. */
const assertExactlyOnce = (alerts: readonly TranslatedRecord[], count: number): void => {
  const sent = new Set(alerts.map(numberOf));
  assert.equal(sent.size, count);
  assert.equal(Math.max(...sent), count - 1);
  const [seen, last] = [new Map<string, string>(), new Map<string, number>()];
  for (const alert of alerts) {
    const source = alert.headers["alert-digest.source"] ?? "";
    const at = `${alert.partition}/${alert.offset}`;
    assert.equal(seen.get(source), undefined, `#${numberOf(alert)} of ${source} is at ${at} again`);
    seen.set(source, at);
    const [device, offset] = [alert.key ?? "", Number(source.split("/").at(-1))];
    assert.ok((last.get(device) ?? -1) < offset, `${device}: ${source} after offset ${last.get(device)}`);
    last.set(device, offset);
  }
};

const mappingFile = async (t: TestContext, mapping: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "mapping-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "mapping.yaml");
  await writeFile(path, `version: 1\n${mapping}\n`);
  return path;
};

// They mostly wait.
describe("translate", { concurrency: 3 }, () => {
  test("records without a key, or with a gateway's, become alerts keyed by device, with their own timestamps and trace", async (t) => {
    const here = await startTranslation(t);
    const at = Date.now() - 60_000;
    await here.send(0, [
      { key: null, value: alertOf("d1", 0), timestamp: at, headers: { traceparent: "00-aa-bb-01", other: "x" } },
      { key: null, value: alertOf("d2", 1), timestamp: at + 1 },
      { key: null, value: null, timestamp: at + 2 },
    ]);
    const product = await here.start();
    const alerts = await here.waitForAlerts(2);
    const byDevice = alerts.toSorted((a, b) => String(a.key).localeCompare(String(b.key)));
    assert.deepEqual(
      byDevice.map(({ key, timestampMs, value, headers }) => [key, timestampMs, numberOf({ value }), headers]),
      [
        ["d1", at, 0, { traceparent: "00-aa-bb-01", ...FORM, "alert-digest.source": `${here.from}/0/0` }],
        ["d2", at + 1, 1, { ...FORM, "alert-digest.source": `${here.from}/0/1` }],
      ],
    );
    await here.allCommitted();
    const page = await product.metrics();
    assert.equal(page.value("translated_total", { topic: here.from, outcome: "alert" }), 2);
    assert.equal(page.value("translated_total", { topic: here.from, outcome: "ignored" }), 1);
    assert.equal(page.value("kafka_consumer_lag_records", { topic: here.from }), 0);
    assert.equal((await get(`${product.url}/livez`)).status, 200);
    assert.equal(await product.stop(), 0);
  });

  test("run mails what translate wrote, each alert once", async (t) => {
    const here = await startTranslation(t, { partitions: 2 });
    await here.start();
    await here.line.start();
    await send(here, 0, 60, 2);
    const alerts = await here.waitForAlerts(60);
    here.line.enter(
      alerts.map((alert) => {
        const { key: device = "", partition, offset, timestampMs: timestamp } = alert;
        return { ordinal: numberOf(alert), device, partition, offset, timestamp };
      }),
    );
    await eventually("60 alerts are in mails", async () => {
      const mails = await here.line.mails();
      return mails.reduce((sum, mail) => sum + mail.count, 0) === 60;
    });
  });

  test("killed by SIGKILL again and again while others join, every alert is in the topic exactly once and in order", async (t) => {
    const here = await startTranslation(t, { partitions: 4, env: {} });
    const env = { KAFKA_SESSION_TIMEOUT: "6s" };
    let sent = 0;
    const more = async (count: number): Promise<void> => {
      await send(here, sent, sent + count, 4);
      sent += count;
    };
    await more(2_000);
    let [one, two] = await Promise.all([here.start(env), here.start(env)]);
    for (let round = 0; round < 3; round++) {
      await more(1_500);
      await one.kill();
      await more(500);
      [one, two] = [two, await here.launch(env)];
    }
    await Promise.all([one.waitReady(), two.waitReady()]);
    await more(500);
    await here.allCommitted();
    assertExactlyOnce(await here.waitForAlerts(sent), sent);
    assert.deepEqual(await Promise.all([one.stop(), two.stop()]), [0, 0]);
  });

  test("a process that was frozen while another took its partitions writes nothing of them when it wakes", async (t) => {
    const here = await startTranslation(t, { partitions: 2 });
    const env = { KAFKA_SESSION_TIMEOUT: "6s" };
    const frozen = await here.start(env);
    await send(here, 0, 3_000, 2);
    frozen.signal("SIGSTOP");
    const other = await here.launch(env);
    await send(here, 3_000, 4_000, 2);
    await here.allCommitted();
    frozen.signal("SIGCONT");
    await send(here, 4_000, 5_000, 2);
    await here.allCommitted();
    await Promise.all([other.waitReady(), frozen.waitReady()]);
    assertExactlyOnce(await here.waitForAlerts(5_000), 5_000);
    assert.deepEqual(await Promise.all([other.stop(), frozen.stop()]), [0, 0]);
  });

  test("a broker that is killed and comes back in the middle of transactions leaves every alert there once", async (t) => {
    const kafka = await startKafka();
    t.after(() => kafka.close());
    const here = await startTranslation(t, { brokers: kafka.brokers, partitions: 3 });
    const product = await here.start();
    let sent = 0;
    for (let round = 0; round < 3; round++) {
      await send(here, sent, sent + 1_500, 3);
      sent += 1_500;
      await kafka.kill();
      await kafka.restart();
    }
    await send(here, sent, sent + 300, 3);
    sent += 300;
    await here.allCommitted();
    assertExactlyOnce(await here.waitForAlerts(sent), sent);
    assert.ok(product.running());
    assert.equal(await product.stop(), 0);
  });

  test("what cannot be read goes to the dead letters in the same transaction, its bytes untouched", async (t) => {
    const here = await startTranslation(t);
    await here.send(0, [
      { key: "k", value: "{ not json", timestamp: 1_790_000_000_000 },
      { key: null, value: alertOf("d1", 0) },
    ]);
    await here.start();
    await here.waitForAlerts(1);
    const [letter] = await here.line.waitForDeadLetters(1);
    assert.equal(letter?.value?.toString(), "{ not json");
    assert.equal(letter?.headers["reason"], "not-json");
    assert.equal(letter?.headers["topic"], here.from);
    assert.equal(letter?.headers["offset"], "0");
    assert.equal(letter?.headers["group"], `${here.line.group}.translate.${here.from}`);
  });

  test("an alert that the alerts topic does not take becomes a dead letter, and those around it go on", async (t) => {
    const here = await startTranslation(t, {
      topicConfig: { "max.message.bytes": "20000" },
      deadLetterConfig: { "max.message.bytes": "2000000" },
    });
    const big = { deviceId: "d1", message: "m".repeat(50_000) };
    await here.send(0, [
      { key: null, value: alertOf("d1", 0) },
      { key: null, value: big },
      { key: null, value: alertOf("d1", 1) },
    ]);
    await here.start();
    assert.deepEqual((await here.waitForAlerts(2)).map(numberOf), [0, 1]);
    const [letter] = await here.line.waitForDeadLetters(1);
    assert.equal(letter?.headers["reason"], "too-large");
    assert.equal(letter?.headers["offset"], "1");
    await here.allCommitted();
  });

  test("of a record with several alerts the good ones go on, and a redrive brings back only the bad one", async (t) => {
    const mapping = await mappingFile(t, "each: /alerts\nfields: { deviceId: /labels/device, message: /summary }");
    const here = await startTranslation(t);
    const alert = (device: string | undefined, summary: string) => ({ labels: { device }, summary });
    await here.send(0, [
      { key: null, value: { alerts: [alert("a", "#0"), alert(undefined, "#1"), alert("b", "#2")] } },
    ]);
    const product = await here.start({ MAPPING_FILE: mapping });
    const first = await here.waitForAlerts(2);
    assert.deepEqual(first.map(({ key }) => key).toSorted(), ["a", "b"]);
    assert.deepEqual(first.map(({ headers }) => headers["alert-digest.source"]).toSorted(), [
      `${here.from}/0/0#/alerts/0`,
      `${here.from}/0/0#/alerts/2`,
    ]);
    const [letter] = await here.line.waitForDeadLetters(1);
    assert.equal(letter?.headers["item"], "/alerts/1");
    assert.match(letter?.headers["detail"] ?? "", /^\/alerts\/1: /);
    // The mapping is corrected while it runs; what comes back is read with it.
    await writeFile(
      mapping,
      "version: 1\neach: /alerts\nfields: { deviceId: [/labels/device, {always: unknown}], message: /summary }",
    );
    await eventually("the mapping is reloaded", () => product.logs.some(({ msg }) => msg === "mapping reloaded"));
    const redriven = await runCli(["dead-letters", "redrive", "--all"], here.env);
    assert.equal(redriven.code, 0, redriven.stderr);
    assert.match(redriven.stdout, new RegExp(`1 record without a key written to ${here.from}`));
    assert.match(redriven.stdout, new RegExp(`\n1 dead letter with 1 alert written to ${here.from}\n`));
    const all = await here.waitForAlerts(3);
    assert.deepEqual(all.map(({ key }) => key).toSorted(), ["a", "b", "unknown"]);
    await here.allCommitted();
    assert.equal((await here.alerts()).length, 3);
  });

  test("lines of a record are records of their own, and each topic has its mapping", async (t) => {
    const here = await startTranslation(t);
    const mapping = await mappingFile(
      t,
      `topics: { ${here.from}: { lines: true, only: {/value: 1}, fields: { deviceId: /host, message: /name } } }`,
    );
    const lines = [{ value: 1, host: "h1", name: "#0" }, { value: 0 }, { value: 1, host: "h2", name: "#1" }];
    await here.send(0, [{ key: null, value: lines.map((line) => JSON.stringify(line)).join("\n") }]);
    const product = await here.start({ MAPPING_FILE: mapping });
    assert.deepEqual((await here.waitForAlerts(2)).map(({ key }) => key).toSorted(), ["h1", "h2"]);
    assert.equal((await product.metrics()).value("translated_total", { outcome: "ignored" }), 1);
  });

  test("a mapping that has nothing for an input topic is wrong configuration", async (t) => {
    const mapping = await mappingFile(t, "topics: { other: { fields: { deviceId: /d, message: /m } } }");
    const env = { KAFKA_BROKERS: "kafka:9092", TRANSLATE_FROM: "input", MAPPING_FILE: mapping };
    const { code, stderr } = await runCli(["translate"], env);
    assert.equal(code, 78);
    assert.match(stderr, /it has no mapping for the topic input, which TRANSLATE_FROM names/);
  });

  test("wrong settings end it with 78 and one report that names them all", async () => {
    const { code, stderr } = await runCli(["translate"], { KAFKA_BROKERS: "kafka" });
    assert.equal(code, 78);
    assert.match(stderr, /KAFKA_BROKERS/);
    assert.match(stderr, /TRANSLATE_FROM: it is not set, and translate has nothing to read without it/);
    const loop = await runCli(["translate"], { KAFKA_BROKERS: "kafka:9092", TRANSLATE_FROM: "a,alerts" });
    assert.equal(loop.code, 78);
    assert.match(loop.stderr, /alerts is a topic that alert-digest writes to: its records would go round for ever/);
  });

  test("an input topic that does not exist ends it with a sentence that says what to do", async (t) => {
    const here = await startTranslation(t);
    const product = await here.launch({ TRANSLATE_FROM: `${here.from},nowhere` });
    const { code } = await product.exited();
    assert.equal(code, 1);
    const { reason } = product.logs.find(({ level }) => level === "fatal") ?? {};
    assert.match(String(reason), /TRANSLATE_FROM names nowhere, which does not exist/);
  });
});
