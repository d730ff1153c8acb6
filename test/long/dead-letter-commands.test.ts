import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { createKafka } from "#src/kafka/client.js";
import type { StoredRecord } from "#src/kafka/record-reader.js";
import { RedriveWriter } from "#src/kafka/redrive-writer.js";
import { badRecord, type Desk, refusedWindow, startDesk, WINDOW_START } from "#test/support/dead-letter-desk.js";
import { eventually } from "#test/support/eventually.js";
import { runCli } from "#test/support/run-cli.js";
import { AVRO_ALERT, framedAlert, startStandInRegistry } from "#test/support/stand-in-registry.js";

const messages = (records: readonly StoredRecord[]): string[] =>
  records.map(({ value }) => (JSON.parse(String(value)) as { message: string }).message);

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `alert ${index}`);

const listJson = async (desk: Desk, ...args: string[]): Promise<Record<string, unknown>[]> => {
  const { stdout, code, stderr } = await desk.command("list", "--json", ...args);
  assert.equal(code, 0, stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

/** Alerts of a device in partition 0 of the alerts topic, as `refusedWindow` dates them. */
const produceAlerts = (desk: Desk, device: string, count: number) =>
  desk.producer.send(
    desk.alerts,
    numbered(count).map((message, index) => ({
      key: device,
      value: { deviceId: device, message, vendor: "kept" },
      timestamp: WINDOW_START + index * 1_000,
      partition: 0,
    })),
  );

describe("alert-digest dead-letters", { concurrency: 3 }, () => {
  test("list prints one line per letter, oldest first; filters narrow it", async (t) => {
    const desk = await startDesk(t);
    const at = (minute: number): number => Date.UTC(2026, 10, 21, 9, minute);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 10, count: 12 }), at(3));
    await desk.bury(
      badRecord(desk.alerts, { key: Buffer.from("pump"), detail: "red \u001b[31malarm\nnext line" }),
      at(1),
    );
    await desk.bury(
      badRecord(desk.alerts, { key: null, value: Buffer.from('{"deviceId":"boiler"}'), reason: "not-an-alert" }),
      at(2),
    );
    const { code, stdout, stderr } = await desk.command("list");
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 3, stdout);
    assert.match(
      lines[0] ?? "",
      /^\d\/\d +2026-11-21T09:01:00\.000Z +record +decode\/not-json +pump +1 alert +red \\x1b\[31malarm\\nnext line$/,
    );
    assert.match(lines[2] ?? "", /window +smtp\/recipient-refused +boiler +12 alerts +550 5\.1\.1 no such user$/);
    const reasons = async (...args: string[]) => (await listJson(desk, ...args)).map(({ reason }) => reason);
    assert.deepEqual(await reasons("--device", "boiler"), ["not-an-alert", "recipient-refused"]);
    assert.deepEqual(await reasons("--stage", "decode", "--limit", "1"), ["not-json"]);
    assert.deepEqual(await reasons("--reason=not-an-alert"), ["not-an-alert"]);
    assert.deepEqual(await reasons("--kind", "window"), ["recipient-refused"]);
    assert.deepEqual(await reasons("--since", "2026-11-21T09:02:00Z", "--until", "2026-11-21T09:03:00Z"), [
      "not-an-alert",
    ]);
    const [letter] = await listJson(desk, "--kind", "window");
    const { partition, offset, ...rest } = letter ?? {};
    assert.deepEqual([typeof partition, typeof offset], ["number", "number"]);
    assert.deepEqual(rest, {
      failedAt: "2026-11-21T09:03:00.000Z",
      kind: "window",
      stage: "smtp",
      reason: "recipient-refused",
      device: "boiler",
      alerts: 12,
      redrives: 0,
      redrivenAt: null,
      detail: "550 5.1.1 no such user",
      group: desk.group,
      source: { topic: desk.alerts, partition: 0, offset: 10, timestamp: WINDOW_START },
    });
  });

  test("a key that a serializer or Kafka Connect wrote is told and looked for by the device in it", async (t) => {
    const registry = await startStandInRegistry(t, { 9: '"string"' });
    const desk = await startDesk(t);
    const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, 9, 12]), Buffer.from("boiler")]);
    const keys = [framed, Buffer.from('"boiler"'), Buffer.from('{"schema":{"type":"string"},"payload":"boiler"}')];
    for (const [offset, key] of [...keys, Buffer.from("pump")].entries())
      await desk.bury(badRecord(desk.alerts, { key, offset }));
    const env = { ...desk.env, SCHEMA_REGISTRY_URL: registry.url, RECORD_ENVELOPE: "connect" };
    const said = async (...args: string[]) => {
      const { stdout, code, stderr } = await runCli(["dead-letters", ...args], env);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const listed = (await said("list", "--json", "--device", "boiler")).trimEnd().split("\n");
    assert.deepEqual(
      listed.map((line) => (JSON.parse(line) as { device: string }).device),
      ["boiler", "boiler", "boiler"],
    );
    assert.deepEqual(registry.given, ["schema 9"]);
    assert.match(await said("redrive", "--device", "boiler", "--dry-run"), /^3 dead letters with 3 alerts would be/m);
  });

  test("a limit takes no later record of a partition before a window that failed after it", async (t) => {
    const desk = await startDesk(t);
    const at = (minute: number): number => Date.UTC(2026, 10, 21, 9, minute);
    await desk.bury(badRecord(desk.alerts, { offset: 20, value: Buffer.from('{"deviceId":"boiler"}') }), at(1));
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 5, count: 2 }), at(3));
    const first = await desk.command("redrive", "--all", "--limit", "1");
    assert.match(first.stdout, /2 alerts of boiler written/);
    const second = await desk.command("redrive", "--all");
    assert.match(second.stdout, /1 record of boiler written/);
    assert.equal((await desk.read(desk.alerts, 3)).length, 3);
  });

  test("show prints what a terminal may have; --raw the bytes", async (t) => {
    const desk = await startDesk(t, 1);
    await desk.bury(badRecord(desk.alerts, { value: Buffer.from("\u001b]0;title\u0007\nrest") }));
    await desk.bury(badRecord(desk.alerts, { value: Buffer.from([0xff, 0x41, 0x0a]), reason: "not-utf8" }));
    const text = await desk.command("show", "0/0");
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^dead-letter\.reason +not-json$/m);
    assert.match(text.stdout, /\n\\x1b\]0;title\\x07\\nrest\n$/);
    assert.match((await desk.command("show", "0/1")).stdout, /\n\\xffA\\x0a\n$/);
    assert.equal((await desk.command("show", "0/0", "--raw")).stdout, "\u001b]0;title\u0007\nrest");
  });

  test("what does not exist is said, with what does", async (t) => {
    const desk = await startDesk(t, 1);
    await desk.bury(badRecord(desk.alerts));
    for (const [position, problem] of [
      ["7/0", /has no partition 7, only 0 to 0/],
      ["0/9", /partition 0 of .* has 0 to 0/],
    ] as const) {
      for (const command of ["show", "redrive"]) {
        const { code, stderr, stdout } = await desk.command(command, position);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, problem);
      }
    }
    const missing = { ...desk, env: { ...desk.env, KAFKA_DEAD_LETTER_TOPIC: "nowhere" } };
    const { code, stderr } = await runCli(["dead-letters", "list"], missing.env);
    assert.equal(code, 1);
    assert.match(stderr, /topic nowhere \(KAFKA_DEAD_LETTER_TOPIC\) does not exist/);
  });

  test("a window goes back as its alerts, in order, once; a dry run writes nothing", async (t) => {
    const desk = await startDesk(t);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", partition: 1, firstOffset: 10, count: 12 }));
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", partition: 1, firstOffset: 3, count: 2 }));
    const dry = await desk.command("redrive", "--device", "boiler", "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /12 alerts of boiler would go to .*\n2 dead letters with 14 alerts would be written/);
    assert.deepEqual(await desk.read(desk.alerts), []);

    const wet = await desk.command("redrive", "--device", "boiler");
    assert.equal(wet.code, 0, wet.stderr);
    assert.match(wet.stdout, /\n2 dead letters with 14 alerts written to /);
    const records = await desk.read(desk.alerts, 14);
    // The letter whose alerts came first goes first, though it was written later.
    assert.deepEqual(messages(records), [...numbered(2), ...numbered(12)]);
    for (const [index, { key, partition, timestampMs, headers }] of records.slice(2).entries()) {
      assert.deepEqual([String(key), partition, timestampMs], ["boiler", 1, WINDOW_START + index * 1_000]);
      assert.equal(headers.get("dead-letter.redrives"), "1");
    }

    const twice = await desk.command("redrive", "--all");
    assert.equal(twice.code, 0, twice.stderr);
    assert.match(twice.stdout, /^0 dead letters .*2 letters redriven before passed over/);
    assert.equal((await desk.read(desk.alerts, 14)).length, 14);
    assert.deepEqual(
      (await listJson(desk)).map(({ redrivenAt }) => typeof redrivenAt),
      ["string", "string"],
    );
    const again = await desk.command("redrive", "--all", "--again", "--limit", "1");
    assert.match(again.stdout, /1 dead letter with 2 alerts written/);
  });

  test("alerts that the letter does not list come from the alerts topic", async (t) => {
    const desk = await startDesk(t, 2, { "retention.ms": "-1" });
    await produceAlerts(desk, "pump", 1);
    await produceAlerts(desk, "boiler", 10);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 1, count: 10, listed: 3 }));
    const { code, stdout, stderr } = await desk.command("redrive", "--all");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /1 dead letter with 10 alerts written/);
    const back = (await desk.read(desk.alerts, 21)).filter(({ headers }) => headers.has("dead-letter.redrives"));
    assert.deepEqual(messages(back), numbered(10));
    assert.deepEqual(
      back.map(({ timestampMs }) => timestampMs),
      numbered(10).map((_, index) => WINDOW_START + index * 1_000),
    );
    assert.match(String(back.at(-1)?.value), /"vendor":"kept"/, "the original bytes");
  });

  test("folded alerts that name a schema are read by it; while the registry is away their window stays, whole", async (t) => {
    // The alerts are some days old, and the test takes long enough for the broker to delete them.
    const desk = await startDesk(t, 2, { "retention.ms": "-1" });
    const registry = await startStandInRegistry(t, { 7: AVRO_ALERT });
    const alerts = numbered(10).map((message, index) => ({ message, timestamp: WINDOW_START + index * 1_000 }));
    await desk.producer.send(
      desk.alerts,
      alerts.map(({ message, timestamp }) => {
        return { key: "boiler", value: framedAlert(7, "boiler", message), timestamp, partition: 0 };
      }),
    );
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 0, count: 10, listed: 3 }));
    const env = { ...desk.env, SCHEMA_REGISTRY_URL: registry.url };
    const redrive = () => runCli(["dead-letters", "redrive", "--all"], env);
    const written = async () =>
      (await desk.read(desk.alerts)).filter(({ headers }) => headers.has("dead-letter.redrives"));

    registry.troubles = [503];
    const away = await redrive();
    assert.equal(away.code, 1, away.stdout);
    assert.match(away.stderr, /schema registry: http:.* 503/);
    assert.match(away.stderr, /is not redriven: the schema registry gave no answer within 45 s/);
    assert.deepEqual(await written(), []);

    registry.troubles = [];
    const { code, stdout, stderr } = await redrive();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /1 dead letter with 10 alerts written/);
    // A transaction that is committed may be seen a moment later.
    const back = await eventually("the alerts are there again", async () => {
      const all = await written();
      return all.length === 0 ? undefined : all;
    });
    assert.deepEqual(messages(back), numbered(10));
  });

  test("alerts that are gone are counted, not passed over in silence", async (t) => {
    const desk = await startDesk(t);
    await produceAlerts(desk, "pump", 5);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 0, count: 10, listed: 3 }));
    const { code, stdout, stderr } = await desk.command("redrive", "--all");
    assert.equal(code, 1);
    assert.match(stdout, /1 dead letter with 3 alerts written/);
    assert.match(stderr, /7 alerts of the window not redriven/);
  });

  test("a record goes back as it was, also one whose producer claims that it came back too often already", async (t) => {
    const desk = await startDesk(t);
    const value = Buffer.from([0xff, 0x00, 0x41]);
    await desk.bury(badRecord(desk.alerts, { partition: 1, key: null, value }));
    await desk.bury(badRecord(desk.alerts, { redrives: 3, offset: 6 }));
    assert.deepEqual(
      (await listJson(desk)).map(({ redrives }) => redrives),
      [0, 0],
    );
    const { code, stdout, stderr } = await desk.command("redrive", "--stage", "decode");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /2 dead letters with 2 alerts written/);
    const records = await desk.read(desk.alerts, 2);
    assert.deepEqual(
      records.map(({ headers }) => headers.get("dead-letter.redrives")),
      ["1", "1"],
    );
    const record = records.find(({ key }) => key === null);
    assert.deepEqual(
      [record?.partition, record?.key, record?.value, record?.timestampMs],
      [1, null, value, Date.UTC(2026, 10, 21, 8)],
    );
  });

  test("what is no dead letter, or another group's, is said and passed over and no failure unless named; a damaged one is a failure", async (t) => {
    const desk = await startDesk(t, 1);
    const window = {
      "dead-letter.kind": "window",
      "dead-letter.topic": desk.alerts,
      "dead-letter.partition": "0",
      "dead-letter.offset": "4",
      "dead-letter.timestamp": "0",
      "dead-letter.group": desk.group,
    };
    await desk.producer.send(desk.deadLetters, [
      { key: "x", value: "what is this" },
      { key: "x", value: null, headers: window },
      { key: "x", value: '{"deviceId":"x","alerts":[{"offset":"four"}]}', headers: window },
      { key: "x", value: "{}", headers: { ...window, "dead-letter.group": "others" } },
      { key: "x", value: "{}", headers: { ...window, "dead-letter.topic": "other-alerts" } },
    ]);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 10, count: 2 }));
    const dry = await desk.command("redrive", "--device", "boiler", "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stderr, /0\/0 is no dead letter/);
    assert.match(dry.stdout, /1 dead letter with 2 alerts would be written .*; 2 records of others passed over/);
    for (const named of ["0/0", "0/3", "0/4"]) {
      const { code } = await desk.command("redrive", named, "--dry-run");
      assert.equal(code, 1, named);
    }
    const { code, stdout, stderr } = await desk.command("redrive", "--all");
    assert.equal(code, 1);
    assert.match(stderr, /0\/0 is no dead letter: it has no header dead-letter\.kind/);
    assert.match(stderr, /0\/1 is no dead letter: it has no value/);
    assert.match(stderr, /0\/2 is not redriven: its document cannot be read: /);
    assert.match(stderr, /0\/3 is not redriven: it is of group others, not of /);
    assert.match(stderr, /0\/4 is not redriven: it came from topic other-alerts/);
    assert.match(
      stdout,
      /1 dead letter with 2 alerts written .*; 4 records of others passed over.*; 1 problem, see above/,
    );
    const boiler = await desk.command("redrive", "--device", "boiler");
    assert.equal(boiler.code, 0, boiler.stderr);
    assert.match(boiler.stdout, /1 letter redriven before passed over/);
    const list = await desk.command("list");
    assert.equal(list.code, 0);
    assert.match(list.stdout, /^0\/2 .*\? alerts/m);
  });

  test("a redrive that is still running when the next one begins can write no more", async (t) => {
    const desk = await startDesk(t, 1);
    await desk.bury(refusedWindow(desk.alerts, { device: "boiler", firstOffset: 10, count: 2 }));
    const connection = {
      brokers: desk.env["KAFKA_BROKERS"]?.split(",") ?? [],
      clientId: "t",
      ssl: undefined,
      sasl: undefined,
    };
    const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const kafka = createKafka(connection, quiet, { retries: 2 });
    const earlier = new RedriveWriter({ kafka, transactionalId: `${desk.group}.redrive` });
    t.after(() => earlier.close());
    await earlier.open();
    assert.equal((await desk.command("redrive", "--all")).code, 0);
    const record = { partition: 0, key: null, value: Buffer.from("late"), timestampMs: undefined, headers: {} };
    const note = { topic: `${desk.deadLetters}.redriven`, of: () => ({ key: "0/0", value: "{}" }) };
    await assert.rejects(earlier.write(desk.alerts, [record], note), /epoch|fenced/i);
    assert.deepEqual(messages(await desk.read(desk.alerts, 2)), numbered(2));
  });

  test("a letter that the broker does not take is written not even in part; the others go on", async (t) => {
    const desk = await startDesk(t, 1, { "max.message.bytes": "400000" });
    // 1,200 alerts leave in two parts; what the first one wrote must not stay.
    const large = refusedWindow(desk.alerts, { device: "large", firstOffset: 0, count: 1_200 });
    const listed = large.digest.listed.map((entry, index) =>
      index === 1_100 ? { ...entry, alert: { ...entry.alert, message: "x".repeat(450_000) } } : entry,
    );
    await desk.bury({ ...large, digest: { ...large.digest, listed } });
    await desk.bury(refusedWindow(desk.alerts, { device: "small", firstOffset: 5_000, count: 2 }));
    const { code, stdout, stderr } = await desk.command("redrive", "--all");
    assert.equal(code, 1);
    assert.match(stderr, /is not redriven: the broker refuses it: /);
    assert.match(stdout, /1 dead letter with 2 alerts written/);
    assert.deepEqual(messages(await desk.read(desk.alerts, 2)), numbered(2));
    assert.deepEqual(
      (await listJson(desk)).map(({ redrivenAt }) => typeof redrivenAt),
      ["object", "string"],
    );
  });

  test("a topic that takes no old records refuses a letter for ever, and is told so; --timestamp now writes it", async (t) => {
    const desk = await startDesk(t, 1, { "message.timestamp.before.max.ms": "3600000" });
    const yesterday = Date.now() - 24 * 3_600_000;
    const window = refusedWindow(desk.alerts, { device: "boiler", firstOffset: 10, count: 2 });
    const listed = window.digest.listed.map((one, index) => ({ ...one, eventTime: eventTime(yesterday + index) }));
    await desk.bury({ ...window, digest: { ...window.digest, listed } });
    await desk.bury(badRecord(desk.alerts, { timestampMs: yesterday }));
    for (const _ of [1, 2]) {
      const refused = await desk.command("redrive", "--all");
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /is not redriven: the broker refuses it: .*message\.timestamp\.before\.max\.ms.*--timestamp now/,
      );
      assert.match(refused.stdout, /0 dead letters with 0 alerts written/);
    }
    const before = Date.now();
    const { code, stdout, stderr } = await desk.command("redrive", "--all", "--timestamp", "now");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /2 dead letters with 3 alerts written/);
    const written = await desk.read(desk.alerts, 3);
    assert.equal(written.length, 3);
    for (const { timestampMs } of written) assert.ok(timestampMs >= before, `${timestampMs}`);
    const alerts = written.filter(({ value }) => String(value).startsWith("{"));
    assert.deepEqual(
      alerts.map(({ value }) => (JSON.parse(String(value)) as { occurredAt?: string }).occurredAt),
      [yesterday, yesterday + 1].map((ms) => new Date(ms).toISOString()),
    );
  });

  test("many letters, one after another, all arrive", async (t) => {
    const desk = await startDesk(t);
    for (let index = 0; index < 30; index++)
      await desk.bury(
        refusedWindow(desk.alerts, { device: `d${index}`, firstOffset: index * 2, count: 2, partition: index % 2 }),
      );
    const began = performance.now();
    const { code, stdout, stderr } = await desk.command("redrive", "--all");
    t.diagnostic(`${Math.round(performance.now() - began)} ms`);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /30 dead letters with 60 alerts written/);
    assert.equal((await desk.read(desk.alerts, 60)).length, 60);
  });
});
