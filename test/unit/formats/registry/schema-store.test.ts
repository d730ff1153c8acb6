import assert from "node:assert/strict";
import { test } from "node:test";
import type { Judged } from "#src/formats/registry/answers.js";
import type { RegisteredSchema } from "#src/formats/registry/fetch-schema.js";
import type { SchemaName } from "#src/formats/registry/framing.js";
import { compileSchema } from "#src/formats/registry/schema-reader.js";
import { SchemaStore } from "#src/formats/registry/schema-store.js";
import { SECOND_0, settled, VirtualClock } from "#test/support/virtual-clock.js";

const FOUND: Judged<RegisteredSchema> = {
  kind: "found",
  value: { type: "AVRO", text: '"string"', references: [] },
};
const AWAY: Judged<RegisteredSchema> = { kind: "away", outcome: "failed", why: "it answers 503" };
const MISSING: Judged<RegisteredSchema> = { kind: "missing" };

const bench = () => {
  const clock = new VirtualClock(SECOND_0);
  const said: string[] = [];
  const say = (_: unknown, message: string): void => void said.push(message.split(":")[0] ?? "");
  const world = {
    answer: FOUND as Judged<RegisteredSchema>,
    asked: [] as string[],
    held: undefined as Promise<void> | undefined,
  };
  const store = new SchemaStore({
    fetch: async (schema) => {
      world.asked.push(`${schema} ${clock.elapsed() / 1_000}`);
      await world.held;
      return world.answer;
    },
    compile: (schema) => compileSchema(schema, undefined),
    clock,
    log: { debug: say, info: say, warn: say, error: say },
  });
  const startedAt = clock.elapsed() / 1_000;
  const times = (): number[] => world.asked.map((line) => Number(line.split(" ")[1]) - startedAt);
  return { clock, world, store, said, times };
};

const kindOf = (store: SchemaStore, schema: SchemaName): string | undefined => store.get(schema)?.kind;

test("a schema is asked for once, however many records name it, and is kept", async () => {
  const { store, world } = bench();
  await Promise.all([store.want("id:1"), store.want("id:1"), store.want("id:1")]);
  await settled();
  assert.equal(kindOf(store, "id:1"), "reader");
  assert.equal(world.asked.length, 1);
  assert.equal(kindOf(store, "id:2"), undefined);
});

test("a registry that cannot answer is asked again, less and less often, without an end; then the schema is there", async () => {
  const { store, world, clock, times, said } = bench();
  world.answer = AWAY;
  let done = false;
  void store.want("id:1").then(() => (done = true));
  await clock.advance(600_000);
  assert.equal(done, false);
  assert.equal(kindOf(store, "id:1"), undefined);
  assert.deepEqual(times().slice(0, 7), [0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5]);
  assert.ok(times().length < 50);
  assert.ok(store.waitingMs >= 600_000);
  world.answer = FOUND;
  await clock.advance(15_000);
  assert.deepEqual([done, kindOf(store, "id:1"), store.waitingMs], [true, "reader", 0]);
  const away = "the schema registry cannot answer";
  // Once a minute, and then the end of it.
  assert.deepEqual(new Set(said), new Set([away, "the schema registry answers again"]));
  assert.ok(said.filter((message) => message === away).length <= 11);
});

test("a schema is missing only after the registry has said so for 30 seconds, and not before", async () => {
  const { store, world, clock } = bench();
  world.answer = MISSING;
  void store.want("id:1");
  await clock.advance(29_000);
  assert.equal(kindOf(store, "id:1"), undefined);
  await clock.advance(6_000);
  assert.equal(kindOf(store, "id:1"), "missing");
});

test("a schema that was registered a moment after its records were written is found", async () => {
  const { store, world, clock } = bench();
  world.answer = MISSING;
  void store.want("id:1");
  await clock.advance(10_000);
  world.answer = FOUND;
  await clock.advance(6_000);
  assert.equal(kindOf(store, "id:1"), "reader");
});

test("an outage between two answers that a schema is missing proves nothing by itself", async () => {
  const { store, world, clock } = bench();
  world.answer = MISSING;
  void store.want("id:1");
  await clock.advance(2_000);
  world.answer = AWAY;
  await clock.advance(300_000);
  assert.equal(kindOf(store, "id:1"), undefined);
});

test("one that was missing is asked for again after a minute, and given up at once if it still is", async () => {
  const { store, world, clock } = bench();
  world.answer = MISSING;
  void store.want("id:1");
  await clock.advance(40_000);
  assert.equal(kindOf(store, "id:1"), "missing");
  await clock.advance(61_000);
  assert.equal(kindOf(store, "id:1"), undefined);
  const before = world.asked.length;
  await store.want("id:1");
  assert.deepEqual([world.asked.length, kindOf(store, "id:1")], [before + 1, "missing"]);
  await clock.advance(61_000);
  world.answer = FOUND;
  await store.want("id:1");
  assert.equal(kindOf(store, "id:1"), "reader");
});

test("a schema of a type that nobody here reads cannot be used; it is not waited for", async () => {
  const { store, world } = bench();
  world.answer = { kind: "found", value: { type: "XSD", text: "<x/>", references: [] } };
  await store.want("id:1");
  assert.deepEqual(store.get("id:1"), {
    kind: "unusable",
    detail: 'schema id:1: its type is "XSD", none of AVRO, PROTOBUF, JSON',
  });
});

test("a schema that cannot be used is known as such, with the reason", async () => {
  const { store, world } = bench();
  const text = JSON.stringify({ type: "record", name: "A", fields: [{ name: "a", type: "A" }] });
  world.answer = { kind: "found", value: { type: "AVRO", text, references: [] } };
  await store.want("id:1");
  const known = store.get("id:1");
  assert.ok(known?.kind === "unusable");
  assert.match(known.detail, /schema id:1: the record A always holds another A: it has no end/);
});

test("at most a thousand schemas are kept: the oldest is asked for again", async () => {
  const { store } = bench();
  for (let id = 0; id <= 1_000; id++) await store.want(`id:${id}`);
  assert.equal(store.size, 1_000);
  assert.deepEqual([kindOf(store, "id:0"), kindOf(store, "id:1")], [undefined, "reader"]);
});

test("nothing is asked after a close, and whoever waits is let go", async () => {
  const { store, world, clock } = bench();
  world.answer = AWAY;
  const wanted = store.want("id:1");
  await clock.advance(1_000);
  store.close();
  await wanted;
  const asked = world.asked.length;
  await clock.advance(60_000);
  assert.equal(world.asked.length, asked);
});
