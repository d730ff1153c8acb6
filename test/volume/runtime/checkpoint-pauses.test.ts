import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest, SendOutcome } from "#src/runtime/ports.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { failure } from "#test/support/delivery-bench.js";
import { ACCEPTED, ALONE, runtimeBench } from "#test/support/runtime-bench.js";
import { settled } from "#test/support/virtual-clock.js";
import { seededRandom } from "#tools/simulator/random.js";

test("a checkpoint pauses its own partition at three quarters and lets it go on at half, also while the buffer comes and goes", async () => {
  const random = seededRandom(7);
  const { clock, assignments, read, world, pausedFor, mails } = runtimeBench({ bufferMaxAlerts: 16_000 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  // Half of the devices' mails are deferred: what is settled lies between what is not, as irregularly as can be.
  const stuck = new Set(Array.from({ length: 20 }, (_, device) => `d${device}`));
  const deferred: SendOutcome = { kind: "deferred", failure: failure("message-deferred"), refused: [] };
  const bySmtp = { buffer: undefined as Promise<SendOutcome> | undefined };
  world.smtp = async () => {
    const device = mails.at(-1)?.deviceId ?? "";
    return stuck.has(device) ? deferred : device.startsWith("other") ? (bySmtp.buffer ?? ACCEPTED) : ACCEPTED;
  };
  const bytes = (): number => assignments.states().find(({ partition }) => partition === 0)?.checkpointBytes ?? 0;
  let reads = 0;
  for (; !pausedFor(0).includes("checkpoint"); reads++) {
    assert.ok(bytes() < 3_072, `${bytes()} characters and not paused`);
    assert.ok(reads < 50, "it never pauses");
    const second = 1 + reads * 32;
    read(
      0,
      Array.from({ length: 1_000 }, () => [`d${random.whole(0, 39)}`, second] as const),
    );
    read(0, [["time", second + 32]]);
    await clock.advance(1_000);
  }
  assert.ok(bytes() >= 3_072 && bytes() <= 4_096, `${bytes()} characters`);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [["checkpoint"], [], [0]]);

  let accept = (_: SendOutcome): void => undefined;
  bySmtp.buffer = new Promise((resolve) => {
    accept = resolve;
  });
  // What is listed of the stuck windows is in memory; this is the rest of the buffer.
  read(
    1,
    Array.from({ length: 9_000 }, (_, n) => [`other${n % 60}`, 1] as const),
  );
  read(1, [["time", 40]]);
  await clock.advance(200);
  assert.deepEqual([pausedFor(0).toSorted(), pausedFor(1)], [["buffer", "checkpoint"], ["buffer"]]);
  accept(ACCEPTED);
  await clock.advance(1_000);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [["checkpoint"], [], [0]]);

  while (pausedFor(0).includes("checkpoint")) {
    assert.ok(bytes() > 2_048, `${bytes()} characters and still paused`);
    for (const device of [...stuck].slice(0, 2)) stuck.delete(device);
    await clock.advance(61_000);
  }
  assert.ok(bytes() <= 2_048 && bytes() > 1_000, `${bytes()} characters`);
  assert.deepEqual([pausedFor(0), [...world.paused]], [[], []]);
});

test("a checkpoint that was large, and is small once everything is settled, closes no window of a backlog early", async () => {
  const random = seededRandom(8);
  const { clock, assignments, read, world, pausedFor, mails, committed } = runtimeBench({ bufferMaxAlerts: 1_000_000 });
  await clock.advance(10_000_000);
  assignments.joined([0], ALONE);
  await settled();
  let isStuck = true;
  const deferred: SendOutcome = { kind: "deferred", failure: failure("message-deferred"), refused: [] };
  world.smtp = async () => (isStuck && (mails.at(-1)?.deviceId ?? "").startsWith("stuck") ? deferred : ACCEPTED);
  const someDevice = (): string => `${random.whole(0, 1) === 0 ? "stuck" : "quick"}-${random.whole(0, 19)}`;
  const start = 1_000;
  read(
    0,
    Array.from({ length: 21_000 }, () => [someDevice(), start] as const),
  );
  // Its window is open, and the backlog has more of it.
  read(0, [["backlog", start + 40]]);
  await clock.advance(2_000);
  assert.deepEqual(pausedFor(0), ["checkpoint"]);
  isStuck = false;
  // Commits take their time: what is paused for is known from the last one only.
  world.commitDelayMs = 1_000;
  await clock.advance(10_000);
  assert.equal(committed.get(0)?.offset, 21_000);
  assert.deepEqual([...world.paused], []);
  read(0, [["backlog", start + 41]]);
  read(0, [["time", start + 80]]);
  await clock.advance(2_000);
  assert.deepEqual(
    mails.at(-1)?.listed.map(({ late }) => late),
    [false, false],
  );
});

test("a replay is not paused for the size of its checkpoint: it was as large before", async () => {
  const { clock, assignments, read, world, pausedFor } = runtimeBench();
  await clock.advance(100_000);
  const settledBefore = Array.from({ length: 1_100 }, (_, i): [number, number] => [
    i * 997 + 1,
    i * 997 + (i % 7) * 50 + 1,
  ]);
  const start = { position: 0, time: undefined, marks: [], settled: settledBefore, readTo: 1_500_000 };
  world.logEnd = 2_000_000;
  world.committed.set(0, { offset: 0, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  read(0, [["a", 1]]);
  await clock.advance(6_000);
  assert.ok((assignments.states()[0]?.checkpointBytes ?? 0) > 3_100);
  assert.deepEqual(pausedFor(0), []);
});

/** Alerts of 40 devices in random order, half of them with mails that are deferred: what is settled lies as irregularly as can be. */
const irregular = (world: { smtp: () => Promise<SendOutcome> }, mails: readonly Digest[], seed: number) => {
  const random = seededRandom(seed);
  const deferred: SendOutcome = { kind: "deferred", failure: failure("message-deferred"), refused: [] };
  const stuck = new Set(Array.from({ length: 20 }, (_, device) => `d${device}`));
  world.smtp = async () => (stuck.has(mails.at(-1)?.deviceId ?? "") ? deferred : ACCEPTED);
  const alerts = (count: number, second: number) => [
    ...Array.from({ length: count }, () => [`d${random.whole(0, 39)}`, second] as const),
    ["time", second + 32] as const,
  ];
  return { stuck, alerts };
};

test("settled offsets that do not fit into a checkpoint are left out, counted, and mailed again by no one while this process lives", async () => {
  const { clock, assignments, read, world, mails, metrics } = runtimeBench({ bufferMaxAlerts: 1_000_000 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const { stuck, alerts } = irregular(world, mails, 3);
  // All of it before the first commit that could pause.
  read(0, alerts(40_000, 1));
  await clock.advance(2_000);
  assert.ok(metrics.includes("checkpointOverflow"));
  assert.ok(world.commits.every(({ metadata }) => metadata.length <= 4_096));
  stuck.clear();
  await clock.advance(120_000);
  assert.equal(assignments.states()[0]?.committedOffset, 40_000);
  const sent = mails.filter(({ deviceId }) => deviceId === "d30").length;
  assert.equal(sent, 1);
});

test("a broker that takes 200 characters of metadata is given less, told of once, and everything goes on", async () => {
  const { clock, assignments, read, world, mails, mailed, metrics, warnings } = runtimeBench({
    maxExposed: 8,
    bufferMaxAlerts: 1_000_000,
  });
  world.metadataMax = 200;
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  const { stuck, alerts } = irregular(world, mails, 5);
  read(0, alerts(3_000, 1));
  read(1, [
    ["quiet", 1],
    ["time", 40],
  ]);
  await clock.advance(5_000);
  const others = mailed().filter((mail) => !/^d1?\d /.test(mail));
  assert.equal(others.length, 21, "all that are not deferred");
  assert.equal(world.committed.get(1)?.offset, 1);
  const metadata = world.committed.get(0)?.metadata ?? "";
  assert.ok(metadata.length > 100 && metadata.length <= 128, `${metadata.length} characters`);
  assert.ok((decodeCheckpoint(metadata, world.committed.get(0)?.offset ?? 0)?.settled.length ?? 0) > 0);
  assert.ok(metrics.includes("checkpointOverflow"));
  assert.ok(metrics.some((call) => call.startsWith("commit failed")));
  assert.deepEqual(
    warnings.filter((message) => message.includes("offset.metadata.max.bytes")).length,
    1,
    warnings.join("; "),
  );
  assert.deepEqual(
    assignments.states().map(({ paused }) => paused),
    [["checkpoint"], []],
    "three quarters of what there is room for",
  );
  stuck.clear();
  await clock.advance(120_000);
  assert.equal(world.committed.get(0)?.offset, 3_000);
  assert.deepEqual([...world.paused], []);
});

test("a broker that takes no metadata at all gets offsets alone, and no partition pauses for it", async () => {
  const { clock, assignments, read, world, mails } = runtimeBench({ bufferMaxAlerts: 1_000_000 });
  world.metadataMax = 10;
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const { stuck, alerts } = irregular(world, mails, 5);
  read(0, alerts(3_000, 1));
  await clock.advance(2_000);
  assert.deepEqual([world.committed.get(0)?.metadata, [...world.paused]], ["", []]);
  stuck.clear();
  await clock.advance(120_000);
  assert.equal(world.committed.get(0)?.offset, 3_000);
  // A membership that is gone and comes back keeps its windows: an offset alone is an own commit too.
  assignments.left();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 3_001);
});
