/** `RECORD_ENVELOPE` and `MAPPING_FILE` from the record to the mailbox, and back from the dead letters. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { startProduct } from "#test/support/product.js";
import { runCli } from "#test/support/run-cli.js";
import type { ProducedRecord } from "#tools/simulator/producer.js";

const fileOf = async (t: TestContext, text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "mapping-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "mapping.yaml"), text);
  return join(folder, "mapping.yaml");
};

/** The text of the mails about a device, once it has all of that. */
const mailed = (line: Line, device: string, wanted: readonly string[]): Promise<string> =>
  eventually(`mails about ${device} with ${wanted.join(", ")}`, async () => {
    const texts = await Promise.all(
      line.smtp.messages.map(async (message) =>
        (await message.header("X-Alert-Digest-Device")) === device ? ((await message.parsed()).text ?? "") : "",
      ),
    );
    const text = texts.join("\n");
    return wanted.every((one) => text.includes(one)) && text;
  });

const alertsTotal = async (product: Product, outcome: string): Promise<number | undefined> =>
  (await product.metrics()).value("alerts_total", { outcome });

/** Records in a window that is over, so that their mail leaves at once. */
const past = (records: readonly Omit<ProducedRecord, "timestamp">[]): readonly ProducedRecord[] => {
  const at = pastWindow(3);
  return records.map((record) => ({ ...record, timestamp: at, partition: 0 }));
};

describe("records that others wrote", { concurrency: 2 }, () => {
  test("Kafka Connect: with and without schemas, decimals, wrapped keys, and tombstones that are counted", async (t) => {
    const line = await startLine(t, { env: { RECORD_ENVELOPE: "connect" } });
    const schema = {
      type: "struct",
      fields: [
        { field: "deviceId", type: "string" },
        { field: "message", type: "string" },
        { field: "severity", type: "string", default: "critical" },
        { field: "value", type: "bytes", name: "org.apache.kafka.connect.data.Decimal", parameters: { scale: "1" } },
        { field: "unit", type: "string" },
      ],
    };
    const payload = { deviceId: "boiler-7", message: "with a schema", severity: null, value: "AZ8=", unit: "°C" };
    const key = JSON.stringify({ schema: { type: "string" }, payload: "boiler-7" });
    await line.produceRaw(
      past([
        { key, value: { schema, payload } },
        { key: '"boiler-7"', value: { deviceId: "boiler-7", message: "without a schema" } },
        { key, value: { schema: null, payload: null } },
        { key, value: null },
      ]),
    );
    const product = await line.start();
    const text = await mailed(line, "boiler-7", ["with a schema", "without a schema", "41.5 °C"]);
    assert.match(text, /2 alerts: critical 1, warning 1/);
    await line.allCommitted();
    assert.equal(await alertsTotal(product, "tombstone"), 2);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("Debezium: inserts, updates and snapshot rows are mailed, deletes and tombstones are counted", async (t) => {
    const line = await startLine(t, { env: { RECORD_ENVELOPE: "debezium" } });
    const event = (op: string, message: string | undefined, before: object | null = null) => ({
      ...{ before, after: message === undefined ? null : { deviceId: "pump-1", message }, op },
      source: { table: "alerts" },
    });
    const key = JSON.stringify({ deviceId: "pump-1" });
    await line.produceRaw(
      past([
        { key, value: event("r", "of the snapshot") },
        { key, value: { schema: { type: "struct", fields: [] }, payload: event("c", "inserted") } },
        { key, value: event("u", "updated") },
        { key, value: event("d", undefined, { deviceId: "", message: "" }) },
        { key, value: null },
        { key: '"pump-1"', value: JSON.stringify(JSON.stringify({ deviceId: "pump-1", message: "of the outbox" })) },
      ]),
    );
    const product = await line.start();
    await mailed(line, "pump-1", ["of the snapshot", "inserted", "updated", "of the outbox"]);
    await line.allCommitted();
    assert.equal(await alertsTotal(product, "tombstone"), 2);
    assert.deepEqual(await line.deadLetters(), []);
  });

  test("CloudEvents: binary and structured; one that could not be read goes back with its headers and is mailed", async (t) => {
    const file = await fileOf(t, "version: 1\nfields: { deviceId: /subject, message: /data/txt }\n");
    const line = await startLine(t, { env: { RECORD_ENVELOPE: "cloudevents", MAPPING_FILE: file } });
    const attributes = { specversion: "1.0", id: "e-1", source: "/busan", type: "hot", subject: "boiler-9" };
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]));
    await line.produceRaw(
      past([
        { key: "boiler-9", value: { txt: "in binary mode" }, headers },
        {
          key: "boiler-9",
          value: { ...attributes, data_base64: Buffer.from('{"txt":"in structured mode"}').toString("base64") },
          headers: { "content-type": "application/cloudevents+json" },
        },
        { key: "boiler-9", value: { text: "of another kind" }, headers },
      ]),
    );
    const product = await line.start();
    await mailed(line, "boiler-9", ["in binary mode", "in structured mode"]);
    const [letter] = await line.waitForDeadLetters(1);
    assert.equal(letter?.headers["reason"], "not-an-alert");
    assert.match(String(letter?.headers["detail"]), /neither message nor type: nothing is at \/data\/txt/);

    await writeFile(file, "version: 1\nfields: { deviceId: /subject, message: [/data/txt, /data/text] }\n");
    await eventually("the mapping is read again", async () => {
      return (await product.metrics()).value("mapping_reloads_total", { outcome: "reloaded" }) === 1;
    });
    const redriven = await runCli(["dead-letters", "redrive", "--all"], line.env);
    assert.equal(redriven.code, 0, redriven.stderr);
    await mailed(line, "boiler-9", ["of another kind"]);
  });

  test("a mapping is in force when its file changes; a broken one changes nothing, and says so with line and column", async (t) => {
    const file = await fileOf(
      t,
      await readFile(new URL("../../examples/mappings/thingsboard.yaml", import.meta.url), "utf8"),
    );
    const line = await startLine(t, { env: { MAPPING_FILE: file } });
    const record = async (more: object): Promise<void> => {
      const alarm = { originatorName: "boiler-7", type: "Overheating", severity: "MAJOR", status: "ACTIVE_UNACK" };
      await line.produceRaw(past([{ key: "boiler-7", value: { ...alarm, ...more } }]));
    };
    const changed = (product: Product, outcome: string): Promise<unknown> =>
      eventually(
        `the mapping: ${outcome}`,
        async () => (await product.metrics()).value("mapping_reloads_total", { outcome }) === 1,
      );
    const product = await line.start();
    const checked = await runCli(["check"], line.env);
    assert.match(checked.stdout, /mapping.*mapping\.yaml for .*: deviceId, message, severity/);
    await record({ details: { temperature: "92.5", limit: 80 } });
    await mailed(line, "boiler-7", ["Overheating: 92.5 (limit 80)", "threshold 80 °C"]);

    await writeFile(file, "version: 1\nfields: { deviceId: /originatorName, message: 'now {/severity}' }\n");
    await changed(product, "reloaded");
    await record({});
    await mailed(line, "boiler-7", ["now MAJOR"]);

    await writeFile(file, "version: 1\neach: /x\nfields: { devceId: /originatorName, message: /no }\n");
    await changed(product, "failed");
    assert.equal((await product.metrics()).value("mapping_stale"), 1);
    await record({ severity: "MINOR" });
    await mailed(line, "boiler-7", ["now MINOR"]);
    const said = product.logs.filter(({ msg }) => /changed mapping is not usable/.test(String(msg)));
    assert.equal(said.length, 1, "once, not at every look");
    assert.match(
      String(said[0]?.["errors"]),
      /mapping\.yaml:3:11: unknown key "devceId"; the nearest known is deviceId/,
    );
    await line.allCommitted();
  });

  test("a mapping for several alerts in a record, or with mistakes, ends the start with 78 and names translate", async (t) => {
    const base = {
      KAFKA_BROKERS: "127.0.0.1:1",
      SMTP_URL: "smtp://127.0.0.1:1",
      MAIL_FROM: "a@x.test",
      MAIL_TO: "b@x.test",
    };
    for (const [text, wanted] of [
      [
        "version: 1\neach: /alerts\nfields: { message: /m }\n",
        [/mapping\.yaml:2:1: each makes several/, /alert-digest translate/],
      ],
      ["version: 1\nlines: true\nfields: { message: m }\n", [/mapping\.yaml:3:20: "m" is no pointer/]],
      ["version: 1\nfields: {\n", [/mapping\.yaml:\d+:\d+: not YAML/]],
    ] as const) {
      const product = await startProduct({ env: { ...base, MAPPING_FILE: await fileOf(t, text) } });
      t.after(() => product[Symbol.asyncDispose]());
      assert.equal((await product.exited()).code, 78);
      for (const one of wanted) assert.match(product.stderr(), one);
    }
    const missing = await runCli(["check"], { ...base, MAPPING_FILE: "/nowhere/mapping.yaml" });
    assert.equal(missing.code, 78);
    assert.match(missing.stderr, /MAPPING_FILE: file "\/nowhere\/mapping.yaml"/);
  });
});
