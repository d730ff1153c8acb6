/** REPEAT_INTERVALS: few mails while nothing new is told, news at once, and nothing lost or twice over a restart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { counted } from "#test/support/counted.js";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";

const HOT = { type: "TEMPERATURE_HIGH" };
const OPEN = { type: "DOOR_OPEN" };

test("a device that goes on firing is held, news leaves at once with what was held, and a restart repeats nothing", async (t) => {
  const line = await startLine(t, { partitions: 1, env: { REPEAT_INTERVALS: "24h" } });
  for (let ago = 12; ago >= 5; ago--) await line.produce([{ device: "boiler", at: pastWindow(ago), fields: HOT }]);
  const first = await line.start();
  await counted(first, { windows_held: 7, windows_pending: 7, windows_closed_total: 1, mails_total: 1 });
  const held = await first.metrics();
  assert.deepEqual(
    [held.value("kafka_consumer_lag_seconds"), held.value("oldest_pending_window_age_seconds")],
    [0, 0],
    "nobody waits for them",
  );
  await eventually("the committed offset stands at the oldest held alert", async () => {
    return (await first.metrics()).value("kafka_committed_offset") === 1;
  });

  await line.produce([{ device: "boiler", fields: OPEN }]);
  await line.allMailed();
  assert.deepEqual(
    (await line.mails()).map(({ alerts }) => alerts),
    [[1], [2, 3, 4, 5, 6, 7, 8, 9]],
  );

  await line.produce([{ device: "boiler", fields: HOT }]);
  await counted(first, { windows_held: 1, mails_total: 2 });
  assert.equal(await first.stop(), 0);
  assert.equal(line.smtp.acceptedCount, 2, "a stop mails nothing early");

  const second = await line.start();
  await line.allMailed();
  await line.allCommitted();
  await counted(second, { windows_held: 0, windows_pending: 0 });
  await line.assertBooks();
  assert.deepEqual(
    (await line.mails()).map(({ alerts }) => alerts),
    [[1], [2, 3, 4, 5, 6, 7, 8, 9], [10]],
  );
  await line.produce([{ device: "boiler", fields: HOT }]);
  await counted(second, { windows_held: 1, mails_total: 1 });
});

test("what is held leaves after each interval although nothing new comes, and the device is a long while silent", async (t) => {
  const line = await startLine(t, { partitions: 1, env: { REPEAT_INTERVALS: "4s,8s" } });
  // One after the other from the first on, however long it takes to write them: more time would be more intervals.
  const start = pastWindow(20);
  for (let n = 0; n < 20; n++) await line.produce([{ device: "pump", at: start + n * WINDOW_MS, fields: HOT }]);
  await line.start();
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  const mails = await line.mails();
  assert.ok(mails.length < 10, `${mails.length} mails of 20 windows`);
});
