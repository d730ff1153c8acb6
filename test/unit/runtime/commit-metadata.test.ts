import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { type LogName, logName } from "#src/core/log-history.js";
import type { PartitionStart } from "#src/core/partition.js";
import { decodeCheckpoint, encodeCheckpoint, readCheckpoint } from "#src/runtime/commit-metadata.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:unit -- core/checkpoint-binding";
const START: PartitionStart = { position: 5, time: undefined, marks: [], settled: [[6, 7]] };
const CHECKPOINT = { ...START, handingOver: 0 };
const HERE = logName("MkU3OEVBNTcwNTJENDM2Qk", "alerts", 0);

test("a checkpoint counts for the log that it was made for", () => {
  const { metadata } = encodeCheckpoint(START, HERE);
  assert.deepEqual(readCheckpoint(metadata, 5, HERE), { kind: "own", checkpoint: CHECKPOINT });
  assert.deepEqual(decodeCheckpoint(metadata, 5, HERE), CHECKPOINT);
});

test("copied to another cluster, topic or partition it says nothing, and what it claimed can be told", () => {
  const { metadata } = encodeCheckpoint(START, HERE);
  for (const there of [
    logName("anotherCluster-0123456", "alerts", 0),
    logName("MkU3OEVBNTcwNTJENDM2Qk", "alerts-eu", 0),
    logName("MkU3OEVBNTcwNTJENDM2Qk", "alerts", 1),
  ]) {
    assert.deepEqual(readCheckpoint(metadata, 5, there), { kind: "foreign", claims: CHECKPOINT });
    assert.equal(decodeCheckpoint(metadata, 5, there), undefined);
  }
});

test("without a cluster ID nobody can say whose checkpoint it is: then none counts, not even one made so", () => {
  for (const none of [undefined, null, ""]) assert.equal(logName(none, "alerts", 0), undefined);
  for (const [madeFor, readFor] of [
    [undefined, undefined],
    [undefined, HERE],
    [HERE, undefined],
  ] as const) {
    const { metadata } = encodeCheckpoint(START, madeFor);
    assert.equal(readCheckpoint(metadata, 5, readFor).kind, "foreign", `${madeFor} ${readFor}`);
  }
});

test("no two logs have one name, whatever their topics are called", () => {
  const log = fc.record({
    topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,8}$/),
    partition: fc.nat(20),
    cluster: fc.string({ minLength: 1, maxLength: 8 }),
  });
  const nameOf = (one: { topic: string; partition: number; cluster: string }): LogName =>
    logName(one.cluster, one.topic, one.partition);
  checkProperty(
    fc.property(log, log, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(nameOf(a) === nameOf(b), same);
      if (!same) assert.equal(decodeCheckpoint(encodeCheckpoint(START, nameOf(a)).metadata, 5, nameOf(b)), undefined);
    }),
    { runs: 500, rerun },
  );
});

test("a checkpoint of the version before, which named no log, is known as such and says nothing", () => {
  const body = Buffer.from([5, 0, 0, 0, 0, 1, 0b110]);
  const sum = crc32(body).toString(16).padStart(8, "0");
  const older = `2.${sum}.${body.toString("base64url")}`;
  assert.deepEqual(readCheckpoint(older, 5, HERE), { kind: "older", claims: CHECKPOINT });
  assert.deepEqual(readCheckpoint(`2.00000000.${body.toString("base64url")}`, 5, HERE), {
    kind: "older",
    claims: undefined,
  });
  assert.equal(decodeCheckpoint(older, 5, HERE), undefined);
});

test("what is not a checkpoint is told by kind", () => {
  const { metadata } = encodeCheckpoint(START, HERE);
  assert.deepEqual(readCheckpoint(null, 5, HERE), { kind: "none" });
  assert.deepEqual(readCheckpoint("", 5, HERE), { kind: "none" });
  assert.deepEqual(readCheckpoint(metadata, 4, HERE), { kind: "moved", claims: CHECKPOINT });
  for (const other of ["owned by another program", metadata.slice(0, -1), `9${metadata.slice(1)}`, "x".repeat(9_000)])
    assert.deepEqual(readCheckpoint(other, 5, HERE), { kind: "unreadable" });
});
