/** A batch of one megabyte, as large as a topic takes, may unpack to a thousand times as much. The kernel kills a process that takes more than it may. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#test/support/eventually.js";
import { type Codec, produceLargeBatch } from "#test/support/large-batches.js";
import { startLine } from "#test/support/line.js";
import { limitMemory } from "#test/support/memory-limit.js";

/** Far below what any of the batches but that of snappy unpacks to. */
const LIMIT_BYTES = 256 * 1024 * 1024;
/** What a topic takes by default, `max.message.bytes`. */
const BATCH_BYTES_MAX = 1_048_588;

/** What fills a batch; of zstd, which makes 128 KB of four bytes, the largest value that a record can have. */
const VALUE_BYTES: Readonly<Record<Codec, number>> = {
  gzip: 1_050_000_000,
  lz4: 240_000_000,
  snappy: 22_000_000,
  zstd: 2_147_000_000,
};

test("the largest batches that a topic takes, in each codec, kill nobody: their alerts are mailed, what is too large is a dead letter that says so", async (t) => {
  const line = await startLine(t, { partitions: 1, env: { WINDOW_GRACE: "2s" } });
  const product = await line.start();
  const limit = await limitMemory(product.pid, LIMIT_BYTES);
  if (limit === undefined) {
    t.skip("this user may not limit a process's memory here: that needs a cgroup it may write to");
    return;
  }
  t.after(() => limit.remove().catch(() => undefined));
  let [ordinal, offset] = [0, 0];
  for (const codec of Object.keys(VALUE_BYTES) as Codec[]) {
    const device = `of-${codec}`;
    const alert = (message: string) => ({ key: device, value: JSON.stringify({ deviceId: device, message }) });
    const [first, last] = [ordinal + 1, ordinal + 2];
    const bytes = await produceLargeBatch(line.brokers, line.topic, codec, {
      small: [alert(`#${first}# before it`), alert(`#${last}# after it`)],
      valueBytes: VALUE_BYTES[codec],
    });
    assert.ok(bytes <= BATCH_BYTES_MAX, `${codec}: ${bytes}`);
    line.enter([
      { ordinal: first, device, partition: 0, offset, timestamp: Date.now() },
      { ordinal: last, device, partition: 0, offset: offset + 2, timestamp: Date.now() },
    ]);
    ordinal = last;
    offset += 3;
    await eventually(`the batch of ${codec} is settled`, async () => {
      assert.ok(product.running(), `killed by ${codec}`);
      return (await line.committed()).get(0) === offset;
    });
  }
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  const letters = await line.waitForDeadLetters(4);
  assert.deepEqual(
    letters.map(({ headers }) => [headers["reason"], headers["offset"]]).sort(),
    [1, 4, 7, 10].map((at) => ["too-large", String(at)]).sort(),
  );
  // There was room for the whole batch of snappy: its value is in the letter.
  assert.equal(letters.filter(({ headers }) => headers["value"] === "not kept").length, 3);
  const peak = await limit.peakBytes();
  assert.ok(peak <= LIMIT_BYTES, `${peak}`);
  t.diagnostic(`at most ${Math.round(peak / 1024 / 1024)} MB were taken`);
  assert.equal(await product.stop(), 0);
});
