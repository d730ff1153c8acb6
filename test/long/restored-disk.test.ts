/** A log that lost its end while nobody ran: the offsets that the checkpoint speaks of are given to other alerts. */

import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkpointOfAnyLog } from "#test/support/checkpoints.js";
import { eventually } from "#test/support/eventually.js";
import { startKafka } from "#test/support/kafka.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { startProducer } from "#tools/simulator/producer.js";

const produceOne = (line: Line, device: string, windowsAgo: number): Promise<unknown> =>
  line.produce([{ device, at: pastWindow(windowsAgo), partition: 0 }]);

test("a disk that was restored from before: what the checkpoint calls settled beyond its end are new alerts now, and all are mailed", async (t) => {
  const kafka = await startKafka();
  t.after(() => kafka.close());
  const restored = { is: false };
  const line = await startLine(t, {
    brokers: kafka.brokers,
    partitions: 1,
    smtp: {
      onMessage: async ({ raw }) =>
        !restored.is && /^X-Alert-Digest-Device: stuck/m.test(raw.toString("latin1"))
          ? { code: 450, text: "4.2.0 later" }
          : undefined,
    },
  });
  const disk = join(kafka.directory, "data-1", `${line.topic}-0`);
  const copy = join(kafka.directory, "backup");
  for (let n = 0; n < 5; n++) await produceOne(line, `before-${n}`, 6);
  await produceOne(line, "stuck", 6);
  await kafka.stop();
  await cp(disk, copy, { recursive: true });
  await kafka.restart();
  for (let n = 6; n < 9; n++) await produceOne(line, `lost-${n}`, 5);
  const before = await line.start();
  await eventually("all mails but the stuck one", () => line.smtp.acceptedCount === 8);
  await eventually("the group says that 6 to 8 are settled above the stuck one", async () => {
    const [found] = await line.admin.fetchOffsets({ groupId: line.group, topics: [line.topic] });
    const { offset, metadata } = found?.partitions[0] ?? assert.fail("nothing is committed");
    const [[first, last] = [-1, -1]] = checkpointOfAnyLog(metadata, Number(offset))?.settled ?? [];
    return Number(offset) === 5 && first === 6 && last === 8;
  });
  assert.equal(await before.stop(), 0);

  await kafka.stop();
  await rm(disk, { recursive: true });
  await cp(copy, disk, { recursive: true });
  await kafka.restart();
  restored.is = true;
  const after = await line.start();
  await eventually("the stuck one is mailed", () => line.smtp.acceptedCount === 9);
  const warning = after.logs.find(({ msg }) => String(msg).startsWith("the log ends before what the checkpoint knows"));
  assert.deepEqual(
    [warning?.["level"], warning?.["committed"], warning?.["logEnd"], warning?.["from"], warning?.["settledOffsets"]],
    ["warn", 5, 6, 6, 3],
  );
  // The broker has forgotten the sequence of the producer before.
  const producer = await startProducer(kafka.brokers);
  t.after(() => producer.close());
  const timestamp = pastWindow(2);
  const ordinals = [10, 11, 12, 13];
  const written = await producer.send(
    line.topic,
    ordinals.map((ordinal) => ({
      key: `new-${ordinal}`,
      value: { deviceId: `new-${ordinal}`, message: `#${ordinal}# hot` },
      timestamp,
      partition: 0,
    })),
  );
  const offsets = written.map(({ offset }) => offset);
  assert.deepEqual(offsets, [6, 7, 8, 9]);
  line.enter(
    ordinals.map((ordinal, at) => ({
      ordinal,
      device: `new-${ordinal}`,
      partition: 0,
      offset: offsets[at] ?? -1,
      timestamp,
    })),
  );
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.equal(await after.stop(), 0);
});
