import assert from "node:assert/strict";
import { test } from "node:test";
import type { Admin } from "kafkajs";
import { KafkaAlertSource } from "#src/kafka/alert-source.js";
import type { GroupOffset } from "#src/kafka/group-offsets.js";
import { StartOffsets } from "#src/kafka/start-offsets.js";
import type { SourceListener, SourceRecords } from "#src/runtime/ports.js";
import { FakeConsumer } from "#test/support/fake-consumer.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const REQUEST = { partition: 0, offset: 7, metadata: "checkpoint" };

/** A source whose KafkaJS is led by hand, and a listener that writes down what it is told. */
const setup = async () => {
  const consumer = new FakeConsumer("alerts");
  const clock = new VirtualClock();
  consumer.sentAt = () => clock.now();
  const heard: string[] = [];
  const fatal: Error[] = [];
  const { metrics, calls } = recordingMetrics();
  const world = {
    consumer,
    clock,
    heard,
    fatal,
    metrics: calls,
    held: [] as readonly number[],
    positions: new Map<number, number>(),
    taken: [] as (readonly [partition: number, offsets: readonly number[], next: number])[],
    offsets: [] as readonly GroupOffset[],
    /** Thrown by the listener at `joined`. */
    bug: undefined as Error | undefined,
  };
  const listener: SourceListener = {
    joining: () => void heard.push("joining"),
    joined: (partitions, { sameMember, alone }) => {
      heard.push(`joined ${partitions.join(" ")}${sameMember ? " same" : ""}${alone ? " alone" : ""}`);
      if (world.bug !== undefined) throw world.bug;
    },
    held: () => world.held,
    left: () => void heard.push("left"),
    position: (partition) => world.positions.get(partition),
    mayTake: () => true,
    takeable: (_, records) => records.length,
    outOfRange: (partition) => void heard.push(`out of range ${partition}`),
    records: (partition: number, records: SourceRecords, next: number) => {
      world.taken.push([partition, records.slice().map(({ offset }) => offset), next]);
      world.positions.set(partition, next);
    },
    endOffsets: () => undefined,
  };
  const source = new KafkaAlertSource({
    kafka: consumer.kafka,
    admin: {} as Admin,
    offsets: { read: async () => world.offsets },
    start: new StartOffsets({
      startAt: { kind: "latest" },
      times: { firstFrom: async () => new Map() },
      names: { topic: "alerts", group: "group", brokers: [] },
      clock,
      log: quietLog,
    }),
    logEnds: {
      read: async () => ({ ends: new Map([0, 1].map((id) => [id, { start: 2, end: 9, stable: 8 }])), silent: [] }),
    },
    leaderEpochs: { read: async () => [] },
    topic: "alerts",
    groupId: "group",
    metrics,
    clock,
    log: quietLog,
    sessionTimeoutMs: 15_000,
    watchdogTimeoutMs: 60_000,
    onFatal: (error) => fatal.push(error),
  });
  await source.start(listener);
  const fetchStart = (): string => {
    try {
      consumer.emit("FETCH_START");
      return "fetches";
    } catch (error) {
      return (error as { type?: string }).type ?? "thrown";
    }
  };
  return { ...world, world, source, fetchStart };
};

test("KafkaJS commits nothing and resolves nothing by itself, and begins where the log does when an offset is gone", async () => {
  const { consumer } = await setup();
  assert.deepEqual(consumer.options["subscribe"], { topics: ["alerts"], fromBeginning: true });
  const { autoCommit, eachBatchAutoResolve } = consumer.options["run"] as Record<string, unknown>;
  assert.deepEqual({ autoCommit, eachBatchAutoResolve }, { autoCommit: false, eachBatchAutoResolve: false });
  assert.equal(consumer.config?.allowAutoTopicCreation, false);
});

test("a join claims the partitions whose windows are held, also those of a membership that is gone, and no others", async () => {
  const { consumer, world } = await setup();
  assert.deepEqual(consumer.sendJoin().partitions, []);
  consumer.joined([0, 1]);
  consumer.heartbeat(4);
  world.held = [1];
  const claim = consumer.sendJoin();
  assert.deepEqual([claim.partitions, claim.generation], [[1], 4]);
  consumer.emit("CRASH", { error: new Error("connection lost"), restart: true });
  assert.deepEqual(consumer.sendJoin().partitions, [1]);
});

test("the listener hears of a join before JoinGroup leaves, and of what it brought", async () => {
  const { consumer, heard, metrics } = await setup();
  consumer.sendJoin();
  consumer.joined([0, 1]);
  consumer.sendJoin();
  consumer.joined([1]);
  consumer.emit("CRASH", { error: new Error("connection lost"), restart: true });
  await consumer.lead(["member-1"]);
  consumer.joined([0]);
  assert.deepEqual(heard, ["joining", "joined 0 1", "joining", "joined 1 same", "left", "joining", "joined 0 alone"]);
  assert.deepEqual(metrics, ["rebalance", "rebalance", "rebalance"]);
});

test("a member that is not alone, or does not know, is told so", async () => {
  const { consumer, heard } = await setup();
  await consumer.lead(["member-1", "member-2"]);
  consumer.joined([0]);
  await consumer.lead(["member-1"]);
  consumer.sendJoin();
  consumer.joined([0]);
  assert.deepEqual(
    heard.filter((each) => each.startsWith("joined")),
    ["joined 0", "joined 0 same"],
  );
});

test("a join that failed unnoticed is repeated at the next fetch, and only then", async () => {
  const { consumer, fetchStart } = await setup();
  consumer.sendJoin();
  consumer.joined([0]);
  assert.equal(fetchStart(), "fetches");
  consumer.sendJoin();
  assert.equal(fetchStart(), "NOT_COORDINATOR_FOR_GROUP");
  assert.equal(fetchStart(), "NOT_COORDINATOR_FOR_GROUP", "until a join succeeds");
  consumer.joined([0]);
  assert.equal(fetchStart(), "fetches");
});

test("when a commit finds the coordinator's broker gone, the group is joined again at the next fetch, once", async () => {
  const { consumer, source, fetchStart } = await setup();
  consumer.joined([0]);
  await consumer.batch({ offsets: [0] });
  consumer.onCommit = () =>
    Promise.reject(Object.assign(new Error("Broker 2 not found"), { name: "KafkaJSBrokerNotFound" }));
  assert.equal(await source.commit([REQUEST]), "failed");
  assert.equal(fetchStart(), "NOT_COORDINATOR_FOR_GROUP");
  assert.equal(fetchStart(), "fetches", "KafkaJS has its answer, and joins");
  assert.equal(await source.commit([REQUEST]), "failed");
  consumer.joined([0]);
  assert.equal(fetchStart(), "fetches", "a join that came by itself is enough");
});

test("nothing is joined again during a stop", async () => {
  const { consumer, source, fetchStart } = await setup();
  consumer.joined([0]);
  consumer.sendJoin();
  await source.close();
  assert.equal(fetchStart(), "fetches");
  assert.deepEqual(consumer.calls, ["disconnect"]);
});

test("partitions without a commit get one before they are read, as the member that joined, without a batch; others' are only read", async () => {
  const { consumer, world, source } = await setup();
  const none = [0, 1].map((partition) => ({ partition, offset: -1, metadata: null }));
  world.offsets = none;
  const ends = { log: undefined, logStart: 2, logEnd: 9, logStable: 8 };
  consumer.sendJoin();
  await consumer.answerJoin(5, "member-1");
  consumer.joined([0]);
  assert.deepEqual(await source.committed([0]), [{ partition: 0, offset: 8, metadata: "", ...ends }]);
  assert.deepEqual(consumer.firstCommits, [
    {
      groupId: "group",
      groupGenerationId: 5,
      memberId: "member-1",
      topics: [{ topic: "alerts", partitions: [0, 1].map((partition) => ({ partition, offset: "8", metadata: "" })) }],
    },
  ]);
  // Of a partition that is somebody else's nothing is committed here.
  assert.deepEqual(await source.committed([1]), [{ partition: 1, offset: undefined, metadata: null, ...ends }]);
  assert.equal(consumer.firstCommits.length, 1);
});

test("a first commit belongs to the membership in which nothing was found: while joining there is none", async () => {
  const { consumer, world, source } = await setup();
  world.offsets = [0, 1].map((partition) => ({ partition, offset: -1, metadata: null }));
  consumer.sendJoin();
  await consumer.answerJoin(5, "member-1");
  consumer.joined([0]);
  consumer.sendJoin();
  assert.deepEqual(await source.committed([0]), []);
  assert.deepEqual(consumer.firstCommits, []);
});

test("commits need a batch of this membership, and go on while the next join is under way", async () => {
  const { consumer, source } = await setup();
  const commits: unknown[] = [];
  consumer.onCommit = async (offsets) => void commits.push(offsets);
  consumer.joined([0]);
  assert.equal(source.canCommit, false);
  assert.equal(await source.commit([REQUEST]), "rejected");
  await consumer.batch({ offsets: [0] });
  assert.equal(source.canCommit, true);
  consumer.sendJoin();
  assert.equal(await source.commit([REQUEST]), "committed");
  assert.deepEqual(commits, [
    { topics: [{ topic: "alerts", partitions: [{ partition: 0, offset: "7", metadata: "checkpoint" }] }] },
  ]);
  for (const end of ["CRASH", "STOP"] as const) {
    consumer.emit(end, { error: new Error("gone"), restart: true });
    assert.equal(source.canCommit, false);
    assert.equal(await source.commit([REQUEST]), "rejected");
    consumer.joined([0]);
    assert.equal(source.canCommit, false, "the old batch's commits are of the old membership");
    await consumer.batch({ offsets: [0] });
  }
});

test("the lease lasts for half a session from when the last request that the group answered was sent, and not while joining", async () => {
  const { consumer, source, clock } = await setup();
  assert.equal(source.hasLease, false);
  consumer.joined([0]);
  await clock.advance(7_000);
  assert.equal(source.hasLease, true);
  await clock.advance(500);
  assert.equal(source.hasLease, false);
  consumer.heartbeat(1);
  assert.equal(source.hasLease, true);
  clock.set(7_500);
  assert.equal(source.hasLease, false, "the machine was suspended: its steady clock stood still");
  consumer.heartbeat(1);
  assert.equal(source.hasLease, true);
  const frozenAt = clock.now();
  await clock.advance(20_000);
  consumer.sentAt = () => frozenAt;
  consumer.emit("REQUEST", { apiName: "Fetch", sentAt: clock.now() });
  consumer.heartbeat(1);
  assert.equal(source.hasLease, false, "this answer had waited in the socket while the process was frozen");
  consumer.sentAt = () => clock.now();
  consumer.heartbeat(1);
  assert.equal(source.hasLease, true);
  consumer.sendJoin();
  assert.equal(source.hasLease, false);
  consumer.joined([0]);
  consumer.emit("CRASH", { error: new Error("gone"), restart: true });
  assert.equal(source.hasLease, false);
});

test("a client that crashed for good is fatal; one that restarts, or crashes during a stop, is not", async () => {
  const { consumer, source, fatal } = await setup();
  const gone = new Error("the coordinator cannot be found");
  consumer.emit("CRASH", { error: gone, restart: true });
  assert.deepEqual(fatal, []);
  consumer.emit("CRASH", { error: gone, restart: false });
  assert.deepEqual(fatal, [gone]);
  assert.equal(await consumer.config?.retry?.restartOnFailure?.(gone), true);
  await source.close();
  consumer.emit("CRASH", { error: gone, restart: false });
  assert.deepEqual(fatal, [gone]);
  assert.equal(await consumer.config?.retry?.restartOnFailure?.(gone), false, "a stop does not come back to life");
});

test("a bug in the listener is fatal, and does not end the client from within", async () => {
  const { consumer, fatal, world } = await setup();
  world.bug = new TypeError("bug");
  consumer.joined([0]);
  assert.deepEqual(fatal, [world.bug]);
});

test("a batch of nothing but control records moves the position; any other one's end does not", async () => {
  const { consumer, world } = await setup();
  consumer.joined([0]);
  world.positions.set(0, 5);
  const end = { topic: "alerts", partition: 0, batchSize: 0, firstOffset: "5", lastOffset: "6" };
  consumer.emit("END_BATCH_PROCESS", { ...end, batchSize: 2 });
  consumer.emit("END_BATCH_PROCESS", { ...end, topic: "another" });
  consumer.emit("END_BATCH_PROCESS", { ...end, partition: 1 });
  consumer.emit("END_BATCH_PROCESS", { ...end, firstOffset: "4" });
  assert.deepEqual(world.taken, []);
  consumer.emit("END_BATCH_PROCESS", end);
  assert.deepEqual(world.taken, [[0, [], 7]]);
});

test("a client that hangs is complained of: at a join, at a fetch, in a batch, or altogether", async () => {
  const hangs: readonly (readonly [RegExp, (consumer: FakeConsumer) => void, (consumer: FakeConsumer) => void])[] = [
    [/joining the group/, (consumer) => void consumer.sendJoin(), (consumer) => consumer.emit("CONNECT")],
    [/no fetch/, (consumer) => consumer.joined([0]), (consumer) => consumer.heartbeat(1)],
    [/a batch/, (consumer) => consumer.emit("START_BATCH_PROCESS"), (consumer) => consumer.emit("FETCH")],
    [/nothing/, () => undefined, () => undefined],
  ];
  for (const [reason, begin, goOn] of hangs) {
    const { consumer, source, clock } = await setup();
    begin(consumer);
    for (let second = 0; second < 60; second += 5) {
      assert.equal(source.complaint(), undefined);
      await clock.advance(5_000);
      goOn(consumer);
    }
    assert.match(source.complaint() ?? "", reason);
    consumer.sendJoin();
    consumer.joined([0]);
    assert.equal(source.complaint(), undefined, "and no longer once it goes on");
  }
});

test("joining and crashing again and again is complained of", async () => {
  const { consumer, source, clock } = await setup();
  for (let crash = 1; crash <= 6; crash++) {
    assert.equal(source.complaint(), undefined);
    consumer.sendJoin();
    consumer.joined([0]);
    await clock.advance(10_000);
    consumer.emit("CRASH", { error: new Error("bad batch"), restart: true });
  }
  assert.match(source.complaint() ?? "", /joined the group and crashed 6 times within 50 s/);
});

test("nothing acknowledged for a session: out of the group, with the reason; back with the next heartbeat", async () => {
  const { consumer, clock, source } = await setup();
  assert.equal(source.pulse.outOfGroup, undefined);
  consumer.joined([0]);
  const joinedAt = clock.now();
  await clock.advance(14_000);
  assert.equal(source.pulse.outOfGroup, undefined);
  await clock.advance(1_000);
  assert.match(source.pulse.outOfGroup ?? "", /^out of the consumer group: for 15 s/);
  assert.equal(source.pulse.lastHeartbeatAtMs, joinedAt);
  consumer.heartbeat(1);
  assert.equal(source.pulse.outOfGroup, undefined);
  assert.equal(source.pulse.lastHeartbeatAtMs, clock.now());
});

test("a fetch that a quota holds back is no fetch that came back, counts as a sign of life, and the wait is counted", async () => {
  const { consumer, clock, source, metrics } = await setup();
  consumer.joined([0]);
  await consumer.fetch();
  const polledAt = clock.now();
  assert.equal(source.lastPollAtMs, polledAt);
  await consumer.throttle(100_000);
  for (let second = 0; second < 90; second++) {
    await clock.advance(1_000);
    const fetching = consumer.fetch();
    await clock.advance(1);
    await fetching;
    consumer.heartbeat(1);
  }
  assert.equal(source.lastPollAtMs, polledAt);
  assert.equal(source.complaint(), undefined);
  assert.ok(metrics.includes("throttled 100"), metrics.join("\n"));
  assert.equal(source.pulse.throttledSeconds, 60);
  assert.equal(source.pulse.outOfGroup, undefined);
});
