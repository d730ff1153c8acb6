/** Producers choose the codec; the batches here come from Kafka's own Java client. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { produceByConsole } from "#test/support/console-producer.js";
import { startLine } from "#test/support/line.js";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;
const PER_CODEC = 200;

test("batches compressed with gzip, snappy, lz4 and zstd by a Java client are read, every alert is mailed", async (t) => {
  const line = await startLine(t, { partitions: 1, env: { WINDOW_GRACE: "2s" } });
  const end = async (): Promise<number> => Number((await line.admin.fetchTopicOffsets(line.topic))[0]?.high);
  for (const [index, codec] of CODECS.entries()) {
    const device = `of-${codec}`;
    const ordinals = Array.from({ length: PER_CODEC }, (_, i) => index * PER_CODEC + i + 1);
    const records = ordinals.map((ordinal) => {
      // Repeats itself, as alerts do, or nothing is compressed; and is Korean, or nobody notices a codec that breaks bytes.
      const message = `#${ordinal}# ${"온도가 한계를 넘었습니다. ".repeat(20)}`;
      return [device, JSON.stringify({ deviceId: device, message })] as const;
    });
    const start = await end();
    await produceByConsole(line.brokers, line.topic, codec, records);
    assert.equal(await end(), start + PER_CODEC);
    line.enter(
      ordinals.map((ordinal, i) => ({ ordinal, device, partition: 0, offset: start + i, timestamp: Date.now() })),
    );
  }
  await line.start();
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  for (const { text } of await line.mails()) assert.match(text, /온도가 한계를 넘었습니다\. 온도가/);
});
