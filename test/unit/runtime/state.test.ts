import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlertCodec } from "#src/formats/codec.js";
import { Activity } from "#src/runtime/activity.js";
import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { FillingWindow, SourceRecord } from "#src/runtime/ports.js";
import { liveState } from "#src/runtime/state.js";
import type { WorkerDeps } from "#src/runtime/worker-deps.js";
import { quietMetrics } from "#test/support/quiet.js";
import { SECOND_0, VirtualClock } from "#test/support/virtual-clock.js";

/** Partitions 0 and 1, and what of them is shown. */
const setup = () => {
  const clock = new VirtualClock(SECOND_0 + 100_000);
  const deps = {
    topic: "alerts",
    options: { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 2, catchUpAfterMs: 0 },
    codec: createAlertCodec(),
    metrics: quietMetrics,
    clock,
    delivery: { submit: () => undefined, slices: { take: (piece: () => void) => piece() } },
  } as unknown as WorkerDeps;
  const start = { position: 0, time: undefined, marks: [], settled: [] };
  const workers = [0, 1].map((partition) => new PartitionWorker({ partition, log: undefined }, start, undefined, deps));
  const take = (partition: number, device: string, seconds: number, fields: object = {}): void => {
    const worker = workers[partition] as PartitionWorker;
    const value = Buffer.from(JSON.stringify({ deviceId: device, message: "m", ...fields }));
    const { position } = worker;
    const record: SourceRecord = {
      offset: position,
      timestampMs: SECOND_0 + seconds * 1_000,
      key: Buffer.from(device),
      value,
    };
    worker.take([record], position + 1);
  };
  const shown = (): readonly FillingWindow[] =>
    liveState({ workers }, new Activity(clock), { waitingRecipients: () => [] }).windows;
  return { workers, take, shown };
};

test("the open windows of all partitions, the fullest first, folded alerts counted", () => {
  const { take, shown } = setup();
  take(0, "one", 40);
  for (let i = 0; i < 5; i++) take(1, "many", 41);
  take(0, "two", 42, { severity: "critical" });
  take(0, "two", 43, { deviceName: "Zwei" });
  assert.deepEqual(
    shown().map(({ deviceId, deviceName, partition, alerts, critical }) => [
      deviceId,
      deviceName,
      partition,
      alerts,
      critical,
    ]),
    [
      ["many", undefined, 1, 5, false],
      ["two", "Zwei", 0, 2, true],
      ["one", undefined, 0, 1, false],
    ],
  );
  assert.deepEqual([shown()[0]?.windowStart, shown()[0]?.windowEnd], [SECOND_0 + 30_000, SECOND_0 + 60_000]);
});

test("closed windows and those of partitions that were lost are not shown", () => {
  const { workers, take, shown } = setup();
  take(0, "closed", 1);
  take(0, "open", 40);
  take(1, "lost", 40);
  workers[1]?.lose();
  assert.deepEqual(
    shown().map(({ deviceId }) => deviceId),
    ["open"],
  );
});

test("twenty at most, names cut, and a huge alert is not parsed for one", () => {
  const { take, shown } = setup();
  take(0, "long", 40, { deviceName: "n".repeat(1_000) });
  take(0, "long", 40, { deviceName: "n".repeat(1_000) });
  const huge = { deviceName: "Huge", message: "가".repeat(4_000), labels: { a: "나".repeat(2_000) } };
  take(0, "huge", 40, huge);
  take(0, "huge", 40, huge);
  for (let i = 0; i < 100; i++) take(0, `d${i}`, 40);
  assert.equal(shown().length, 20);
  assert.deepEqual(
    shown()
      .slice(0, 2)
      .map(({ deviceName }) => deviceName?.length),
    [200, undefined],
  );
});
