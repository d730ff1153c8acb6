import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eventTime, wallTime } from "#src/core/time.js";
import { instanceStatus } from "#src/http/status.js";
import { decodeStatus, encodeStatus } from "#src/http/status-record.js";
import type { InstanceStatus } from "#src/http/status-shape.js";
import type { LiveState, RecentMail } from "#src/runtime/ports.js";
import { groupSource, NOTHING_LIVE } from "#test/support/group-source.js";
import { partitionState, runtimeState } from "#test/support/runtime-states.js";

const NAMES = { group: "oncall", topic: "alerts" };

const mail = (i: number): RecentMail => ({
  at: wallTime(9_000 + i),
  // Three bytes a character: as long as it can be.
  deviceId: "온".repeat(256),
  deviceName: "온".repeat(200),
  partition: 2,
  alerts: i,
  windowStart: eventTime(0),
  windowEnd: eventTime(30_000),
  outcome: "deferred",
  attempts: 1,
  seconds: 0.25,
  reason: "timeout",
  messageId: "<m@x>",
});

const full = (): LiveState => {
  const twenty = Array.from({ length: 20 }, (_, i) => i);
  return {
    ...NOTHING_LIVE,
    mails: twenty.map(mail),
    windows: twenty.map((i) => {
      const { deviceId, deviceName, partition, alerts, windowStart, windowEnd } = mail(i);
      return { deviceId, deviceName, partition, alerts, windowStart, windowEnd, critical: false };
    }),
    deadLetters: twenty.map((i) => ({
      at: wallTime(i),
      kind: "window",
      stage: "smtp",
      reason: "timeout",
      deviceId: "온".repeat(256),
      partition: 0,
      offset: i,
      detail: "온".repeat(200),
      position: { partition: 0, offset: i },
    })),
  };
};

/** Numbers as long as they get. */
const LONG = {
  endOffset: 123_456_789_012,
  committedOffset: 123_456_789_012,
  position: 123_456_789_012,
  checkpointBytes: 4_096,
};

const state = (count: number) => () =>
  runtimeState({
    partitionCount: count,
    partitions: Array.from({ length: count }, (_, partition) => partitionState(partition, LONG)),
  });

test("what is told comes back the same", () => {
  const status = instanceStatus(groupSource({ state: state(3) }));
  assert.deepEqual(decodeStatus(NAMES, encodeStatus(NAMES, status) ?? ""), status);
});

test("lists become shorter, newest and largest kept, until the value is at most 64 KB", () => {
  const status = instanceStatus(groupSource({ state: state(48), live: full }));
  assert.ok(Buffer.byteLength(JSON.stringify(status)) > 64 * 1024);
  const value = encodeStatus(NAMES, status) ?? "";
  assert.ok(Buffer.byteLength(value) <= 64 * 1024);
  const back = decodeStatus(NAMES, value);
  assert.equal(back?.partitions.length, 48);
  assert.ok((back?.mails.length ?? 0) >= 5);
  assert.deepEqual(back?.mails[0], status.mails[0]);
});

test("partitions are always told whole; beyond what a broker takes nothing is told", () => {
  const status = (partitions: number): InstanceStatus =>
    instanceStatus(groupSource({ state: state(partitions), live: full }));
  const back = decodeStatus(NAMES, encodeStatus(NAMES, status(1_000)) ?? "");
  assert.deepEqual([back?.partitions.length, back?.mails.length], [1_000, 0]);
  assert.equal(encodeStatus(NAMES, status(10_000)), undefined);
});

test("records of other groups, of strangers and broken ones are no status", () => {
  const status = instanceStatus(groupSource({ state: state(1), live: full }));
  const value = encodeStatus(NAMES, status) ?? "";
  const { instance } = JSON.parse(value);
  const wrong = (changes: object): string => JSON.stringify({ ...NAMES, instance: { ...instance, ...changes } });
  assert.ok(decodeStatus(NAMES, wrong({})));
  assert.equal(decodeStatus({ ...NAMES, group: "other" }, value), undefined);
  assert.equal(decodeStatus({ ...NAMES, topic: "other" }, value), undefined);
  const [partition] = instance.partitions;
  const cases = [
    "",
    "null",
    "[]",
    "{}",
    value.slice(0, -1),
    JSON.stringify(instance),
    wrong({ instanceId: 7 }),
    wrong({ host: "x".repeat(301) }),
    wrong({ time: "yesterday" }),
    wrong({ ageSeconds: "0" }),
    wrong({ partitions: {} }),
    wrong({ partitions: [{ ...partition, paused: [1] }] }),
    wrong({ partitions: [{ ...partition, openTransaction: { records: 1 } }] }),
    wrong({ partitions: new Array(10_001).fill(partition) }),
    wrong({ mails: [{ ...instance.mails[0], outcome: "exploded" }] }),
    wrong({ deadLetters: new Array(21).fill(instance.deadLetters[0]) }),
    wrong({ smtp: null }),
  ];
  for (const entry of cases) assert.equal(decodeStatus(NAMES, entry), undefined, entry.slice(0, 200));
});

test("what it does not know of a newer version is left out", () => {
  const status = instanceStatus(groupSource());
  const newer = JSON.stringify({ ...NAMES, more: 1, instance: { ...status, __proto__: {}, news: { deep: [1] } } });
  assert.deepEqual(decodeStatus(NAMES, newer), status);
});

test("an instance of a version that does not tell of open transactions yet is known all the same", () => {
  const status = instanceStatus(groupSource({ state: state(1) }));
  const [{ openTransaction: _, ...older } = {}] = status.partitions;
  const value = JSON.stringify({ ...NAMES, instance: { ...status, partitions: [older] } });
  assert.deepEqual(decodeStatus(NAMES, value), status);
});

test("nothing that JSON can say makes it throw", () => {
  const base = JSON.parse(encodeStatus(NAMES, instanceStatus(groupSource({ state: state(1) }))) ?? "");
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(base.instance)), fc.jsonValue(), (field, value) => {
      decodeStatus(NAMES, JSON.stringify({ ...NAMES, instance: { ...base.instance, [field]: value } }));
      decodeStatus(NAMES, JSON.stringify(value));
    }),
  );
});
