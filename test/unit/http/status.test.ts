import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime, wallTime } from "#src/core/time.js";
import { groupStatus, Peers } from "#src/http/group-status.js";
import { instanceStatus } from "#src/http/status.js";
import { decodeStatus, encodeStatus } from "#src/http/status-record.js";
import type { LiveState } from "#src/runtime/ports.js";
import { groupSource, NOTHING_LIVE, RUNTIME_STATE } from "#test/support/group-source.js";
import { partitionState, runtimeState } from "#test/support/runtime-states.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const LIVE: LiveState = {
  ...NOTHING_LIVE,
  windows: [
    {
      deviceId: "boiler",
      deviceName: undefined,
      partition: 2,
      alerts: 7,
      critical: true,
      windowStart: eventTime(0),
      windowEnd: eventTime(30_000),
    },
  ],
  mails: [
    {
      at: wallTime(9_000),
      deviceId: "boiler",
      deviceName: "Kessel",
      partition: 2,
      alerts: 3,
      windowStart: eventTime(0),
      windowEnd: eventTime(30_000),
      outcome: "accepted",
      attempts: 1,
      seconds: 0.25,
      reason: undefined,
      messageId: "<m@x>",
    },
  ],
  smtp: {
    unreachableSince: wallTime(8_000),
    lastFailure: { at: wallTime(8_000), phase: "connect", reason: "dns", reply: "" },
  },
};

test("partitions that are held through a lost membership are not told as this instance's", () => {
  const state = runtimeState({ partitions: [partitionState(0), partitionState(1, { lastKnown: true })] });
  const status = instanceStatus(groupSource({ live: () => LIVE, state: () => state }));
  assert.deepEqual(
    status.partitions.map((each) => each.partition),
    [0],
  );
});

test("ages and lag are worked out, times are ISO 8601, unknown numbers are null", () => {
  const status = instanceStatus(
    groupSource({
      live: () => LIVE,
      state: () => ({ ...RUNTIME_STATE, smtp: { ...RUNTIME_STATE.smtp, circuitOpen: true } }),
    }),
  );
  const [partition] = status.partitions;
  assert.deepEqual([partition?.lagRecords, partition?.lagSeconds, partition?.position], [0, 1, null]);
  assert.deepEqual([status.startedAt, status.time], ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:10.000Z"]);
  assert.deepEqual([status.lastPollAgeSeconds, status.lastCommitAgeSeconds], [0.1, null]);
  assert.equal(status.windows.oldestPendingAgeSeconds, 0.5);
  assert.deepEqual(status.windows.top[0]?.windowEnd, "1970-01-01T00:00:30.000Z");
  assert.equal(status.windows.top[0]?.deviceName, null);
  assert.deepEqual([status.mails[0]?.at, status.mails[0]?.reason], ["1970-01-01T00:00:09.000Z", null]);
  assert.deepEqual(status.smtp, {
    busy: 1,
    idle: 2,
    max: 8,
    circuitOpen: true,
    circuitSince: "1970-01-01T00:00:08.000Z",
    host: "mail.example.com",
    port: 587,
    reachable: null,
    since: null,
    trouble: null,
    lastFailure: { at: "1970-01-01T00:00:08.000Z", phase: "connect", reason: "dns", reply: "" },
  });
  assert.deepEqual(status.buffers, { alerts: 5, alertsMax: 500, bytes: 600, bytesMax: 6_000 });
});

test("what lies behind an open transaction is told with how long it has waited", () => {
  const of = (open: object) => {
    const partitions = RUNTIME_STATE.partitions.map((partition) => ({ ...partition, ...open }));
    return instanceStatus(groupSource({ state: () => ({ ...RUNTIME_STATE, partitions }) })).partitions[0]
      ?.openTransaction;
  };
  assert.deepEqual(of({ behindOpenTransaction: 6, openTransactionSince: wallTime(8_500) }), {
    records: 6,
    seconds: 1.5,
  });
  assert.equal(of({ behindOpenTransaction: 0 }), null);
  assert.equal(of({ behindOpenTransaction: undefined }), null);
});

const names = { group: "oncall", topic: "alerts" };
const decode = (value: string) => decodeStatus(names, value);
const told = (instanceId: string, of: Parameters<typeof groupSource>[0] = {}): string =>
  encodeStatus(
    of.names ?? names,
    instanceStatus(groupSource({ instance: { id: instanceId, host: "there", startedAt: wallTime(0) }, ...of })),
  ) ?? "";

test("self comes first, then the others by name, with the age they have here", async () => {
  const clock = new VirtualClock();
  const peers = new Peers(decode, "here-1", clock);
  peers.hear("there-2", told("there-2"));
  peers.hear("here-1", told("here-1"));
  await clock.advance(11_000);
  peers.hear("a-1", told("a-1", { live: () => LIVE }));
  await clock.advance(500);
  const status = groupStatus(groupSource({ peers, sharing: () => "on" }));
  assert.deepEqual(
    status.instances.map(({ instanceId, ageSeconds }) => [instanceId, ageSeconds]),
    [
      ["here-1", 0],
      ["a-1", 0.5],
      ["there-2", 11.5],
    ],
  );
  assert.deepEqual([status.self, status.sharing, status.partitionCount], ["here-1", "on", 0]);
  assert.deepEqual([status.windowSeconds, status.graceSeconds], [30, 2.5]);
  // Nothing is lost on the way.
  const { isMember, ...heard } = { ...status.instances[1], ageSeconds: 0 };
  assert.deepEqual(heard, JSON.parse(told("a-1", { live: () => LIVE })).instance);
  assert.equal(isMember, null);
});

test("who is told of and is no member of the group is shown as none; a record cannot say so itself", () => {
  const peers = new Peers(decode, "here-1", new VirtualClock());
  const invented = JSON.parse(told("invented"));
  invented.instance.isMember = true;
  peers.hear("real", told("real"));
  peers.hear("invented", JSON.stringify(invented));
  const of = (members: ReadonlySet<string> | undefined) =>
    groupStatus(groupSource({ peers, members: () => members })).instances.map(({ instanceId, isMember }) => [
      instanceId,
      isMember,
    ]);
  assert.deepEqual(of(new Set(["here-1", "real", "another"])), [
    ["here-1", true],
    ["invented", false],
    ["real", true],
  ]);
  assert.deepEqual(
    of(undefined).map(([, isMember]) => isMember),
    [null, null, null],
  );
});

test("who says nothing for a minute is forgotten, who says goodbye at once", async () => {
  const clock = new VirtualClock();
  const peers = new Peers(decode, "here-1", clock);
  const ids = () => peers.list().map(({ instanceId }) => instanceId);
  peers.hear("killed", told("killed"));
  peers.hear("stopped", told("stopped"));
  peers.hear("stopped", null);
  // Nobody speaks for another.
  peers.hear("liar", told("victim"));
  assert.deepEqual(ids(), ["killed"]);
  await clock.advance(59_000);
  assert.deepEqual(ids(), ["killed"]);
  await clock.advance(2_000);
  assert.deepEqual(ids(), []);
});

test("an endless number of invented instances is not kept", () => {
  const peers = new Peers(decode, "here-1", new VirtualClock());
  for (let i = 0; i < 2_000; i++) peers.hear(`there-${i}`, told(`there-${i}`));
  assert.equal(peers.list().length, 500);
  assert.ok(peers.list().some(({ instanceId }) => instanceId === "there-1999"));
});

test("what all others tell is bounded together: the largest goes, and those of the usual size stay", () => {
  const peers = new Peers(decode, "here-1", new VirtualClock());
  for (let i = 0; i < 20; i++) peers.hear(`real-${i}`, told(`real-${i}`));
  for (let round = 0; round < 3; round++)
    for (let i = 0; i < 60; i++) peers.hear(`large-${i}`, told(`large-${i}`).padEnd(900_000));
  const ids = peers.list().map(({ instanceId }) => instanceId);
  assert.equal(ids.filter((id) => id.startsWith("real-")).length, 20);
  assert.equal(ids.filter((id) => id.startsWith("large-")).length, 9);
});

test("partitions that the topic does not have, or that are told twice, are not shown; nor more than ten thousand", () => {
  const peers = new Peers(decode, "here-1", new VirtualClock());
  const tell = (id: string, numbers: readonly number[]) => {
    const record = JSON.parse(told(id));
    const [first] = JSON.parse(told("x", { state: () => RUNTIME_STATE })).instance.partitions;
    record.instance.partitions = numbers.map((partition) => ({ ...first, partition }));
    peers.hear(id, JSON.stringify(record));
  };
  tell("odd", [0, 5, 6, 5, -1, 0.5]);
  const shown = (partitionCount?: number) =>
    peers.list(partitionCount).map(({ instanceId, partitions }) => [instanceId, partitions.length]);
  assert.deepEqual(shown(6), [["odd", 2]]);
  assert.deepEqual(shown(), [["odd", 3]]);
  for (const id of ["many-1", "many-2", "many-3"])
    tell(
      id,
      Array.from({ length: 4_000 }, (_, index) => index),
    );
  assert.deepEqual(shown(4_000), [
    ["many-1", 4_000],
    ["many-2", 4_000],
    ["many-3", 0],
    ["odd", 3],
  ]);
});
