/** Whatever one producer writes, the process does nothing for long without letting others have their turn: probes, heartbeats, other devices. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import kafkajs from "kafkajs";
import { avroBytes } from "#test/support/avro-values.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, startLine } from "#test/support/line.js";
import { startStandInRegistry } from "#test/support/stand-in-registry.js";
import { startTranslation } from "#test/support/translation-line.js";

const METER = new URL("../../test/support/turn-meter.mjs", import.meta.url).href;

/** Twice what a turn is to take: 35 ms were measured, and 150 to 430 where all values of a record are made. */
const MOST_MS = 100;
/** Of records that a thread reads: 18 ms were measured, and 130 to 450 without it. */
const MOST_BESIDE_MS = 50;
/** What the unit takes the machine that it was measured on. On a slower one everything takes longer. */
const UNIT_MS = 20;

const ROUTES = `version: 1
routes:
${Array.from({ length: 8 }, (_, route) => `  - { match: { type: "*y*y*", labels: { stack: "*y*z${route}*" } }, to: team-${route}@example.com }\n`).join("")}
  - { to: operators@example.com }
`;

const labels = (count: number, value: string): string =>
  Array.from({ length: count }, (_, index) => `"l${index}":${value}`).join();
const list = (part: string, count: number): string => Array.from({ length: count }, () => part).join();
const alert = (rest: string): string => `{"deviceId":"large","message":"hot",${rest}}`;

interface Load {
  readonly values: readonly (string | Buffer)[];
  /** They are to be no more than a megabyte on the wire. */
  readonly inABatch: number;
}
const times = (value: string | Buffer, count: number, inABatch: number): Load => ({
  values: Array.from({ length: count }, () => value),
  inABatch,
});

/** Each of nearly a megabyte, but the last: a window of which most is read back for the file. */
const LOADS: readonly Load[] = [
  times(`{"deviceId":"large","message":"${"뜨겁다".repeat(99_000)}"}`, 60, 30),
  times(alert(`"type":"${"y".repeat(900)}","labels":{"stack":"${"y".repeat(900_000)}"}`), 60, 30),
  times(alert(`"labels":{${labels(10_000, '"a text of some length, as labels have it"')}}`), 30, 5),
  times(alert(`"labels":{${labels(60_000, '"v"')}}`), 30, 4),
  times(alert(`"labels":{${labels(60_000, "[1]")}}`), 30, 4),
  times(alert(`"severity":"ERR","raw":[${list("{}", 340_000)}]`), 30, 15),
  times(alert(`"severity":"ERR","raw":${"[".repeat(450_000)}${"]".repeat(450_000)}`), 30, 15),
  times(`{"deviceId":"large","message":"${"x".repeat(2_000)}; =1+1","labels":{"site":"busan-2"}}`, 6_000, 1_000),
  times('{"deviceId":"large","message":"m","severity":"ERR","value":"7"}', 60_000, 5_000),
];

const FIRST = { deviceId: "other", message: "#1# first" };
/** Of these all is made, in a thread of its own. */
const LABELLED = `"labels":{${labels(60_000, '"v"')}}`;
const OUTBOX = JSON.stringify(alert(`"labels":{${labels(45_000, '"v"')}}`));
const SCHEMA = JSON.stringify({
  type: "struct",
  fields: [
    { field: "deviceId", type: "string" },
    { field: "message", type: "string" },
    { field: "labels", type: "map", keys: { type: "string" }, values: { type: "string" } },
  ],
});
const MAPPING = 'version: 1\nfields: { deviceId: /deviceId, message: /message, labels: { from: "", texts: true } }\n';

/** An Avro alert, in Confluent's frame. */
const AVRO = {
  type: "record",
  name: "Alert",
  fields: [
    { name: "deviceId", type: "string" },
    { name: "message", type: "string" },
    { name: "labels", type: { type: "map", values: "string" } },
  ],
};
const avroAlert = (device: string, message: string, count: number): Buffer => {
  const all = Array.from({ length: count }, (_, index) => [`l${index}`, "v"] as const);
  const body = avroBytes(AVRO, { deviceId: device, message, labels: all });
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), body]);
};

const EVENT = { specversion: "1.0", id: "1", source: "/s", type: "t" };

type Wrapped = readonly [
  name: string,
  env: Readonly<Record<string, string>>,
  values: readonly string[],
  first?: object,
];
const WRAPPED: readonly Wrapped[] = [
  [
    "Kafka Connect",
    { RECORD_ENVELOPE: "connect" },
    [`{"schema":${SCHEMA},"payload":${alert(LABELLED)}}`, alert(LABELLED)],
  ],
  ["Debezium", { RECORD_ENVELOPE: "debezium" }, [`{"op":"c","before":null,"after":${alert(LABELLED)}}`, OUTBOX]],
  [
    "CloudEvents",
    { RECORD_ENVELOPE: "cloudevents" },
    [JSON.stringify({ ...EVENT, data: "" }).replace('""', () => alert(LABELLED))],
    { ...EVENT, data: FIRST },
  ],
  ["a mapping of whole records", { MAPPING_FILE: MAPPING }, [alert(`"raw":[${list("{}", 340_000)}]`), alert(LABELLED)]],
];

/** To the topic's first partition. */
const produce = async ({ brokers }: Line, topic: string, loads: readonly Load[]): Promise<void> => {
  const producer = quietClient(brokers, { requestTimeout: 240_000 }).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (const { values, inABatch } of loads)
      for (let sent = 0; sent < values.length; sent += inABatch) {
        const messages = values.slice(sent, sent + inABatch).map((value) => ({ key: "large", partition: 0, value }));
        await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages });
      }
  } finally {
    await producer.disconnect();
  }
};

interface Measured {
  readonly turns: number;
  readonly longestMs: readonly number[];
  readonly unitMs: number;
}

/** `first`: an alert as the product reads it. `env`: of which a mapping is its text. Returns how many turns there were. */
const assertNoTurnIsLong = async (
  t: TestContext,
  env: Readonly<Record<string, string>>,
  loads: readonly Load[],
  { mostMs, first = FIRST }: { readonly mostMs: number; readonly first?: object | Buffer | undefined },
): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), "alert-digest-turns-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [file, routes, mapping] = [join(folder, "turns.json"), join(folder, "routes.yaml"), join(folder, "m.yaml")];
  await writeFile(routes, ROUTES);
  const { MAPPING_FILE: written } = env;
  if (written !== undefined) await writeFile(mapping, written);
  const line = await startLine(t, {
    partitions: 2,
    env: {
      ...env,
      ...(written !== undefined && { MAPPING_FILE: mapping }),
      ROUTES_FILE: routes,
      MAIL_CSV: "always",
      NODE_OPTIONS: `--import=${METER}`,
      TURNS_FILE: file,
    },
  });
  const product = await line.start();
  // What is loaded at a start, and at a first mail, is none of it.
  const [{ partition = -1, offset = -1 } = {}] = await line.produceRaw([{ key: "other", value: first, partition: 1 }]);
  line.enter([{ ordinal: 1, device: "other", partition, offset, timestamp: Date.now() }]);
  await line.allMailed();
  product.signal("SIGUSR2");
  await produce(line, line.topic, loads);
  await line.allCommitted();
  assert.equal((await product.metrics()).value("alerts_total", { outcome: "invalid" }), 0);
  assert.equal(await product.stop(), 0);
  return measuredIn(t, file, mostMs);
};

/** Fails where a turn took longer. Returns how many there were. */
const measuredIn = async (t: TestContext, file: string, mostMs: number): Promise<number> => {
  const { turns, longestMs, unitMs } = JSON.parse(await readFile(file, "utf8")) as Measured;
  t.diagnostic(
    `${turns} turns, ${longestMs.map((ms) => ms.toFixed(0)).join(" ")} ms the longest, ${unitMs.toFixed(0)} ms the unit`,
  );
  const most = mostMs * Math.max(1, unitMs / UNIT_MS);
  assert.ok(
    longestMs.length > 0 && longestMs.every((ms) => ms < most),
    `${longestMs.join(" ")} ms, at most ${most} ms`,
  );
  return turns;
};

const LINUX = { skip: process.platform === "linux" ? false : "it reads what the kernel says of a thread" };

test(
  "alerts of a megabyte, 60,000 labels, deep lists, a window read back, eight routes: no turn of the event loop takes long",
  LINUX,
  async (t) => {
    const turns = await assertNoTurnIsLong(t, {}, LOADS, { mostMs: MOST_MS });
    assert.ok(turns > 500, `${turns} turns`);
  },
);

for (const [name, env, values, first] of WRAPPED)
  test(`records of a megabyte that are read by ${name}: no turn of the event loop takes long`, LINUX, async (t) => {
    await assertNoTurnIsLong(
      t,
      env,
      values.map((value) => times(value, 6, 3)),
      { mostMs: MOST_BESIDE_MS, first },
    );
  });

for (const [what, env] of [
  ["alerts", {}],
  ["mapped", { MAPPING_FILE: MAPPING }],
] as const)
  test(`records of a megabyte that name a schema, ${what}: no turn of the event loop takes long`, LINUX, async (t) => {
    const registry = await startStandInRegistry(t, { 1: JSON.stringify(AVRO) });
    await assertNoTurnIsLong(
      t,
      { ...env, SCHEMA_REGISTRY_URL: registry.url },
      [times(avroAlert("large", "hot", 75_000), 6, 3)],
      { mostMs: MOST_BESIDE_MS, first: avroAlert("other", "#1# first", 1) },
    );
  });

test("records of a megabyte that are translated: no turn of the event loop takes long", LINUX, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "alert-digest-turns-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [file, mapping] = [join(folder, "turns.json"), join(folder, "m.yaml")];
  await writeFile(mapping, MAPPING);
  const here = await startTranslation(t);
  const product = await here.start({ MAPPING_FILE: mapping, NODE_OPTIONS: `--import=${METER}`, TURNS_FILE: file });
  await here.send(0, [{ key: null, value: FIRST }]);
  await here.waitForAlerts(1);
  product.signal("SIGUSR2");
  const loads = [alert(`"raw":[${list("{}", 340_000)}]`), alert(LABELLED)].map((value) => times(value, 6, 3));
  await produce(here.line, here.from, loads);
  await here.waitForAlerts(13);
  await here.allCommitted();
  assert.equal((await product.metrics()).value("translated_total", { topic: here.from, outcome: "invalid" }), 0);
  assert.equal(await product.stop(), 0);
  await measuredIn(t, file, MOST_BESIDE_MS);
});
