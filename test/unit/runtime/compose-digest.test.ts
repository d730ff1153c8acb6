import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailContents } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { alertCodec } from "#src/kafka/decode.js";
import { composeDigest } from "#src/runtime/compose-digest.js";

const MINUTE = Date.UTC(2026, 0);

const contentsOf = (...names: readonly (string | undefined)[]): MailContents => ({
  windowStart: eventTime(MINUTE),
  windowEnd: eventTime(MINUTE + 30_000),
  idOffset: 0,
  firstOffset: 0,
  lastOffset: names.length - 1,
  folded: undefined,
  entries: names.map((deviceName, offset) => ({
    offset,
    eventTime: eventTime(MINUTE + offset),
    late: false,
    bytes: Buffer.from(JSON.stringify({ deviceId: "d", message: `m${offset}`, deviceName })),
  })),
});

const composed = (contents: MailContents, maxListed = 100) =>
  composeDigest(contents, {
    maxListed,
    codec: alertCodec,
    topic: "alerts",
    partition: 0,
    deviceId: "d",
    onlyTo: undefined,
    windowCount: 1,
  });

test("a mail calls the device by the last name that it gave itself", () => {
  assert.equal(composed(contentsOf("A", "B")).deviceName, "B");
  assert.equal(composed(contentsOf("A", "B", undefined)).deviceName, "B", "an alert without a name takes none away");
  assert.equal(composed(contentsOf(undefined)).deviceName, undefined);
  assert.equal(composed(contentsOf("A", "B"), 1).deviceName, "B", "also of an alert that is only counted");
});

test("what does not fit into the list is counted, and nothing is counted twice", () => {
  const digest = composed(contentsOf("A", "B", "C"), 2);
  assert.deepEqual([digest.listed.map(({ offset }) => offset), digest.folded?.count, digest.count], [[0, 1], 1, 3]);
});
