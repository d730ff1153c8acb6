import assert from "node:assert/strict";
import { test } from "node:test";
import type { StartAt } from "#src/core/first-start.js";
import type { FoundRecords } from "#src/kafka/record-times.js";
import { StartOffsets } from "#src/kafka/start-offsets.js";
import type { CommittedPartition } from "#src/runtime/ports.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const entry = (partition: number, offset?: number): CommittedPartition => ({
  partition,
  log: `alerts/${partition}`,
  offset,
  metadata: offset === undefined ? null : "checkpoint",
  logStart: 0,
  logEnd: 9,
  logStable: 8,
});

const setup = (startAt: StartAt = { kind: "latest" }) => {
  const clock = new VirtualClock();
  const world = {
    clock,
    lines: [] as { level: string; msg: string; fields: Record<string, unknown> }[],
    commits: [] as string[],
    failure: undefined as Error | undefined,
    find: async (_: number): Promise<FoundRecords> => new Map([0, 1].map((id) => [id, { offset: 4, timestampMs: 77 }])),
    begin: async (known: readonly CommittedPartition[], silent: readonly number[] = [], own = [0, 1]) =>
      (
        await start.begin({ known, silent }, { assigned: new Set(own), wanted: own }, async (partitions) => {
          if (world.failure !== undefined) throw world.failure;
          world.commits.push(partitions.map(({ partition, offset }) => `${partition}@${offset}`).join(" "));
        })
      ).map(({ partition, offset, metadata }) => `${partition}@${offset}${metadata === "" ? " new" : ""}`),
  };
  const tell = (level: string) => (fields: object, msg: string) =>
    void world.lines.push({ level, msg, fields: fields as Record<string, unknown> });
  const start = new StartOffsets({
    startAt,
    times: { firstFrom: (since) => world.find(since) },
    names: { topic: "alerts", group: "night", brokers: ["k1:9092", "k2:9092"] },
    clock,
    log: { ...quietLog, info: tell("info"), warn: tell("warn") },
  });
  return world;
};

test("partitions with a commit are left alone, and nothing is told of them", async () => {
  const world = setup();
  assert.deepEqual(await world.begin([entry(0, 3), entry(1, 5)]), ["0@3", "1@5"]);
  assert.deepEqual([world.commits, world.lines], [[], []]);
});

test("the warning says what will be mailed, since when, why, and with which command it is skipped", async () => {
  const world = setup({ kind: "earliest" });
  assert.deepEqual(await world.begin([entry(0), entry(1)]), ["0@0 new", "1@0 new"]);
  assert.deepEqual(world.commits, ["0@0 1@0"]);
  const [{ level = "", msg = "", fields = {} } = {}] = world.lines;
  assert.equal(level, "warn");
  assert.match(msg, /^no committed offset: the records that are in the log already will be mailed/);
  assert.deepEqual([fields["records"], fields["since"]], [18, "1970-01-01T00:00:00.077Z"]);
  assert.match(String(fields["why"]), /never read this topic, or its offsets expired/);
  assert.match(
    String(fields["skip"]),
    /--bootstrap-server k1:9092,k2:9092 --group night --topic alerts:0,1 --reset-offsets --to-latest --execute/,
  );
});

test("since when is asked from 2000 on: a record that is stamped in seconds does not say when it was written", async () => {
  const world = setup({ kind: "earliest" });
  const asked: number[] = [];
  world.find = async (since) => {
    asked.push(since);
    return new Map([[0, { offset: 7, timestampMs: Date.UTC(2026, 10, 21) }]]);
  };
  assert.deepEqual(await world.begin([entry(0)]), ["0@0 new"]);
  assert.deepEqual([asked, world.lines[0]?.fields["since"]], [[Date.UTC(2000, 0)], "2026-11-21T00:00:00.000Z"]);
});

test("where the time of the first record cannot be had, the warning leaves it out", async () => {
  const world = setup({ kind: "earliest" });
  world.find = async () => Promise.reject(new Error("no answer"));
  assert.deepEqual(await world.begin([entry(0)]), ["0@0 new"]);
  assert.deepEqual([world.lines[0]?.fields["records"], world.lines[0]?.fields["since"]], [9, undefined]);
});

test("a first commit that fails holds the partitions back, and is tried again; nothing is told before it is there", async () => {
  const world = setup();
  world.failure = new Error("connection lost");
  assert.deepEqual(await world.begin([entry(0), entry(1)]), []);
  assert.deepEqual(
    world.lines.map(({ msg }) => msg),
    ["the first commit of these partitions failed; trying again"],
  );
  world.failure = undefined;
  assert.deepEqual(await world.begin([entry(0), entry(1)]), ["0@8 new", "1@8 new"]);
});

test("a partition whose broker is silent is waited for, but not for ever; later it begins where its log does", async () => {
  const world = setup();
  assert.deepEqual(await world.begin([entry(0)], [1]), []);
  await world.clock.advance(29_000);
  assert.deepEqual(await world.begin([entry(0)], [1]), []);
  await world.clock.advance(2_000);
  assert.deepEqual(await world.begin([entry(0)], [1]), ["0@8 new"]);
  assert.deepEqual(await world.begin([entry(0, 8), entry(1)]), ["0@8", "1@0 new"]);
  assert.deepEqual(world.commits, ["0@8", "1@0"]);
});

test("a span begins with its first record; a partition of which nobody says where that is, is asked for again", async () => {
  const world = setup({ kind: "span", spanMs: 5_000 });
  await world.clock.advance(60_000);
  const asked: number[] = [];
  world.find = async (since) => {
    asked.push(world.clock.now() - since);
    return asked.length === 1
      ? new Map([[0, undefined]])
      : new Map([
          [0, undefined],
          [1, { offset: 6, timestampMs: 1 }],
        ]);
  };
  assert.deepEqual(await world.begin([entry(0), entry(1)]), []);
  assert.deepEqual(await world.begin([entry(0), entry(1)]), ["0@8 new", "1@6 new"]);
  assert.deepEqual(asked, [5_000, 5_000]);
});

test("a topic whose commits are gone while this process runs, for it was created anew, is read from its start", async () => {
  const world = setup();
  await world.begin([entry(0, 3), entry(1, 5)]);
  assert.deepEqual(await world.begin([entry(0), entry(1)]), ["0@0 new", "1@0 new"]);
  assert.match(String(world.lines[0]?.fields["why"]), /offsets were deleted/);
});

test("without a membership nothing is committed, and partitions without a commit wait", async () => {
  const clock = new VirtualClock();
  const start = new StartOffsets({
    startAt: { kind: "earliest" },
    times: { firstFrom: async () => new Map() },
    names: { topic: "alerts", group: "night", brokers: [] },
    clock,
    log: quietLog,
  });
  const scope = { assigned: new Set([0]), wanted: [0] };
  assert.deepEqual(await start.begin({ known: [entry(0)], silent: [] }, scope, undefined), []);
});
