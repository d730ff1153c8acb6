/** G3: what `kill -9` during a catch-up repeats comes under the Message-ID it had, whatever else waits by then. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { pastWindow, startLine } from "#test/support/line.js";

test("kill -9 with merged mails taken and not confirmed: each alert that comes again has the Message-ID it had", async (t) => {
  const line = await startLine(t, { partitions: 2, env: { CATCH_UP_AFTER: "2s" } });
  const devices = Array.from({ length: 6 }, (_, i) => `device-${i}`);
  const produce = async (from: number, to: number): Promise<void> => {
    for (let ago = from; ago >= to; ago--) {
      const at = pastWindow(ago);
      await line.produce(devices.flatMap((device) => [0, 1].map((ms) => ({ device, at: at + ms }))));
    }
  };
  await produce(30, 12);
  // Two alerts are one window; more are merged.
  line.smtp.behave({
    onMessage: async (message) =>
      Number(await message.header("X-Alert-Digest-Count")) > 2 ? "record-and-drop" : undefined,
  });
  const first = await line.start();
  const merged = async () => (await line.mails()).filter((mail) => mail.count > 2);
  await eventually("every device's merged mail was taken", async () => {
    return new Set((await merged()).map(({ device }) => device)).size === devices.length;
  });
  await first.kill();
  const before = (await line.mails()).length;
  line.smtp.behave({ onMessage: undefined });
  await produce(9, 5);
  await line.start();
  await line.allMailed();
  await line.allCommitted();
  const mails = await line.mails();
  const idsOf = new Map<number, Set<string>>();
  for (const { alerts, messageId } of mails)
    for (const alert of alerts) idsOf.set(alert, (idsOf.get(alert) ?? new Set()).add(messageId));
  const repeated = mails.slice(before).flatMap(({ alerts }) => alerts.filter((alert) => alert <= 228));
  const moved = [...idsOf].filter(([, ids]) => ids.size > 1).map(([alert]) => alert);
  t.diagnostic(`${line.produced.length} alerts, ${repeated.length} came again`);
  assert.ok(repeated.length > 0, "something came again");
  assert.deepEqual(moved, [], "alerts under more than one Message-ID");
});
