import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCheckpoint, encodeCheckpoint } from "#src/core/checkpoint.js";
import { eventTime } from "#src/core/time.js";
import { alertCodec } from "#src/kafka/decode.js";
import { Assignments } from "#src/runtime/assignments.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import type {
  AlertSource,
  CommitOutcome,
  CommitRequest,
  CommittedPartition,
  Digest,
  SendOutcome,
  SourceRecord,
} from "#src/runtime/ports.js";
import { quietLog, quietMetrics } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const ALONE = { sameMember: true, alone: true };
const ACCEPTED: SendOutcome = { kind: "accepted", reply: "250 OK", refused: [], deferred: [] };

/** The whole runtime, led by hand: the group answers when the test says so, mails are accepted at once unless held. */
const setup = (options: { bufferMaxAlerts?: number } = {}) => {
  const clock = new VirtualClock(0);
  const shared = { clock, log: quietLog, metrics: quietMetrics, random: () => 0.5 };
  const committed = new Map<number, { offset: number; metadata: string | null }>();
  const world = {
    clock,
    committed,
    mails: [] as Digest[],
    commits: [] as CommitRequest[],
    commitOutcome: "committed" as CommitOutcome,
    canCommit: true,
    seeks: [] as number[],
    logEnd: 1000,
    paused: new Set<number>() as ReadonlySet<number>,
    smtp: (): Promise<SendOutcome> => Promise.resolve(ACCEPTED),
    /** Answers to reads of the committed offsets wait here while set. */
    reads: undefined as (() => void)[] | undefined,
  };
  const source: AlertSource = {
    hasLease: true,
    get canCommit() {
      return world.canCommit;
    },
    seek: (_, offset) => world.seeks.push(offset),
    setPaused: (partitions) => {
      world.paused = partitions;
    },
    commit: async (requests) => {
      if (world.commitOutcome === "committed") {
        world.commits.push(...requests);
        for (const { partition, offset, metadata } of requests) committed.set(partition, { offset, metadata });
      }
      return world.commitOutcome;
    },
    committed: async (partitions) => {
      if (world.reads !== undefined) await new Promise<void>((resolve) => world.reads?.push(resolve));
      return partitions.map((partition): CommittedPartition => {
        const at = committed.get(partition);
        return { partition, offset: at?.offset, metadata: at?.metadata ?? null, logStart: 0, logEnd: world.logEnd };
      });
    },
  };
  const deadLetters = new DeadLetterQueue({ ...shared, sink: { write: async () => undefined } });
  const delivery = new Delivery({
    ...shared,
    mailer: {
      send: (mail) => {
        world.mails.push(mail.raw as unknown as Digest);
        return world.smtp();
      },
      connections: () => ({ busy: 0, idle: 0 }),
      close: async () => undefined,
    },
    renderer: {
      render: (digest) => ({ messageId: "", subject: "", from: "", raw: digest as unknown as Buffer }),
    },
    router: { recipientsOf: () => ["a@example.org"] },
    options: { connections: 8, retryInitialMs: 1000, retryMaxMs: 60_000, retryBudgetMs: 900_000 },
  });
  const assignments = new Assignments({
    ...shared,
    source,
    delivery,
    worker: {
      ...shared,
      topic: "alerts",
      options: { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 200, catchUpAfterMs: Number.POSITIVE_INFINITY },
      codec: alertCodec,
      maxExposed: 100,
      delivery,
      deadLetters,
    },
    options: {
      bufferMaxAlerts: options.bufferMaxAlerts ?? 1000,
      bufferMaxBytes: Number.POSITIVE_INFINITY,
      handoverMs: 1_500,
      handoverMaxMs: 60_000,
    },
  });
  const read = (partition: number, alerts: readonly (readonly [device: string, seconds: number])[]): void => {
    const from = assignments.position(partition) ?? 0;
    const records = alerts.map(
      ([deviceId, seconds], index): SourceRecord => ({
        offset: from + index,
        timestampMs: seconds * 1000,
        key: Buffer.from(deviceId),
        value: Buffer.from(JSON.stringify({ deviceId, message: "m" })),
      }),
    );
    assignments.records(partition, records, from + records.length);
  };
  const mailed = (): string[] =>
    world.mails.map(
      ({ deviceId, windowStart, listed }) =>
        `${deviceId} ${windowStart / 1000}: ${listed.map((each) => each.offset).join(" ")}`,
    );
  return { ...world, world, assignments, delivery, read, mailed };
};

test("windows of an assigned partition are mailed, and committed once the mail was accepted", async () => {
  const { clock, assignments, read, mailed, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["a", 2],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0 1"]);
  assert.ok(world.commits.every(({ offset }) => offset === 0));
  accept(ACCEPTED);
  await clock.advance(1_000);
  assert.equal(world.commits.at(-1)?.offset, 2);
});

test("what the wall clock closed is committed at once, so that another owner closes it at the same place", async () => {
  const { clock, assignments, read, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  world.smtp = () => new Promise(() => undefined);
  read(0, [["a", 1]]);
  await clock.advance(1_000);
  assignments.endOffsets(41_000, new Map([[0, { start: 0, end: 1 }]]));
  await clock.advance(200);
  const last = world.commits.at(-1);
  assert.deepEqual(decodeCheckpoint(last?.metadata ?? null, 0)?.marks, [{ offset: 1, time: 41_000 }]);
});

test("committed offsets that are read while the next rebalance is under way start no mail", async () => {
  const { clock, assignments, read, mailed, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  assignments.joining();
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  world.reads = [];
  assignments.joined([0], ALONE);
  await settled();
  assignments.joining();
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(1_000);
  assert.deepEqual(mailed(), []);
  world.reads = undefined;
  assignments.joined([0], ALONE);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
});

test("a partition that was kept, or that comes back to a new membership, keeps its windows while the commit read back is the own one", async () => {
  const { clock, assignments, read } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 35],
    ["b", 36],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 2);
  assignments.left();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 2);
});

test("a partition whose committed offset carries no checkpoint is kept too", async () => {
  const { clock, assignments, read, committed } = setup();
  await clock.advance(40_000);
  committed.set(0, { offset: 5, metadata: "" });
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 35],
    ["b", 36],
  ]);
  assignments.joining();
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 7);
});

test("a kept partition that someone else committed meanwhile starts from that checkpoint, and is ready", async () => {
  const { clock, assignments, read, committed } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  assignments.endOffsets(40_000, new Map([[0, { start: 0, end: 1000 }]]));
  await settled();
  read(0, [["a", 35]]);
  await clock.advance(1_000);
  assignments.joining();
  const start = { position: 20, time: eventTime(39_000), marks: [], settled: [] };
  committed.set(0, { offset: 20, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  assert.equal(assignments.position(0), 20);
  assert.equal(assignments.ready, true);
});

test("a full buffer pauses reading, and what it holds is closed by the wall clock when nothing else would free it", async () => {
  const { clock, assignments, read, mailed, world } = setup({ bufferMaxAlerts: 3 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  assert.deepEqual([...world.paused], [0]);
  await clock.advance(500);
  assert.deepEqual(mailed().sort(), ["a 0: 0", "b 0: 1", "c 0: 2"]);
  assert.deepEqual([...world.paused], []);
});

test("while another partition's mails wait for the SMTP server, a full buffer closes no window of a backlog early", async () => {
  const { clock, assignments, read, mailed, world } = setup({ bufferMaxAlerts: 4 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["a", 2],
    ["a", 40],
  ]);
  read(1, [["b", 1]]);
  await clock.advance(2_000);
  assert.deepEqual(mailed(), ["a 0: 0 1"]);
  accept(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([...world.paused], []);
  read(1, [
    ["b", 2],
    ["b", 33],
  ]);
  await clock.advance(200);
  assert.equal(mailed()[1], "b 0: 0 1");
});

test("at the quiet end of a log a kept partition asks for an old batch: without one of this membership nothing can be committed", async () => {
  const { clock, assignments, read, world } = setup();
  await clock.advance(40_000);
  world.logEnd = 3;
  assignments.joined([0], ALONE);
  await settled();
  world.smtp = () => new Promise(() => undefined);
  read(0, [
    ["a", 1],
    ["b", 2],
    ["c", 35],
  ]);
  await clock.advance(1_000);
  assignments.left();
  world.canCommit = false;
  assignments.joined([0], ALONE);
  await settled();
  assert.deepEqual(world.seeks, [0, 0]);
  assert.equal(assignments.position(0), 3, "what the batch brings was read before");
  world.canCommit = true;
  assignments.joining();
  assignments.joined([0], ALONE);
  await settled();
  assert.deepEqual(world.seeks, [0, 0, 3]);
});
