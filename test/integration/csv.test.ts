/** The whole window as a file, where the mail only counts the rest: read back from Kafka, within bounds, or said to be missing. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CSV_COLUMNS } from "#src/mail/csv.js";
import { createLocalTime } from "#src/mail/language.js";
import { eventually } from "#test/support/eventually.js";
import { type AlertInput, type Line, pastWindow, startLine } from "#test/support/line.js";
import { parseCsv } from "#test/support/parse-csv.js";
import { runCli } from "#test/support/run-cli.js";
import type { ReceivedMessage } from "#test/support/smtp-server.js";
import { startStandInRegistry } from "#test/support/stand-in-registry.js";

interface Csv {
  readonly filename: string;
  readonly offsets: readonly number[];
  /** By column, without the last line where that is a note. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly note: string | undefined;
}

async function csvOf(message: ReceivedMessage | undefined): Promise<Csv | undefined> {
  assert.ok(message);
  const [file, ...others] = (await message.parsed()).attachments;
  assert.equal(others.length, 0);
  if (file === undefined) return undefined;
  assert.equal(file.mimeType, "text/csv");
  const [header = [], ...lines] = parseCsv(new Uint8Array(file.content as ArrayBuffer));
  assert.deepEqual(header, CSV_COLUMNS);
  const all = lines.map((line) => Object.fromEntries(header.map((column, index) => [column, line[index] ?? ""])));
  const rows = all.filter((row) => row["offset"] !== "");
  assert.ok(all.length - rows.length <= 1);
  return {
    filename: file.filename ?? "",
    offsets: rows.map((row) => Number(row["offset"])),
    rows,
    note: all.find((row) => row["offset"] === "")?.["message"],
  };
}

const ofDevice = (line: Line, device: string) => line.produced.filter((alert) => alert.device === device);

// They mostly wait.
describe("the window as a file", { concurrency: 3 }, () => {
  test("a mail that lists 5 of 50 alerts has all 50 in its file, in offset order, and nobody else's", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { MAIL_MAX_ALERTS: "5", MAIL_TIMEZONE: "Asia/Seoul" } });
    const start = pastWindow(4);
    const alerts = Array.from({ length: 50 }, (_, i): AlertInput[] => [
      {
        device: "냉동고-3",
        at: start + i * 10,
        fields: { severity: "critical", value: -i, unit: "°C", status: i < 49 ? "firing" : "resolved" },
      },
      { device: `other-${i % 20}`, at: start + i * 10 },
    ]);
    await line.produce(alerts.flat());
    const product = await line.start();
    await line.allCommitted();
    const mails = await line.mails();
    const index = mails.findIndex(({ device }) => device === "냉동고-3");
    const mail = mails[index];
    assert.deepEqual([mail?.count, mail?.alerts.length], [50, 5]);
    assert.match(mail?.text ?? "", /45/);
    assert.match(mail?.text ?? "", /^Critical, resolved at /);
    assert.match(mail?.text ?? "", /Of these: 1 resolved/);
    assert.match(mail?.text ?? "", /All 50 alerts are in the attached CSV file\./);
    const csv = await csvOf(line.smtp.messages[index]);
    const expected = ofDevice(line, "냉동고-3");
    assert.deepEqual(
      csv?.offsets,
      expected.map(({ offset }) => offset),
    );
    csv?.rows.forEach((row, i) => {
      assert.match(row["message"] ?? "", new RegExp(`#${expected[i]?.ordinal}#`));
      assert.deepEqual([row["value"], row["unit"], row["severity"]], [String(-i), "°C", "critical"]);
      assert.equal(row["eventTime"], new Date(start + i * 10).toISOString());
      // Known of those the mail lists.
      assert.equal(row["late"], i >= 45 ? "no" : "");
    });
    const local = createLocalTime("Asia/Seoul").compact(start);
    assert.equal(csv?.filename, `alerts-냉동고-3-${local}.csv`);
    assert.equal(csv?.note, undefined);
    for (const [at, { device }] of mails.entries())
      if (device !== "냉동고-3") assert.equal(await csvOf(line.smtp.messages[at]), undefined, device);
    const metrics = await product.metrics();
    for (const [outcome, count] of Object.entries({ whole: 1, cut: 0, missing: 0 }))
      assert.equal(metrics.value("csv_attachments_total", { outcome }), count, outcome);
  });

  test("of Avro and of a mapping it has the alerts as the mail has them, and the dead letters name their devices", async (t) => {
    const fields = ["deviceId", "message", "severity"].map((name) => ({ name, type: "string" }));
    const schema = JSON.stringify({
      type: "record",
      name: "Alert",
      fields: [...fields, { name: "value", type: "double" }],
    });
    const registry = await startStandInRegistry(t, { 7: schema, 9: '"string"' });
    const folder = await mkdtemp(join(tmpdir(), "mapping-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "mapping.yaml");
    await writeFile(
      file,
      `version: 1
fields:
  deviceId: /deviceId
  message: "{/message} at {/value}"
  severity: { from: /severity, values: { ROT: critical } }
  value: { from: /value, number: true }
`,
    );
    const env = { MAIL_MAX_ALERTS: "2", SCHEMA_REGISTRY_URL: registry.url, MAPPING_FILE: file };
    const line = await startLine(t, { partitions: 1, env });
    const start = pastWindow(4);
    const text = (of: string): Buffer => Buffer.concat([Buffer.from([2 * Buffer.byteLength(of)]), Buffer.from(of)]);
    const avro = (n: number): Buffer => {
      const value = Buffer.alloc(8);
      value.writeDoubleLE(n + 0.5);
      return Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), text("로-1"), text(`hot ${n}`), text("ROT"), value]);
    };
    const json = (n: number) => ({ deviceId: "로-1", message: `hot ${n}`, severity: "ROT", value: `${n + 0.5}` });
    await line.produceRaw([
      ...Array.from({ length: 20 }, (_, n) => ({
        key: "로-1",
        value: n % 2 === 0 ? avro(n) : json(n),
        timestamp: start + n * 10,
      })),
      { key: "로-2", value: Buffer.concat([avro(0), Buffer.from([1])]), timestamp: start },
      { key: "로-2", value: { message: "nobody", deviceId: "other" }, timestamp: start },
      { key: Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), text("로-3")]), value: "no JSON", timestamp: start },
    ]);
    await line.start();
    await line.allCommitted();
    const [mail] = await line.mails();
    assert.deepEqual([mail?.device, mail?.count], ["로-1", 20]);
    const csv = await csvOf(line.smtp.messages[0]);
    assert.deepEqual(
      csv?.rows.map(({ offset, message, severity, value }) => [offset, message, severity, value]),
      Array.from({ length: 20 }, (_, n) => [String(n), `hot ${n} at ${n + 0.5}`, "critical", String(n + 0.5)]),
    );
    const { stdout } = await runCli(["dead-letters", "list", "--json"], { ...line.env, SCHEMA_REGISTRY_URL: "" });
    const letters = stdout.trimEnd().split("\n");
    // Those of one device in order, those of several in any.
    assert.deepEqual(
      letters
        .map((letter) => JSON.parse(letter) as { readonly device: string; readonly reason: string })
        .map(({ device, reason }) => [device, reason] as const)
        .toSorted(([one], [other]) => one.localeCompare(other)),
      [
        ["로-2", "not-as-schema"],
        ["로-2", "key-mismatch"],
        ["로-3", "not-json"],
      ],
    );
  });

  test("records that were deleted meanwhile are said to be missing, and the mail leaves all the same", async (t) => {
    let refused = 0;
    let ready = false;
    const onMail = () => {
      if (ready) return undefined;
      refused++;
      return { code: 451 };
    };
    const line = await startLine(t, { partitions: 1, env: { MAIL_MAX_ALERTS: "5" }, smtp: { onMail } });
    const start = pastWindow(4);
    await line.produce(Array.from({ length: 50 }, (_, i) => ({ device: "boiler", at: start + i * 10 })));
    const product = await line.start();
    await eventually("an attempt", async () => refused > 0);
    await line.admin.fetchTopicOffsets(line.topic);
    await line.admin.deleteTopicRecords({ topic: line.topic, partitions: [{ partition: 0, offset: "30" }] });
    const before = refused;
    // The one under way may have been composed earlier.
    await eventually("an attempt that was composed after that", async () => refused >= before + 2);
    ready = true;
    await line.allCommitted();
    const mail = (await line.mails()).at(-1);
    const csv = await csvOf(line.smtp.messages.at(-1));
    const said = "The attached CSV file has only 20 of 50 alerts: 30 could not be read from Kafka again.";
    assert.ok(mail?.text.includes(said), mail?.text);
    assert.ok(mail?.html.includes(said));
    assert.equal(csv?.note, said);
    assert.deepEqual(csv?.offsets, range(30, 50));
    assert.ok(((await product.metrics()).value("csv_attachments_total", { outcome: "missing" }) ?? 0) >= 1);
  });

  test("a mail stays below its limit: the file is cut, and the mail says so", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { MAIL_MAX_ALERTS: "5", MAIL_MAX_SIZE: "64KB" } });
    const start = pastWindow(4);
    const fields = { type: "x".repeat(1_000) };
    await line.produce(Array.from({ length: 200 }, (_, i) => ({ device: "boiler", at: start + i, fields })));
    const product = await line.start();
    await line.allCommitted();
    const [message] = line.smtp.messages;
    const csv = await csvOf(message);
    const held = csv?.offsets.length ?? 0;
    assert.ok((message?.raw.length ?? 0) <= 64 * 1024);
    assert.ok(held > 20 && held < 200, `${held}`);
    assert.deepEqual(csv?.offsets, range(0, held));
    const said = `The attached CSV file has only ${held} of 200 alerts: ${200 - held} were left out because of the email size limit.`;
    assert.equal(csv?.note, said);
    assert.ok((await line.mails())[0]?.text.includes(said));
    assert.equal((await product.metrics()).value("csv_attachments_total", { outcome: "cut" }), 1);
  });

  test("forty windows that fold at once each get their own file", async (t) => {
    const line = await startLine(t, { partitions: 3, env: { MAIL_MAX_ALERTS: "5" } });
    const start = pastWindow(4);
    const devices = Array.from({ length: 40 }, (_, i) => `pump-${i}`);
    for (let round = 0; round < 10; round++)
      await line.produce(
        Array.from({ length: 10 }, (_, i) => devices.map((device) => ({ device, at: start + round * 100 + i }))).flat(),
      );
    await line.start();
    await line.allCommitted();
    const mails = await line.mails();
    assert.equal(mails.length, 40);
    for (const [index, { device }] of mails.entries()) {
      const csv = await csvOf(line.smtp.messages[index]);
      assert.deepEqual(
        csv?.offsets,
        ofDevice(line, device).map(({ offset }) => offset),
        device,
      );
    }
  });

  test("always: a window that lists everything has a file too; never: one that folds has none", async (t) => {
    const line = await startLine(t, { partitions: 1 });
    const start = pastWindow(6);
    await line.produce(range(0, 3).map((i) => ({ device: "a", at: start + i })));
    const always = await line.start({ MAIL_CSV: "always" });
    await line.allCommitted();
    assert.deepEqual((await csvOf(line.smtp.messages[0]))?.offsets, [0, 1, 2]);
    await always.stop();
    const at = pastWindow(1);
    await line.produce(range(0, 8).map((i) => ({ device: "b", at: at + i })));
    await line.start({ MAIL_CSV: "never", MAIL_MAX_ALERTS: "5" });
    await line.allCommitted();
    assert.equal((await line.mails())[1]?.count, 8);
    assert.equal(await csvOf(line.smtp.messages[1]), undefined);
    assert.doesNotMatch((await line.mails())[1]?.text ?? "", /CSV/);
  });

  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
});
