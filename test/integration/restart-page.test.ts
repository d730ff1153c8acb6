/** What the page says right after a restart: what the process before did not tell anybody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupStatus } from "#src/http/status-shape.js";
import { eventually } from "#test/support/eventually.js";
import { get } from "#test/support/get.js";
import { startLine } from "#test/support/line.js";
import { runCli } from "#test/support/run-cli.js";

const LETTERS = 18;

test("after a restart the page has the dead letters of the hour before, and says since when it knows them", async (t) => {
  const line = await startLine(t);
  await line.produceRaw(
    Array.from({ length: LETTERS }, (_, index) => ({
      key: `device-${index}`,
      value: "no alert",
      partition: index % 3,
    })),
  );
  const first = await line.start();
  const letters = await line.waitForDeadLetters(LETTERS);
  assert.equal(await first.stop(), 0);

  const second = await line.start();
  let last: GroupStatus | undefined;
  const own = await eventually(
    "the page has the letters",
    async () => {
      const response = await get(`${second.url}/api/status`, 10_000);
      last = (await response.json()) as GroupStatus;
      const [instance] = last.instances;
      return instance !== undefined && instance.deadLetters.length >= LETTERS && instance;
    },
    { seen: () => last?.instances[0]?.deadLetters },
  );
  assert.equal(own.deadLetters.length, LETTERS);
  assert.deepEqual([own.totals.deadLetters, own.deadLettersBefore], [0, LETTERS]);
  assert.equal(Date.parse(own.startedAt) - Date.parse(own.deadLettersSince ?? ""), 3_600_000);
  assert.equal(new Set(own.deadLetters.map(({ position }) => position)).size, letters.length);

  const [newest] = own.deadLetters;
  const shown = await runCli(["dead-letters", "show", newest?.position ?? ""], line.env);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`position +${newest?.position}\\n`));
  assert.match(shown.stdout, new RegExp(`dead-letter.offset +${newest?.offset}\\n`));

  // And of its own letters it knows the place, too.
  await line.produceRaw([{ key: "late", value: "no alert" }]);
  const [latest] = await eventually("the next letter is there", async () => {
    const response = await get(`${second.url}/api/status`, 10_000);
    const list = ((await response.json()) as GroupStatus).instances[0]?.deadLetters ?? [];
    return list[0]?.deviceId === "late" && list;
  });
  assert.match(latest?.position ?? "", /^\d+\/\d+$/);
  assert.equal((await runCli(["dead-letters", "show", latest?.position ?? ""], line.env)).code, 0);
});
