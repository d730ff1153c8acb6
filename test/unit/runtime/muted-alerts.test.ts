import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "#src/core/alert.js";
import type { HoldId } from "#src/core/commit-frontier.js";
import { Partition } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { MutedAlerts } from "#src/runtime/muted-alerts.js";
import type { DecodedAlert, MutedDevice, SourceRecord } from "#src/runtime/ports.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";
import { written } from "#test/support/written.js";

/** One partition that mutes every alert of a device whose ID begins with "m". `record`: false, nothing is put on record. */
const setup = ({ record = true, onRecord = [] as readonly [number, number][] } = {}) => {
  const clock = new VirtualClock();
  const core = new Partition(
    { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 10, catchUpAfterMs: 300_000 },
    { position: 0, time: undefined, marks: [], settled: onRecord },
    () => assert.fail("a muted alert is in no window"),
  );
  const writes: { readonly devices: readonly MutedDevice[]; readonly end: () => void }[] = [];
  const world = { mayGoOn: true, told: [] as number[] };
  const muted = new MutedAlerts({
    topic: "alerts",
    partition: 3,
    core,
    codec: {
      decode: () => assert.fail("it is decoded already"),
      parse: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Alert,
    },
    mutes: {
      mutedBy: ({ deviceId }) =>
        deviceId.startsWith("m") ? { how: "mute", route: { number: 2, name: "night" } } : undefined,
    },
    mutedLog: record
      ? { muted: (devices) => new Promise((resolve) => void writes.push({ devices, end: resolve })) }
      : undefined,
    onMuted: ({ route }) => void world.told.push(route.number),
    clock,
    everyMs: 30_000,
    mayGoOn: () => world.mayGoOn,
    settle: (id: HoldId) => void core.step({ kind: "settled", id, now: clock.now() }),
  });
  const take = (
    deviceId: string,
    more: { severity?: Alert["severity"]; deviceName?: string } & Partial<SourceRecord> = {},
  ) => {
    const { severity = "warning", deviceName, ...record } = more;
    const bytes = Buffer.from(JSON.stringify({ deviceId, deviceName, severity, message: "x", status: "firing" }));
    const { position: offset } = core;
    const device = written(deviceId);
    const decoded = { deviceId, device, severity, bytes } as unknown as DecodedAlert;
    const source = { offset, timestampMs: 0, key: null, value: bytes, ...record };
    return muted.take(source, decoded, eventTime(1_000 * offset));
  };
  return { clock, core, muted, take, writes, world };
};

test("they are added up by device and put on record every 30 s; until then nothing of them is committed", async () => {
  const { clock, core, take, writes, world } = setup();
  take("m1", { deviceName: "Fan" });
  take("m2", { severity: "critical" });
  take("m1");
  assert.deepEqual([core.position, core.frontier, core.counts.muted, writes.length], [3, 0, 3, 0]);
  assert.deepEqual(world.told, [2, 2, 2]);
  await clock.advance(30_000);
  assert.deepEqual(
    writes[0]?.devices.map(({ deviceId, deviceName, alerts, severities, firstOffset, lastOffset, route }) => [
      ...[deviceId, deviceName, alerts, severities.critical, firstOffset, lastOffset, route.name],
    ]),
    [
      ["m1", "Fan", 2, 0, 0, 2, "night"],
      ["m2", undefined, 1, 1, 1, 1, "night"],
    ],
  );
  assert.equal(core.frontier, 0);
  take("m1");
  writes[0]?.end();
  await settled();
  assert.equal(core.frontier, 3, "the later one has a hold of its own");
  await clock.advance(30_000);
  writes[1]?.end();
  await settled();
  assert.deepEqual([core.frontier, writes.length, clock.pending], [4, 2, 0]);
});

test("without a record they are settled at the end of their batch", () => {
  const { clock, core, muted, take } = setup({ record: false });
  take("m1");
  take("m1");
  assert.equal(core.frontier, 0);
  muted.batchEnded();
  assert.deepEqual([core.frontier, clock.pending], [2, 0]);
});

test("what is not muted, and what somebody wrote back from the dead letters, is left alone", () => {
  const { core, take } = setup();
  assert.equal(take("pump"), undefined);
  assert.equal(take("m1", { redrives: 1 }), undefined);
  assert.equal(take("m1", { onlyTo: ["a@x.test"] }), undefined);
  assert.equal(core.position, 0);
});

test("one that was settled before a restart is not counted again", async () => {
  const { clock, core, take, writes } = setup({ onRecord: [[0, 0]] });
  take("m1");
  take("m1");
  assert.deepEqual([core.counts.replayed, core.counts.muted], [1, 1]);
  await clock.advance(30_000);
  assert.deepEqual(
    writes.map(({ devices }) => devices.map(({ alerts }) => alerts)),
    [[1]],
  );
});

test("a stop puts on record what there is, and waits for it", async () => {
  const { core, muted, take, writes, clock } = setup();
  take("m1");
  const finished = muted.finish();
  assert.equal(muted.writing, 1);
  writes[0]?.end();
  await finished;
  assert.deepEqual([core.frontier, muted.writing, clock.pending], [1, 0, 0]);
});

test("while somebody else may own the partition nothing is put on record; a lost one is theirs", async () => {
  const { clock, muted, take, writes, world } = setup();
  take("m1");
  world.mayGoOn = false;
  await clock.advance(60_000);
  assert.equal(writes.length, 0);
  world.mayGoOn = true;
  await clock.advance(30_000);
  assert.equal(writes.length, 1);
  take("m1");
  muted.forget();
  await clock.advance(60_000);
  assert.deepEqual([writes.length, clock.pending], [1, 0]);
});

test("a storm of a thousand devices is not kept in memory for 30 s", () => {
  const { take, writes } = setup();
  for (let device = 0; device < 1_500; device++) take(`m${device}`);
  assert.deepEqual(
    writes.map(({ devices }) => devices.length),
    [1_000],
  );
});
