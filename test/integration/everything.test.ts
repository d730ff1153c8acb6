/**
 * Everything that says who is told, how, and what is kept of it, at once: routes, a database, urgent alerts, fleet mails, templates, files, signatures,
 * several transactions, refused and deferred recipients, the record of sent mails, and a stop while mails are under way.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseSent, type SentMailRecord } from "#src/kafka/sent-record-parser.js";
import type { ReceivedDeadLetter } from "#test/support/dead-letter-reader.js";
import { verifyDkim } from "#test/support/dkim-verify.js";
import { eventually } from "#test/support/eventually.js";
import { type AlertInput, type Line, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import { parseCsv } from "#test/support/parse-csv.js";
import { startPostgres } from "#test/support/postgres.js";
import { readTopic } from "#test/support/read-topic.js";
import { runCli } from "#test/support/run-cli.js";
import type { ReceivedMessage } from "#test/support/smtp-server.js";

const ROUTES = `version: 1
routes:
  - name: archive
    match: { device: "boiler-*" }
    bcc: archive@example.com
    continue: true
  - match: { device: ["boiler-*"], labels: { site: "busan-*" } }
    to: [Kim <kim@example.com>, heating@example.com]
    cc: manager@example.com
    from: Heating <heating@example.com>
  - match: { type: "TEMPERATURE_*" }
    to: coldchain@example.com
    locale: ko
    timezone: Europe/Amsterdam
`;

const ROWS = `INSERT INTO alert_recipients (device_id, device_pattern, labels, address, kind, locale) VALUES
  ('boiler-0', NULL, '{}', 'gone@example.com', 'to', NULL),
  ('boiler-1', NULL, '{}', 'keeper@example.com', 'to', 'ko'),
  ('boiler-2', NULL, '{}', 'kim@example.com', 'bcc', 'ko'),
  (NULL, 'freezer-*', '{}', 'audit@example.com', 'bcc', NULL),
  (NULL, NULL, '{"site":"busan-2"}', 'busan@example.com', 'cc', NULL)`;

const GONE = "gone@example.com";
const PER_KIND = 6;

interface Device {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Without the domain: who is to be told, by hand. */
  readonly told: readonly string[];
}

const numbered = (make: (n: number) => Device): readonly Device[] =>
  Array.from({ length: PER_KIND }, (_, n) => make(n));

const DEVICES: readonly Device[] = [
  ...numbered((n) => ({
    id: `boiler-${n}`,
    fields: { deviceName: `Boiler ${n}`, labels: { site: "busan-1" } },
    told: ["archive", "kim", "heating", "manager", ...(n === 0 ? ["gone"] : n === 1 ? ["keeper"] : [])],
  })),
  ...numbered((n) => ({
    id: `freezer-${n}`,
    fields: { type: "TEMPERATURE_HIGH", value: n, threshold: 1, unit: "°C", labels: { site: "busan-2" } },
    told: ["coldchain", "audit", "busan"],
  })),
  ...numbered((n) => ({ id: `pump-${n}`, fields: { type: "VIBRATION" }, told: ["operators"] })),
];

/** Three alerts of every device, each later than the one before; every seventh is critical. */
const alertsAt = (start: number): readonly AlertInput[] =>
  Array.from({ length: 3 * DEVICES.length }, (_, n): AlertInput => {
    const { id, fields } = DEVICES[n % DEVICES.length] as Device;
    const severity = n % 7 === 0 ? "critical" : "warning";
    return { device: id, at: start + Math.floor((n * (WINDOW_MS - 1)) / 60), fields: { ...fields, severity } };
  });

/** `alerts/3/1042-1077`: the alerts of the device whose alert is the first of them. */
const alertsOf = (line: Line, source: string): readonly number[] => {
  const [, partition, first, last] = (/\/(\d+)\/(\d+)-(\d+)$/.exec(source) ?? []).map(Number);
  const inPartition = line.produced.filter((alert) => alert.partition === partition);
  const device = inPartition.find(({ offset }) => offset === first)?.device;
  assert.ok(device !== undefined && last !== undefined, source);
  return inPartition
    .filter((alert) => alert.device === device && alert.offset >= (first ?? 0) && alert.offset <= last)
    .map(({ ordinal }) => ordinal);
};

/** Of a window that is a dead letter. */
const ordinalsIn = (line: Line, { value, headers }: ReceivedDeadLetter): readonly number[] => {
  const { deviceId, offsets } = JSON.parse(String(value)) as { deviceId: string; offsets: [number, number][] };
  const partition = Number(headers["partition"]);
  const isIn = (offset: number) => offsets.some(([first, last]) => offset >= first && offset <= last);
  return line.produced
    .filter((alert) => alert.device === deviceId && alert.partition === partition && isIn(alert.offset))
    .map(({ ordinal }) => ordinal);
};

/** `kim@example.com #17`: how often that was told. */
class Books {
  readonly told = new Map<string, number>();

  add(recipients: readonly string[], ordinals: readonly number[]): void {
    for (const recipient of recipients)
      for (const ordinal of ordinals) {
        const entry = `${recipient} #${ordinal}`;
        this.told.set(entry, (this.told.get(entry) ?? 0) + 1);
      }
  }

  /** Everybody told of everything once, nobody of anything else. */
  assertAre(expected: ReadonlySet<string>, what: string): void {
    const missing = [...expected].filter((entry) => !this.told.has(entry));
    const repeated = [...this.told].filter(([, times]) => times > 1);
    const strange = [...this.told.keys()].filter((entry) => !expected.has(entry));
    const some = (list: readonly unknown[]) => ({ count: list.length, first: list.slice(0, 10) });
    assert.deepEqual(
      { missing: some(missing), repeated: some(repeated), strange: some(strange) },
      { missing: some([]), repeated: some([]), strange: some([]) },
      what,
    );
  }
}

const expectedBooks = (line: Line): Set<string> => {
  const told = new Map(DEVICES.map((device) => [device.id, device.told]));
  return new Set(
    line.produced.flatMap(({ device, ordinal }) =>
      (told.get(device) ?? []).map((name) => `${name}@example.com #${ordinal}`),
    ),
  );
};

const header = async (message: ReceivedMessage, name: string): Promise<string> => (await message.header(name)) ?? "";

/** Of the attached file. */
const offsetsInCsv = async (message: ReceivedMessage): Promise<readonly number[]> => {
  const [file] = (await message.parsed()).attachments;
  assert.ok(file, "a device's mail has its window attached");
  const [columns = [], ...rows] = parseCsv(new Uint8Array(file.content as ArrayBuffer));
  return rows.map((row) => Number(row[columns.indexOf("offset")]));
};

const checkMessage = async (line: Line, message: ReceivedMessage, publicKey: KeyObject): Promise<readonly number[]> => {
  const ordinals = (await header(message, "X-Alert-Digest-Source")).split(",").flatMap((one) => alertsOf(line, one));
  assert.equal(ordinals.length, Number(await header(message, "X-Alert-Digest-Count")));
  assert.equal(verifyDkim(message.raw, "a1", publicKey).problem, undefined);
  const { text = "", html = "" } = await message.parsed();
  assert.match(text, new RegExp(`^template ${ordinals.length} `));
  assert.match(html, /<table/);
  assert.match(html, /href="https:\/\/alerts\.example\.com\/"/, "PUBLIC_URL");
  assert.match(html, /href="https:\/\/grafana\.example\.com\/d\/x\?var-device=[^"]/, "MAIL_LINKS");
  assert.ok(message.to.length <= 2, "MAIL_MAX_RECIPIENTS");
  assert.doesNotMatch(message.raw.toString("latin1").split("\r\n\r\n")[0] ?? "", /archive@|audit@/);
  if ((await header(message, "X-Alert-Digest-Devices")) === "") {
    const inFile = new Set(await offsetsInCsv(message));
    const offsets = line.produced.filter(({ ordinal }) => ordinals.includes(ordinal)).map(({ offset }) => offset);
    assert.deepEqual(inFile, new Set(offsets));
  }
  return ordinals;
};

const settings = async (t: TestContext) => {
  const postgres = await startPostgres();
  t.after(() => postgres.close());
  const database = await postgres.createDatabase();
  await postgres.query(ROWS, [], database);
  const folder = await mkdtemp(join(tmpdir(), "everything-"));
  t.after(() => rm(folder, { recursive: true }));
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const files = {
    "routes.yaml": ROUTES,
    "text.eta": "template <%= it.count %> <%= it.device.name %>",
    "dkim.pem": String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const env = {
    ROUTES_FILE: join(folder, "routes.yaml"),
    RECIPIENTS_DATABASE_URL: postgres.url({ database }),
    MAIL_LINKS: "Dashboard=https://grafana.example.com/d/x?var-device={deviceId}&from={windowStart}",
    PUBLIC_URL: "https://alerts.example.com/",
    MAIL_DKIM_DOMAIN: "example.com",
    MAIL_DKIM_SELECTOR: "a1",
    MAIL_DKIM_KEY_FILE: join(folder, "dkim.pem"),
    MAIL_TEXT_TEMPLATE: join(folder, "text.eta"),
    MAIL_HTML_TEMPLATE: fileURLToPath(new URL("../../templates/branded.html.eta", import.meta.url)),
    MAIL_CSV: "always",
    MAIL_MAX_RECIPIENTS: "2",
    RECIPIENT_MAX_MAILS: "3",
    URGENT_SEVERITY: "critical",
    FIRING_FORGET: "6h",
    REPEAT_INTERVALS: "4s",
    SMTP_CONNECTIONS: "4",
    LOG_RECIPIENTS: "full",
  };
  return { env, publicKey };
};

test("with everything in use, and a stop amid the mails, everybody is told of every alert that concerns them exactly once", async (t) => {
  const { env, publicKey } = await settings(t);
  const deferrals = new Map<string, number>();
  const line = await startLine(t, {
    env,
    smtp: {
      onRcpt(address) {
        if (address === GONE) return { code: 550, text: "5.1.1 no such user" };
        const before = deferrals.get(address) ?? 0;
        deferrals.set(address, before + 1);
        // Greylisted at first, each recipient by itself.
        return before < 2 && /^(busan|kim)@/.test(address) ? { code: 451, text: "4.7.1 come again" } : undefined;
      },
    },
  });
  const sentTopic = `${line.topic}.sent`;
  for (const ago of [6, 5, 4, 3]) await line.produce(alertsAt(pastWindow(ago)));
  let stalled = 0;
  line.smtp.behave({
    onMessage() {
      if (line.smtp.acceptedCount < 10) return undefined;
      stalled++;
      return "stall";
    },
  });
  const first = await line.start({ KAFKA_SENT_TOPIC: sentTopic });
  await eventually("mails are under way", () => stalled > 0);
  first.signal("SIGTERM");
  await eventually("it stops", () => first.logs.some(({ msg }) => msg === "stopping"));
  line.smtp.behave({ onMessage: undefined });
  line.smtp.resume();
  assert.equal((await first.exited()).code, 0);
  const acceptedByFirst = line.smtp.acceptedCount;

  const second = await line.start({ KAFKA_SENT_TOPIC: sentTopic });
  for (const ago of [1, 0]) await line.produce(alertsAt(pastWindow(ago)));
  await line.allCommitted();
  assert.ok(line.smtp.acceptedCount > acceptedByFirst, "there was something left to do");

  const expected = expectedBooks(line);
  const told = new Set([...expected].filter((entry) => !entry.startsWith(GONE)));
  const mailed = new Books();
  for (const message of line.smtp.messages) mailed.add(message.to, await checkMessage(line, message, publicKey));
  mailed.assertAre(told, "as the server has it");

  const metrics = await second.metrics();
  assert.equal(metrics.value("mail_template_failures_total"), 0);
  assert.equal(await second.stop(), 0);
  const records = (await readTopic(line.brokers, sentTopic)).map(({ value }) => {
    const parsed = parseSent(value);
    assert.ok(parsed.ok && parsed.record.kind === "mail", JSON.stringify(parsed));
    return parsed.record as SentMailRecord;
  });
  const [onRecord, notTold] = [new Books(), new Books()];
  for (const { topic, partition, offsets, recipients, failed } of records) {
    const ordinals = alertsOf(line, `${topic}/${partition}/${offsets.join("-")}`);
    onRecord.add(recipients, ordinals);
    notTold.add(
      failed.map(({ recipient }) => recipient),
      ordinals,
    );
  }
  onRecord.assertAre(told, "as it is on record");
  // Refused before the stop, while others of the mail were waited for: refused again after it, and on record again.
  for (const entry of notTold.told.keys()) notTold.told.set(entry, 1);
  notTold.assertAre(new Set([...expected].filter((entry) => entry.startsWith(GONE))), "who was not told");

  // A refusal of before the stop may be on record without a letter of its own: the mail that took its place has one.
  const letters = await line.deadLetters();
  const gone = [...expected].filter((entry) => entry.startsWith(GONE)).sort();
  const inLetters = () => [...new Set(letters.flatMap((letter) => ordinalsIn(line, letter)))];
  await eventually(
    "every alert of which somebody was not told is in a dead letter",
    () => inLetters().length >= gone.length,
    {
      seen: () => ({ letters: letters.length, alerts: inLetters().length, of: gone.length }),
    },
  );
  assert.deepEqual(
    inLetters()
      .map((ordinal) => `${GONE} #${ordinal}`)
      .sort(),
    gone,
  );
  assert.deepEqual(new Set(letters.map(({ headers }) => headers["recipients"])), new Set([GONE]));
  const { KAFKA_BROKERS = "", KAFKA_GROUP_ID = "" } = line.env;
  const asked = ["sent", "--device", "boiler-0", "--outcome", "dead_lettered", "--limit", "1000", "--json"];
  const answer = await runCli(asked, { KAFKA_BROKERS, KAFKA_GROUP_ID, KAFKA_SENT_TOPIC: sentTopic });
  assert.equal(answer.code, 0, answer.stderr);

  // What was to be seen together was there.
  const fleets = await Promise.all(line.smtp.messages.map((message) => header(message, "X-Alert-Digest-Devices")));
  assert.ok(fleets.some((devices) => Number(devices) > 3) && fleets.some((devices) => devices === ""));
  assert.ok(records.some(({ part }) => part === "early") && records.some(({ part }) => part === "rest"));
});
