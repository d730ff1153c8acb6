/** Records and mappings that somebody damaged: nothing throws, nothing takes long, and what is read was there. `RUNS_FACTOR=62` makes a million of them. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { cloudEventsEnvelope } from "#src/formats/envelopes/cloudevents.js";
import { connectEnvelope } from "#src/formats/envelopes/connect.js";
import { debeziumEnvelope } from "#src/formats/envelopes/debezium.js";
import { type Mappings, parseMappings } from "#src/formats/mapping/mapping-file.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { recordItems } from "#src/formats/record-items.js";
import { createShapedCodec, type Shape } from "#src/formats/shaped-codec.js";
import type { Decoded } from "#src/runtime/ports.js";
import { Random } from "#test/support/random.js";
import { mappingsOf, NEAREST } from "#test/unit/formats/mapping/mappings.js";

const SEED = Number(process.env["SEED"] ?? 20_261_121);
const FACTOR = Number(process.env["RUNS_FACTOR"] ?? 1);
const RUNS = Math.round(4_000 * FACTOR);
const RERUN = `SEED=${SEED} npm run test:volume -- formats/hostile-records`;
/** Processor time for all of them, on average; one that takes seconds is seen. */
const MEAN_MS = 15;

const EXAMPLES = new URL("../../../examples/mappings/", import.meta.url);
const example = (name: string): string => readFileSync(new URL(name, EXAMPLES), "utf8");

const HOSTILE: readonly unknown[] = [
  ...[
    null,
    "",
    " ",
    0,
    -1,
    1e308,
    9007199254740993n.toString(),
    true,
    [],
    {},
    [[]],
    "NaN",
    "\u0000",
    "\ud800",
    "{",
    "[1]",
    "eyJhIjoxfQ==",
  ],
  ...["__proto__", "constructor", "d", "m", "t", "1e400", "x".repeat(5_000), Array.from({ length: 2_000 }, () => null)],
  { schema: null, payload: { deviceId: "x", message: "y" } },
  { name: "org.apache.kafka.connect.data.Decimal", parameters: { scale: "999999999" } },
  { name: "io.debezium.time.MicroTimestamp", type: "int64" },
  { type: "struct", fields: [{ field: "__proto__", type: "string", default: "x" }] },
  { type: "map", values: { type: "array", items: {} } },
];

/** With one of its parts replaced, taken out or named otherwise. */
const bent = (random: Random, value: unknown, depth = 0): unknown => {
  if (typeof value !== "object" || value === null || (depth > 0 && random.chance(0.25))) return random.pick(HOSTILE);
  if (Array.isArray(value)) {
    if (value.length === 0) return random.pick(HOSTILE);
    const at = random.between(0, value.length - 1);
    return value.map((one, index) => (index === at ? bent(random, one, depth + 1) : one));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return random.pick(HOSTILE);
  const at = random.between(0, entries.length - 1);
  const name = random.chance(0.1) ? String(random.pick(HOSTILE)).slice(0, 50) : undefined;
  return Object.fromEntries(
    entries.flatMap(([key, one], index) => {
      if (index !== at) return [[key, one]];
      return random.chance(0.1) ? [] : [[name ?? key, bent(random, one, depth + 1)]];
    }),
  );
};

/** A few bytes of it changed, cut or doubled. */
const torn = (random: Random, whole: Buffer): Buffer => {
  const bytes = Buffer.from(whole);
  const at = random.between(0, Math.max(0, bytes.length - 1));
  const kind = random.between(0, 2);
  if (kind === 0 && bytes.length > 0) bytes[at] = random.between(0, 255);
  if (kind === 1) return bytes.subarray(0, at);
  return kind === 2 ? Buffer.concat([bytes, bytes.subarray(at)]) : bytes;
};

const damaged = (random: Random, value: unknown): Buffer => {
  let bent1 = value;
  for (let times = random.between(0, 3); times > 0; times--) bent1 = bent(random, bent1);
  const bytes = Buffer.from(JSON.stringify(bent1) ?? "null");
  return random.chance(0.3) ? torn(random, bytes) : bytes;
};

const EVENT = { specversion: "1.0", id: "e", source: "/s", type: "t", subject: "d", time: "2026-11-21T00:00:00Z" };
const ROW = { deviceId: "d", message: "m", severity: "critical", value: "AZ8=", occurredAt: 1, labels: '{"a":"b"}' };
const SCHEMA = {
  type: "struct",
  fields: [
    { field: "deviceId", type: "string" },
    { field: "value", type: "bytes", name: "org.apache.kafka.connect.data.Decimal", parameters: { scale: "1" } },
    { field: "occurredAt", type: "int64", name: "io.debezium.time.NanoTimestamp" },
    { field: "labels", type: "map", keys: { type: "string" }, values: { type: "string" } },
  ],
};
const change = { before: null, after: ROW, source: { table: "a" }, op: "c" };
const changeSchema = { type: "struct", fields: [{ ...SCHEMA, field: "after" }] };
const binary = Object.fromEntries(Object.entries(EVENT).map(([name, text]) => [`ce_${name}`, text]));

const plain = { registry: undefined, envelope: undefined, mapping: () => undefined };

const codecOf = (shape: Shape) => createShapedCodec(shape, DEFAULT_RULES);

const checked = (decoded: Decoded, parse: ReturnType<typeof codecOf>["parse"], bytes: Buffer): void => {
  if (decoded.kind !== "alert") {
    assert.ok(decoded.detail.length > 0 && decoded.detail.length < 2_000, decoded.detail);
    return;
  }
  const alert = parse(decoded.bytes);
  const shown = bytes.toString("latin1").slice(0, 500);
  assert.equal(alert.deviceId, decoded.deviceId, `${shown}\n${RERUN}`);
  assert.ok(alert.deviceId !== "" && ["info", "warning", "critical"].includes(alert.severity), `${shown}\n${RERUN}`);
};

const within = (runs: number, body: (run: number) => void): void => {
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) body(run);
  const { user } = process.cpuUsage(before);
  assert.ok(user / 1_000 < runs * MEAN_MS + 2_000, `${user / 1_000} ms of processor time for ${runs}; ${RERUN}`);
};

for (const [name, envelope, records] of [
  ["connect", connectEnvelope, [{ value: ROW }, { value: { schema: SCHEMA, payload: ROW } }]],
  [
    "debezium",
    debeziumEnvelope,
    [{ value: change }, { value: { schema: changeSchema, payload: change } }, { value: JSON.stringify(ROW) }],
  ],
  [
    "cloudevents",
    cloudEventsEnvelope,
    [
      { value: { ...EVENT, data: ROW } },
      { value: { ...EVENT, data_base64: "eyJhIjoxfQ==" } },
      { value: ROW, headers: binary },
    ],
  ],
] as const)
  test(`whatever comes, the envelope ${name} answers, and a delete is never an alert`, () => {
    const random = new Random(SEED);
    const codec = codecOf({ ...plain, envelope });
    within(RUNS, () => {
      const record: { readonly value: unknown; readonly headers?: Readonly<Record<string, string>> } = random.pick([
        ...records,
      ]);
      const value = damaged(random, record.value);
      const key = random.chance(0.5)
        ? null
        : damaged(random, random.pick([{ deviceId: "d" }, "d", { schema: null, payload: "d" }]));
      const decoded = codec.decode({ key, value, headers: record.headers });
      checked(decoded, codec.parse, value);
      if (name === "debezium" && decoded.kind === "alert") assert.ok(!isDelete(value), `${value}\n${RERUN}`);
    });
  });

const isDelete = (value: Buffer): boolean => {
  const json = JSON.parse(value.toString()) as { payload?: unknown };
  const event = (Object.keys(json).length === 2 && Object.hasOwn(json, "schema") ? json.payload : json) as {
    op?: unknown;
  };
  return event.op === "d" && ("before" in event || "after" in event || "source" in event);
};

test("whatever comes, each ready mapping answers, and what it reads stands in the record", () => {
  const names = readdirSync(EXAMPLES).flatMap((file) => (file.endsWith(".yaml") ? [file.replace(/\.yaml$/, "")] : []));
  const random = new Random(SEED);
  const all = names.map((name) => ({
    mapping: mappingsOf(example(`${name}.yaml`)).mapping,
    values: example(`${name}.jsonl`)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  }));
  let alerts = 0;
  within(RUNS, () => {
    const { mapping, values } = random.pick(all);
    const shape: Shape = { ...plain, mapping: () => mapping };
    const { parse } = codecOf(shape);
    const value = damaged(random, random.pick(values));
    for (const { decoded } of recordItems(shape, { key: null, value }, DEFAULT_RULES)) {
      checked(decoded, parse, value);
      if (decoded.kind !== "alert") continue;
      alerts++;
      assert.ok(isIn(decoded.deviceId, value), `${decoded.deviceId} is not in ${value}\n${RERUN}`);
    }
  });
  assert.ok(alerts > RUNS / 10, `${alerts} of ${RUNS} were read`);
});

test("whatever comes, the parts that a mapping looks at are read as they are of the whole record", () => {
  const random = new Random(SEED);
  const text = `only: { /kind: [a, b] }
fields:
  deviceId: [/d, /list/1/d, /deep/a/b/0]
  message: ["{/m} {/list/0} {/deep/a}", /가, /m]
  type: /list/2
  value: { from: /v, number: true }
  labels: { from: /labels, texts: true }
`;
  const mapping = mappingsOf(`version: 1\n${text}`).mapping;
  assert.ok(mapping?.wanted !== undefined);
  const values: readonly unknown[] = [
    {
      kind: "a",
      d: "boiler",
      m: "뜨겁다",
      v: 12345678901234567890n.toString(),
      labels: { a: [1, { b: null }] },
      x: [[{}], "\\"],
    },
    {
      kind: "b",
      list: ["0", { d: "pump", x: 1e-7 }, true, 3],
      deep: { a: { b: ["c", "\u0001é"] } },
      m: null,
      v: -41.5,
    },
    { 가: "이름", kind: "a", d: 7, list: [], deep: 1, labels: { __proto__: 1 } },
  ];
  const sparse = codecOf({ ...plain, mapping: () => mapping });
  const full = codecOf({ ...plain, mapping: () => ({ ...mapping, wanted: undefined }) });
  let alerts = 0;
  within(RUNS, () => {
    const value = random.chance(0.1)
      ? damaged(random, random.pick(values))
      : numbered(random, damaged(random, random.pick(values)));
    const decoded = sparse.decode({ key: null, value });
    if (decoded.kind === "alert") alerts++;
    assert.deepEqual(decoded, full.decode({ key: null, value }), `${value}\n${RERUN}`);
  });
  assert.ok(alerts > RUNS / 20, `${alerts} of ${RUNS} were read`);
});

/** With a number, a name or a text in it written in another way that JSON has. */
const numbered = (random: Random, value: Buffer): Buffer => {
  const text = value.toString();
  const [from, to] = random.pick([
    [
      "-41.5",
      random.pick([
        "-4150e-2",
        "9007199254740993",
        "1E3",
        "-0",
        "0.1000000000000000055",
        "NaN",
        "123456789012345",
        "1234567890123456",
      ]),
    ],
    ['"kind"', random.pick(['"k\\u0069nd"', '"kind" ', '"x":1,"kind"'])],
    ['"d":', random.pick(['"d":{"y":1},"d":', '"d" :\n', '"d":"first","d":'])],
    ["뜨겁다", random.pick(["\\ud55c", "\\n", '{\\"m\\":1}', "é"])],
  ] as const);
  return Buffer.from(text.replace(from, to));
};

/** As the record has it, or escaped, or in the text of a number. */
const isIn = (text: string, value: Buffer): boolean => {
  const json = value.toString();
  if (json.includes(JSON.stringify(text).slice(1, -1)) || json.includes(text.slice(0, 100))) return true;
  return (
    [...json.matchAll(/-?\d[\d.eE+-]*/g)].some(([number]) => String(Number(number)) === text) || /^[[{]|…$/.test(text)
  );
};

test("whatever somebody does to a mapping, it is compiled or its mistakes have a place, and what is compiled runs", () => {
  const random = new Random(SEED);
  const files = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith(".yaml"))
    .map(example);
  const records = HOSTILE.map((value) => ({ value, whole: value }));
  let right = 0;
  // To read one takes as long as many records.
  within(Math.ceil(RUNS / 10), () => {
    const text = torn(random, Buffer.from(random.pick(files))).toString();
    const result = parseMappings(text, "m.yaml", NEAREST);
    if (!result.ok) {
      assert.ok(result.errors.length > 0, `${text}\n${RERUN}`);
      for (const { where, problem, expected } of result.errors) {
        assert.match(where, /^m\.yaml:\d+:\d+$/, `${text}\n${RERUN}`);
        assert.ok(problem.length > 0 && problem.length < 500 && expected.length > 0, problem);
      }
      return;
    }
    right++;
    runs(result.value, random.pick(records).value);
  });
  assert.ok(right > 0);
});

const runs = ({ mapping }: Mappings, value: unknown): void => {
  if (mapping === undefined) return;
  const shape: Shape = { ...plain, mapping: () => mapping };
  recordItems(shape, { key: null, value: Buffer.from(JSON.stringify(value)) }, DEFAULT_RULES);
};
