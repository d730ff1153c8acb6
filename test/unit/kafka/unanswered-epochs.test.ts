import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { UnansweredEpochs } from "#src/kafka/unanswered-epochs.js";
import type { Logger } from "#src/runtime/log.js";

const TOPIC = "alerts";
let now: number;
let lines: [level: string, partition: unknown, reason: unknown][];
let epochs: UnansweredEpochs;

beforeEach(() => {
  now = 0;
  lines = [];
  const keep =
    (level: string) =>
    ({ partition, reason }: Record<string, unknown>) => {
      lines.push([level, partition, reason]);
    };
  const log = { warn: keep("warn"), info: keep("info") } as unknown as Logger;
  epochs = new UnansweredEpochs({ topic: TOPIC, log, clock: { now: () => now, elapsed: () => now } as never });
});

/** Asked every 5 s. */
const unansweredUntil = (endMs: number, partition: number, reason: string): void => {
  for (; now < endMs; now += 5_000) epochs.unanswered(partition, 1, reason);
};

test("a leader that is silent for less than 10 s is not worth a line", () => {
  unansweredUntil(10_000, 3, "Closed connection");
  epochs.answered(3);
  assert.deepEqual(lines, []);
});

test("one that stays silent is told once for each reason, and when it answers again", () => {
  unansweredUntil(30_000, 3, "Closed connection");
  unansweredUntil(60_000, 3, "KAFKA_STORAGE_ERROR");
  unansweredUntil(90_000, 3, "Closed connection");
  epochs.answered(3);
  epochs.answered(3);
  assert.deepEqual(lines, [
    ["warn", 3, "Closed connection"],
    ["warn", 3, "KAFKA_STORAGE_ERROR"],
    ["info", 3, undefined],
  ]);
});

test("silences of two partitions, and those half a minute apart, are told by themselves", () => {
  unansweredUntil(15_000, 3, "Closed connection");
  unansweredUntil(30_000, 4, "Closed connection");
  now += 40_000;
  unansweredUntil(85_000, 4, "Closed connection");
  assert.deepEqual(lines, [
    ["warn", 3, "Closed connection"],
    ["warn", 4, "Closed connection"],
    ["warn", 4, "Closed connection"],
  ]);
});
