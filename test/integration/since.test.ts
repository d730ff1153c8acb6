/** A mail says truly since when a device fires, whoever reads its partition by then. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Line, pastWindow, startLine, WINDOW_MS } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";

const TYPE = "TEMPERATURE_HIGH";

/** `09:14:07`, with the date before it where the mail is of another day. */
const clock = (ms: number): string => `(?:[-0-9]{10} )?${new Date(ms).toISOString().slice(11, 19)}`;

/** The first line of the newest mail, once all alerts are mailed. */
const firstLine = async (line: Line): Promise<string> => {
  await line.allMailed();
  return (await line.mails()).at(-1)?.text.split("\n")[0] ?? "";
};

const assigned = async (product: Product): Promise<number> =>
  (await product.metrics()).value("kafka_partitions_assigned") ?? 0;

test("a fault that began before a stop, kill -9, and a move of its partition is still firing since then, until it is resolved", async (t) => {
  const line = await startLine(t, { partitions: 2 });
  const start = pastWindow(40) + 1_000;
  let windows = 0;
  const tell = async (fields: object = {}): Promise<number> => {
    const at = start + WINDOW_MS * windows++;
    await line.produce([{ device: "boiler", at, fields: { type: TYPE, severity: "critical", ...fields } }]);
    return at;
  };
  const since = new RegExp(`^Critical, still firing since ${clock(start)}: `);
  await tell();
  let product = await line.start();
  assert.match(await firstLine(line), since);
  await tell();
  assert.match(await firstLine(line), since, "in the next window");
  await line.allCommitted();

  await product.stop();
  await tell();
  product = await line.start();
  assert.match(await firstLine(line), since, "after a stop");
  await line.allCommitted();

  await product.kill();
  await tell();
  product = await line.start();
  assert.match(await firstLine(line), since, "after kill -9");

  const second = await line.start();
  await eventually(
    "both have their share",
    async () => (await assigned(product)) === 1 && (await assigned(second)) === 1,
  );
  await tell();
  assert.match(await firstLine(line), since, "with another instance beside it");
  await product.stop();
  await eventually("the second has all partitions", async () => (await assigned(second)) === 2);
  await tell();
  assert.match(await firstLine(line), since, "at another owner");

  const shut = await tell({ type: "DOOR_OPEN", severity: "info", status: "resolved" });
  const beside = `^Critical, 1 other type still firing since ${clock(start)}; resolved at ${clock(shut)}: `;
  assert.match(await firstLine(line), new RegExp(beside), "a mail that tells of the end of something else");

  const over = await tell({ status: "resolved" });
  assert.match(await firstLine(line), new RegExp(`^Critical, resolved at ${clock(over)}, began at ${clock(start)}: `));
  const again = await tell();
  assert.match(await firstLine(line), new RegExp(`^Critical, still firing since ${clock(again)}: `));
  await line.allCommitted();
  await line.assertBooks();
});

test("a group that begins in the middle of a topic does not say since when: it names the first alert of the mail", async (t) => {
  const line = await startLine(t, { partitions: 1 });
  await line.produceRaw([{ key: "boiler", value: "{}", timestamp: pastWindow(40) }]);
  const first = await line.start({ KAFKA_START: "latest" });
  const at = pastWindow(30);
  await line.produce([{ device: "boiler", at, fields: { type: TYPE } }]);
  assert.match(await firstLine(line), new RegExp(`^Warning, still firing, first alert in this mail ${clock(at)}: `));
  assert.equal((await line.deadLetters()).length, 0, "what was there before is not read");
  await first.stop();
});
