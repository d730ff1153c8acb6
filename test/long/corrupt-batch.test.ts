/** A bit that flipped on a broker's disk: the broker sends it as it is. */

import assert from "node:assert/strict";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { startKafka } from "#test/support/kafka.js";
import { pastWindow, startLine } from "#test/support/line.js";

test("a batch whose checksum is wrong is neither mailed nor skipped; its partition waits and says so, others go on; mended, all of it is mailed", async (t) => {
  const kafka = await startKafka();
  t.after(() => kafka.close());
  const line = await startLine(t, { brokers: kafka.brokers, partitions: 2 });
  const one = (device: string, partition: number) => line.produce([{ device, at: pastWindow(6), partition }]);
  await one("before", 0);
  await one("damaged-device", 0);
  await one("after", 0);
  const segment = join(kafka.directory, "data-1", `${line.topic}-0`, "00000000000000000000.log");
  const at = (await readFile(segment)).indexOf("damaged-device");
  assert.ok(at > 0);
  const flip = async (): Promise<void> => {
    const file = await open(segment, "r+");
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] as number) ^ 1]), 0, 1, at);
    await file.close();
  };
  await flip();

  const product = await line.start();
  const saysHeld = () =>
    product.logs.filter(({ msg }) => String(msg).startsWith("a batch is not as it was written, again"));
  await eventually("it says that the partition is held", () => saysHeld().length > 0);
  const [said] = saysHeld();
  assert.deepEqual([said?.["level"], said?.["partition"], said?.["offset"]], ["error", 0, 1]);
  assert.match(String(said?.["problem"]), /its checksum is [0-9a-f]{8} and should be [0-9a-f]{8}/);
  await one("elsewhere", 1);
  await eventually("the other partition goes on", () =>
    line.smtp.messages.some(({ raw }) => raw.toString("latin1").includes("X-Alert-Digest-Device: elsewhere")),
  );
  assert.equal(line.smtp.acceptedCount, 2, "what came before it, and the other partition's");
  const metrics = await product.metrics();
  assert.equal(
    metrics.value("kafka_consumer_position_lag_records", { partition: "0" }),
    2,
    "it stays behind, and that is seen",
  );

  await flip();
  await line.allMailed();
  await line.assertBooks();
  assert.ok(product.logs.some(({ msg }) => msg === "the batch is read now, and is as it was written"));
  assert.equal(await product.stop(), 0);
});
