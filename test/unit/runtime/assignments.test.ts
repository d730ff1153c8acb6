import assert from "node:assert/strict";
import { test } from "node:test";
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
import { seededRandom } from "#test/demo/random.js";
import { everybody } from "#test/support/addressing.js";
import { decodeCheckpoint, encodeCheckpoint, TEST_LOG } from "#test/support/checkpoints.js";
import { failure } from "#test/support/delivery-bench.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { SECOND_0, settled, VirtualClock } from "#test/support/virtual-clock.js";

const ALONE = { sameMember: true, alone: true };
const ACCEPTED: SendOutcome = { kind: "accepted", reply: "250 OK", refused: [], deferred: [] };

/** The whole runtime, led by hand: the group answers when the test says so, mails are accepted at once unless held. */
const setup = (options: { bufferMaxAlerts?: number; maxExposed?: number; catchUpAfterMs?: number } = {}) => {
  const clock = new VirtualClock(SECOND_0);
  const { metrics, calls } = recordingMetrics();
  const warnings: string[] = [];
  const log = { ...quietLog, warn: (_: object, message: string) => warnings.push(message) };
  const shared = { clock, log, metrics, random: () => 0.5 };
  const committed = new Map<number, { offset: number; metadata: string | null }>();
  const world = {
    clock,
    committed,
    mails: [] as Digest[],
    metrics: calls,
    warnings,
    commits: [] as CommitRequest[],
    /** `offset.metadata.max.bytes` of the broker; it commits what fits, and answers with the error of what does not. */
    metadataMax: 4096,
    commitOutcome: "committed" as CommitOutcome,
    commitDelayMs: 0,
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
      const delay = world.commitDelayMs;
      if (delay > 0) await new Promise<void>((resolve) => clock.after(delay, resolve));
      if (world.commitOutcome === "committed") {
        const fitting = requests.filter(({ metadata }) => metadata.length <= world.metadataMax);
        world.commits.push(...fitting);
        for (const { partition, offset, metadata } of fitting) committed.set(partition, { offset, metadata });
        if (fitting.length < requests.length) return "too-large";
      }
      return world.commitOutcome;
    },
    endsOfEpochs: async () => [],
    committed: async (partitions) => {
      if (world.reads !== undefined) await new Promise<void>((resolve) => world.reads?.push(resolve));
      return partitions.map((partition): CommittedPartition => {
        const at = committed.get(partition);
        return {
          partition,
          offset: at?.offset,
          metadata: at?.metadata ?? null,
          log: TEST_LOG,
          logStart: 0,
          logEnd: world.logEnd,
          logStable: world.logEnd,
        };
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
      probe: async () => ({ kind: "reachable", loginOffered: false }),
      connections: () => ({ busy: 0, idle: 0 }),
      close: async () => undefined,
    },
    renderer: {
      render: (digest) => ({ messageId: "", subject: "", from: "", raw: digest as unknown as Buffer }),
    },
    router: { route: () => [everybody("a@example.org")] },
    options: { connections: 8, retryInitialMs: 1000, retryMaxMs: 60_000, retryBudgetMs: 900_000 },
  });
  const assignments = new Assignments({
    ...shared,
    source,
    delivery,
    worker: {
      ...shared,
      topic: "alerts",
      options: {
        windowSizeMs: 30_000,
        graceMs: 2_000,
        maxListed: 200,
        catchUpAfterMs: options.catchUpAfterMs ?? Number.POSITIVE_INFINITY,
      },
      codec: alertCodec,
      maxExposed: options.maxExposed ?? 100,
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
        timestampMs: SECOND_0 + seconds * 1000,
        key: Buffer.from(deviceId),
        value: Buffer.from(JSON.stringify({ deviceId, message: "m" })),
      }),
    );
    assignments.records(partition, records, from + records.length);
  };
  const mailed = (): string[] =>
    world.mails.map(
      ({ deviceId, windowStart, listed }) =>
        `${deviceId} ${(windowStart - SECOND_0) / 1000}: ${listed.map((each) => each.offset).join(" ")}`,
    );
  const pausedFor = (partition: number): readonly string[] =>
    assignments.states().find((state) => state.partition === partition)?.paused ?? [];
  return { ...world, world, assignments, delivery, read, mailed, pausedFor };
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
  assignments.endOffsets(SECOND_0 + 41_000, new Map([[0, { start: 0, end: 1, stable: 1 }]]));
  await clock.advance(200);
  const last = world.commits.at(-1);
  assert.deepEqual(decodeCheckpoint(last?.metadata ?? null, 0)?.marks, [{ offset: 1, time: SECOND_0 + 41_000 }]);
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
  assignments.endOffsets(SECOND_0 + 40_000, new Map([[0, { start: 0, end: 1000, stable: 1000 }]]));
  await settled();
  read(0, [["a", 35]]);
  await clock.advance(1_000);
  assignments.joining();
  const start = { position: 20, time: eventTime(SECOND_0 + 39_000), marks: [], settled: [] };
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

/** Of one partition: high watermark and last stable offset. */
const endsAt = (end: number, stable = end) => new Map([[0, { start: 0, end, stable }]]);

test("behind an open transaction no window closes by the clock; what it kept back comes into its own windows, none of it late", async () => {
  const { clock, assignments, read, mailed, metrics } = setup();
  await clock.advance(20_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [["a", 20]]);
  // At 21 s a transaction begins at offset 1; five alerts come behind it, and it is open for a minute.
  for (let looked = 21_000; looked < 81_000; looked += 400) {
    await clock.advance(400);
    assignments.endOffsets(clock.now(), endsAt(7, 1));
  }
  assert.deepEqual(mailed(), []);
  // Its one record was aborted.
  assignments.records(0, [], 2);
  read(
    0,
    [20, 21, 22, 50, 51].map((seconds) => ["a", seconds] as const),
  );
  await clock.advance(100);
  assert.deepEqual(mailed(), ["a 0: 0 2 3 4"]);
  assignments.endOffsets(clock.now() + 60_000, endsAt(7));
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0 2 3 4", "a 30: 5 6"]);
  const late = metrics.filter((call) => JSON.stringify(call).includes("late"));
  assert.deepEqual(late, []);
});

test("the end of the log is the high watermark: lag counts what lies behind an open transaction, from when the stable offset stood still", async () => {
  const { clock, assignments, read } = setup();
  await clock.advance(20_000);
  assignments.joined([0], ALONE);
  await settled();
  read(0, [["a", 20]]);
  const state = () => assignments.states()[0];
  const waitsSince = () => [state()?.openTransactionSince, state()?.behindOpenTransaction];
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(1));
  assert.deepEqual(waitsSince(), [undefined, 0]);
  assignments.endOffsets(SECOND_0 + 21_000, endsAt(2, 1));
  assignments.endOffsets(SECOND_0 + 25_000, endsAt(7, 1));
  assert.deepEqual(waitsSince(), [SECOND_0 + 21_000, 6]);
  assert.deepEqual([state()?.endOffset, state()?.position], [7, 1]);
  // One ends, and another is open behind it.
  assignments.endOffsets(SECOND_0 + 30_000, endsAt(9, 5));
  assert.deepEqual(waitsSince(), [SECOND_0 + 30_000, 4]);
  assignments.endOffsets(SECOND_0 + 31_000, endsAt(9));
  assert.deepEqual(waitsSince(), [undefined, 0]);
});

test("what waits behind an open transaction is as old as the transaction, also for whoever takes the partition over", async () => {
  const { clock, assignments } = setup();
  await clock.advance(20_000);
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(6, 0));
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  assignments.endOffsets(SECOND_0 + 60_000, endsAt(6, 0));
  assert.equal(assignments.states()[0]?.oldestUnsettledEventTime, SECOND_0 + 20_000);
});

test("a full buffer closes the windows of a partition behind an open transaction last, and when nothing else is open", async () => {
  const { clock, assignments, read, mailed, world } = setup({ bufferMaxAlerts: 4 });
  await clock.advance(20_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  read(0, [
    ["a", 10],
    ["a", 11],
  ]);
  read(1, [["b", 12]]);
  assignments.endOffsets(SECOND_0 + 20_000, endsAt(9, 2));
  read(1, [["b", 13]]);
  await clock.advance(13_000);
  assert.deepEqual(mailed(), ["b 0: 0 1"]);
  assert.deepEqual([...world.paused], [], "that made room");
  read(0, [
    ["a", 14],
    ["a", 15],
  ]);
  assignments.endOffsets(SECOND_0 + 33_000, endsAt(9, 4));
  await clock.advance(500);
  assert.deepEqual(mailed(), ["b 0: 0 1", "a 0: 0 1 2 3"], "nothing else would end the pause");
});

test("a buffer of ten pauses every partition at ten alerts, not at nine, and reading goes on at eight", async () => {
  const { clock, assignments, read, world, pausedFor } = setup({ bufferMaxAlerts: 10 });
  await clock.advance(100_000);
  assignments.joined([0, 1], ALONE);
  await settled();
  const waiting: ((outcome: SendOutcome) => void)[] = [];
  world.smtp = () => new Promise((resolve) => waiting.push(resolve));
  read(
    0,
    [..."abcd"].map((device) => [device, 1] as const),
  );
  read(
    0,
    [..."efgh"].map((device) => [device, 33] as const),
  );
  read(1, [["x", 1]]);
  await clock.advance(200);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [[], [], []], "nine");
  read(1, [["x", 2]]);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [["buffer"], ["buffer"], [0, 1]], "ten");
  waiting.shift()?.(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([...world.paused], [0, 1], "nine");
  waiting.shift()?.(ACCEPTED);
  await clock.advance(200);
  assert.deepEqual([pausedFor(0), pausedFor(1), [...world.paused]], [[], [], []], "eight");
});

test("a buffer that is full because the SMTP server is unreachable says so; the first answer takes that back, room the rest", async () => {
  const { clock, assignments, read, world, pausedFor } = setup({ bufferMaxAlerts: 10 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  const unreachable: SendOutcome = { kind: "unreachable", failure: failure() };
  world.smtp = async () => unreachable;
  read(
    0,
    [..."abcdefg"].map((device) => [device, 1] as const),
  );
  read(0, [
    ["a", 40],
    ["a", 41],
  ]);
  await clock.advance(10_000);
  assert.deepEqual(pausedFor(0), [], "an unreachable server alone pauses nothing");
  read(0, [["a", 42]]);
  await clock.advance(60_000);
  assert.deepEqual(pausedFor(0).toSorted(), ["buffer", "smtp"]);
  let answered = 0;
  world.smtp = () => (answered++ === 0 ? Promise.resolve(ACCEPTED) : new Promise(() => undefined));
  await clock.advance(10_000);
  assert.deepEqual([pausedFor(0), [...world.paused]], [["buffer"], [0]], "nine alerts are above the low mark");
  assert.ok(answered > 1, "the probe was no prisoner of the pause");
});

test("a buffer full of open windows is no fault of an unreachable SMTP server", async () => {
  const { clock, assignments, read, world, pausedFor } = setup({ bufferMaxAlerts: 10 });
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  world.smtp = async () => ({ kind: "unreachable", failure: failure() });
  read(
    0,
    [..."abcd"].map((device) => [device, 1] as const),
  );
  read(
    0,
    [..."abcdef"].map((device) => [device, 39] as const),
  );
  await clock.advance(200);
  assert.deepEqual(pausedFor(0), ["buffer"]);
});

test("a checkpoint pauses its own partition at three quarters and lets it go on at half, also while the buffer comes and goes", async () => {
  const random = seededRandom(7);
  const { clock, assignments, read, world, pausedFor, mails } = setup({ bufferMaxAlerts: 16_000 });
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

test("held are the partitions with windows in memory: not those that wait to be loaded, and also those of a lost membership", async () => {
  const { clock, assignments, world } = setup();
  await clock.advance(40_000);
  world.reads = [];
  assignments.joined([0, 1], ALONE);
  await settled();
  assert.deepEqual(assignments.held(), []);
  for (const answer of world.reads.splice(0)) answer();
  world.reads = undefined;
  await clock.advance(200);
  assert.deepEqual(assignments.held(), [0, 1]);
  assignments.left();
  assert.deepEqual(assignments.held(), [0, 1]);
  assignments.joined([1], ALONE);
  assert.deepEqual(assignments.held(), [1]);
});

test("a lost membership leaves what was last known of the partitions, marked so, until the next one; a stop leaves nothing", async () => {
  const { clock, assignments, read, world } = setup();
  world.smtp = () => new Promise(() => undefined);
  await clock.advance(40_000);
  assignments.joined([0, 1], ALONE);
  await clock.advance(200);
  read(0, [["d", 1]]);
  assignments.endOffsets(clock.now(), new Map([0, 1].map((partition) => [partition, { start: 0, end: 3, stable: 3 }])));
  const known = assignments.states();
  assert.deepEqual(
    known.map(({ partition, endOffset, lastKnown }) => [partition, endOffset, lastKnown]),
    [
      [0, 3, undefined],
      [1, 3, undefined],
    ],
  );
  assert.equal(known[0]?.oldestUnsettledEventTime, SECOND_0 + 1_000);
  assignments.left();
  await clock.advance(60_000);
  assert.deepEqual(
    assignments.states(),
    known.map((state) => ({ ...state, lastKnown: true })),
  );
  assignments.joined([1], ALONE);
  await clock.advance(200);
  assert.deepEqual(
    assignments.states().map(({ partition, lastKnown }) => [partition, lastKnown]),
    [[1, undefined]],
  );
  void assignments.drain();
  assignments.left();
  assert.deepEqual(assignments.states(), []);
});

test("a commit is timed from its request to its answer, by what was answered", async () => {
  const { clock, assignments, read, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await clock.advance(200);
  for (const [outcome, delayMs] of [
    ["committed", 250],
    ["failed", 1_500],
    ["rejected", 20],
  ] as const) {
    world.commitOutcome = outcome;
    world.commitDelayMs = delayMs;
    read(0, [["d", 1]]);
    await clock.advance(5_000);
    assert.ok(world.metrics.includes(`commit ${outcome} ${delayMs / 1_000}`), world.metrics.join());
  }
});

test("a failed commit is trouble: whatever is given to this member in the next half minute waits for whoever had it", async () => {
  const { clock, assignments, read, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  world.commitOutcome = "failed";
  read(0, [["a", 35]]);
  await clock.advance(1_500);
  world.commitOutcome = "committed";
  assignments.joining();
  assignments.joined([0, 1], ALONE);
  await clock.advance(5_900);
  assert.deepEqual(assignments.held(), [0]);
  await clock.advance(300);
  assert.deepEqual(assignments.held(), [0, 1]);
  await clock.advance(60_000);
  assignments.left();
  assignments.joined([0, 1, 2], ALONE);
  await clock.advance(5_900);
  assert.deepEqual(assignments.held(), [0, 1], "so is a lost membership");
  await clock.advance(300);
  assert.deepEqual(assignments.held(), [0, 1, 2]);
});

test("a mail that some recipients have and others refused counts as exposed until a commit has it", async () => {
  const { clock, assignments, read, mailed, world } = setup({ maxExposed: 1 });
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  const failure = { phase: "rcpt", reason: "recipient-refused", reply: "550 no", code: 550 } as const;
  const refused = [{ ...failure, address: "b@example.org" }];
  world.smtp = async () => ({ kind: "accepted", reply: "250 OK", refused, deferred: [] });
  world.commitOutcome = "failed";
  read(0, [...["a", "b", "c", "d", "e", "f"].map((device, index) => [device, index + 1] as const), ["g", 35]]);
  await clock.advance(5_000);
  // The first one, and what went out while its dead letter was being written.
  assert.ok(mailed().length <= 3, mailed().join("; "));
  world.commitOutcome = "committed";
  await clock.advance(5_000);
  assert.equal(mailed().length, 6);
});

test("a mail that waits for a commit goes right after the partition it is of was loaded again, not a second later", async () => {
  const { clock, assignments, read, mailed, world } = setup({ catchUpAfterMs: 300_000 });
  await clock.advance(100_000);
  assignments.joined([0], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["a", 35],
    ["b", 95],
  ]);
  await clock.advance(3_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joining();
  await settled();
  world.reads = [];
  assignments.joined([0], { sameMember: true, alone: false });
  accept(ACCEPTED);
  await clock.advance(300);
  assert.equal(mailed().length, 1);
  for (const answer of world.reads.splice(0)) answer();
  world.reads = undefined;
  await clock.advance(50);
  assert.deepEqual(mailed().slice(1), ["a 30: 1"]);
});

test("a stop right after a rebalance commits what was settled during it", async () => {
  const { clock, assignments, read, mailed, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joining();
  await settled();
  const drained = assignments.drain();
  accept(ACCEPTED);
  await drained;
  world.reads = [];
  assignments.joined([0], { sameMember: true, alone: false });
  const finished = assignments.commitFinally(2_500);
  await clock.advance(300);
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(2_500);
  assert.equal(await finished, true);
  assert.equal(world.commits.at(-1)?.offset, 1);
});

test("a checkpoint that was large, and is small once everything is settled, closes no window of a backlog early", async () => {
  const random = seededRandom(8);
  const { clock, assignments, read, world, pausedFor, mails, committed } = setup({ bufferMaxAlerts: 1_000_000 });
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

test("mails accepted under an earlier ownership, and in no commit yet, count against the exposure of the next one", async () => {
  const { clock, assignments, read, mailed, world } = setup({ maxExposed: 2 });
  await clock.advance(80_000);
  assignments.joined([0], ALONE);
  await settled();
  world.commitOutcome = "failed";
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assignments.joined([], ALONE);
  await clock.advance(1_000);
  assignments.joined([0], ALONE);
  await clock.advance(10_000);
  read(0, [
    ["a", 1],
    ["b", 35],
    ["c", 36],
    ["d", 70],
  ]);
  await clock.advance(5_000);
  assert.deepEqual(mailed(), ["a 0: 0", "b 30: 1"]);
  world.commitOutcome = "committed";
  await clock.advance(5_000);
  assert.deepEqual(mailed(), ["a 0: 0", "b 30: 1", "c 30: 2"]);
});

test("windows that were held through a lost membership are not committed in the next rebalance, before the commit read back is seen to be an own one", async () => {
  const { clock, assignments, read, world, committed } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  world.commitOutcome = "failed";
  read(0, [["a", 1]]);
  await clock.advance(6_000);
  world.commitOutcome = "committed";
  assignments.left();
  committed.set(0, { offset: 7, metadata: null });
  assignments.joined([0], { sameMember: false, alone: false });
  const before = world.commits.length;
  assignments.joining();
  await clock.advance(100);
  assert.equal(world.commits.length, before);
  assignments.joined([0], { sameMember: true, alone: false });
  await clock.advance(10_000);
  assert.equal(assignments.position(0), 7);
  assert.ok(world.commits.slice(before).every(({ offset }) => offset === 7));
});

test("a stop waits until what is known of a lost partition is handed over", async () => {
  const { clock, assignments, read, world } = setup();
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  await settled();
  assignments.joined([], { sameMember: true, alone: false });
  await clock.advance(200);
  world.reads = [];
  const drained = assignments.drain();
  accept(ACCEPTED);
  await drained;
  let finished = false;
  const stopped = assignments.commitFinally(2_500).then(() => {
    finished = true;
  });
  await clock.advance(200);
  assert.equal(finished, false);
  for (const answer of world.reads.splice(0)) answer();
  await clock.advance(2_500);
  await stopped;
  assert.equal(world.commits.at(-1)?.offset, 1);
});

/** A mail of partition 0 is in flight while the partition is lost, and it comes back before the mail has ended: which is heard while it is loaded. */
const cameBackInFlight = async (meanwhile: (bench: ReturnType<typeof setup>) => void = () => undefined) => {
  const bench = setup();
  const { clock, assignments, read, world } = bench;
  await clock.advance(40_000);
  assignments.joined([0], ALONE);
  await settled();
  let accept = (_: SendOutcome): void => undefined;
  world.smtp = () => new Promise((resolve) => (accept = resolve));
  read(0, [
    ["a", 1],
    ["b", 35],
  ]);
  await clock.advance(1_000);
  assignments.joining();
  await settled();
  assignments.joined([], { sameMember: true, alone: false });
  await clock.advance(1_400);
  meanwhile(bench);
  assignments.joining();
  await settled();
  assignments.joined([0], { sameMember: true, alone: false });
  await clock.advance(800);
  accept(ACCEPTED);
  await clock.advance(300);
  return bench;
};

test("a stop commits what became of mails in flight of a partition that came back and is not loaded yet", async () => {
  const { clock, assignments, world, mails } = await cameBackInFlight();
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(3_000);
  assert.equal(await stopped, true);
  const last = world.commits.at(-1);
  assert.deepEqual(
    [last?.offset, decodeCheckpoint(last?.metadata ?? null, 0)?.settled, mails.length],
    [0, [[0, 0]], 1],
  );
});

test("and not before its previous owner has had the time to hand over, onto whose checkpoint it comes then", async () => {
  const start = { position: 0, time: undefined, marks: [] };
  const theirs = { offset: 0, metadata: encodeCheckpoint({ ...start, settled: [[1, 1]] }).metadata };
  const { clock, assignments, world, committed } = await cameBackInFlight();
  const before = world.commits.length;
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(200);
  assert.equal(world.commits.length, before);
  committed.set(0, theirs);
  await clock.advance(3_000);
  assert.equal(await stopped, true);
  const last = world.commits.at(-1);
  assert.deepEqual([last?.offset, decodeCheckpoint(last?.metadata ?? null, 0)?.settled], [0, [[0, 1]]]);
});

test("nor does a stop wait longer than it may for a partition that it cannot load", async () => {
  const { clock, assignments, world } = await cameBackInFlight(({ committed }) => {
    const start = { position: 0, time: undefined, marks: [], settled: [] };
    committed.set(0, { offset: 0, metadata: encodeCheckpoint({ ...start, handingOver: 1 }).metadata });
  });
  const before = world.commits.length;
  await assignments.drain();
  const stopped = assignments.commitFinally(2_500);
  await clock.advance(4_000);
  assert.equal(await stopped, false);
  assert.equal(world.commits.length, before);
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
  const { clock, assignments, read, world, mails, metrics } = setup({ bufferMaxAlerts: 1_000_000 });
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
  const { clock, assignments, read, world, mails, mailed, metrics, warnings } = setup({
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
  const { clock, assignments, read, world, mails } = setup({ bufferMaxAlerts: 1_000_000 });
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

test("a replay that a full buffer pauses waits for no answer: what is closed is mailed, and reading goes on", async () => {
  const { clock, assignments, read, mailed, world } = setup({ bufferMaxAlerts: 3 });
  await clock.advance(100_000);
  const start = { position: 0, time: undefined, marks: [], settled: [], readTo: 100 };
  world.committed.set(0, { offset: 0, metadata: encodeCheckpoint(start).metadata });
  assignments.joined([0], ALONE);
  await settled();
  read(0, [
    ["a", 1],
    ["a", 35],
    ["b", 70],
  ]);
  assert.ok(world.paused.has(0));
  assert.deepEqual(mailed(), []);
  await clock.advance(200);
  assert.deepEqual(mailed(), ["a 0: 0", "a 30: 1"]);
  assert.ok(!world.paused.has(0));
});

test("a replay is not paused for the size of its checkpoint: it was as large before", async () => {
  const { clock, assignments, read, world, pausedFor } = setup();
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

test("mails that wait for a commit, where a full buffer is paused and nothing can be committed, let one batch in", async () => {
  const { clock, assignments, read, mailed, world } = setup({ bufferMaxAlerts: 4, catchUpAfterMs: 1_000 });
  await clock.advance(200_000);
  assignments.joined([0], ALONE);
  await settled();
  world.canCommit = false;
  read(0, [
    ["a", 1],
    ["a", 31],
    ["a", 61],
    ["b", 95],
    ["b", 96],
  ]);
  await clock.advance(500);
  assert.deepEqual(mailed(), ["a 0: 0"]);
  assert.ok(!world.paused.has(0), "a commit needs a batch of this membership");
  world.canCommit = true;
  await clock.advance(500);
  assert.deepEqual(mailed().slice(0, 2), ["a 0: 0", "a 30: 1 2"]);
});
