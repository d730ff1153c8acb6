/** A group without committed offsets: what is mailed, what is skipped, what the log says before, and that the choice stands from the first moment on. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { eventually } from "#test/support/eventually.js";
import { findJava } from "#test/support/java.js";
import { kafkaClassPath } from "#test/support/kafka-jars.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import type { LogLine, Product } from "#test/support/product.js";
import { startProducer } from "#tools/simulator/producer.js";

const HOUR_MS = 3_600_000;
/** The week's history of the report, scaled down: 401 mails to one address. */
const HISTORY = 41;

const firstStartLines = ({ logs }: Product): LogLine[] =>
  logs.filter(({ msg }) => /^no committed offset/.test(String(msg)) && !/waiting/.test(String(msg)));

/** An alert every four hours of the last week, in turn over the partitions. */
const produceHistory = (line: Line, partitions: number, newestAgoMs = 4 * HOUR_MS) => {
  const newest = Date.now() - newestAgoMs;
  return line.produce(
    Array.from({ length: HISTORY }, (_, at) => ({
      device: `old-${at}`,
      at: newest - (HISTORY - 1 - at) * 4 * HOUR_MS,
      partition: at % partitions,
    })),
  );
};

const ordinals = (alerts: readonly { ordinal: number }[]): Set<number> => new Set(alerts.map(({ ordinal }) => ordinal));

const consumerGroups = async (args: readonly string[]): Promise<string> => {
  const flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", await kafkaClassPath()];
  const command = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
  return (await promisify(execFile)(await findJava(), [...flags, command, ...args])).stdout;
};

describe("a first start", { concurrency: 2 }, () => {
  test("reads a week of history by default, and warns before the first mail: how many, since when, how to skip them", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const history = await produceHistory(line, 2);
    const product = await line.start();
    await line.allMailed();
    await line.assertBooks();
    const lines = firstStartLines(product);
    assert.equal(lines.length, 1, JSON.stringify(lines));
    const [told] = lines as [LogLine];
    const { level, partitions, records, since, skipped, startAt } = told;
    assert.deepEqual(
      { level, partitions, records, since, skipped, startAt },
      {
        level: "warn",
        partitions: [0, 1],
        records: HISTORY,
        since: new Date(history[0]?.timestamp ?? 0).toISOString(),
        skipped: 0,
        startAt: "earliest",
      },
    );
    const firstMail = product.logs.findIndex(({ msg }) => msg === "mail accepted");
    assert.ok(product.logs.indexOf(told) < firstMail, "it is told before anything is mailed");
    assert.match(String(told["skip"]), /kafka-consumer-groups\.sh .* --to-latest --execute/);
  });

  test("the command that the warning names skips the history", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const history = await produceHistory(line, 2);
    // Without a mail server nothing is settled.
    await line.smtp.stop();
    const first = await line.start();
    // A line comes through a pipe: the answer of `/readyz` may be here before it.
    const told = await eventually("the log says how to skip them", () => firstStartLines(first)[0]);
    assert.equal(await first.stop(), 0);
    await line.smtp.start();
    const [, args = ""] = /kafka-consumer-groups\.sh (.*), then start/.exec(String(told["skip"])) ?? [];
    assert.match(await consumerGroups(args.split(" ")), /NEW-OFFSET/);
    const second = await line.start();
    const fresh = await line.produce([{ device: "boiler", partition: 0 }]);
    await line.allMailed(ordinals(history));
    await line.assertBooks(ordinals(history));
    assert.equal(fresh.length, 1);
    assert.deepEqual(firstStartLines(second), []);
  });

  test("with latest mails none of the history, says how many it skips, and mails what comes after", async (t) => {
    const line = await startLine(t, { partitions: 2, env: { KAFKA_START: "latest" } });
    const history = await produceHistory(line, 2);
    const product = await line.start();
    await line.produce([0, 1].map((partition) => ({ device: `new-${partition}`, partition })));
    await line.allMailed(ordinals(history));
    await line.allCommitted();
    await line.assertBooks(ordinals(history));
    const [told] = firstStartLines(product);
    assert.deepEqual([told?.["level"], told?.["records"], told?.["skipped"]], ["warn", 0, HISTORY]);
  });

  test("with a span mails what is as young as that", async (t) => {
    const line = await startLine(t, { partitions: 2, env: { KAFKA_START: "22h" } });
    const history = await produceHistory(line, 2);
    const since = Date.now() - 22 * HOUR_MS;
    const old = ordinals(history.filter(({ timestamp }) => timestamp < since));
    assert.equal(HISTORY - old.size, 5);
    const product = await line.start();
    await line.allMailed(old);
    await line.allCommitted();
    await line.assertBooks(old);
    const [told] = firstStartLines(product);
    assert.deepEqual([told?.["records"], told?.["skipped"]], [5, HISTORY - 5]);
  });

  test("with a span in which nothing was written begins at the end", async (t) => {
    const line = await startLine(t, { partitions: 2, env: { KAFKA_START: "2h" } });
    const history = await produceHistory(line, 2);
    const product = await line.start();
    await line.produce([0, 1].map((partition) => ({ device: `new-${partition}`, partition })));
    await line.allMailed(ordinals(history));
    await line.assertBooks(ordinals(history));
    assert.deepEqual(firstStartLines(product)[0]?.["skipped"], HISTORY);
  });

  for (const [where, before] of [
    ["an empty topic", 0],
    ["a topic with a history", 6],
  ] as const) {
    test(`with latest that read nothing of ${where} stands: what is written before the second start is mailed`, async (t) => {
      const line = await startLine(t, { partitions: 2, env: { KAFKA_START: "latest" } });
      const history = await line.produce(
        Array.from({ length: before }, (_, at) => ({ device: "old", at: pastWindow(9), partition: at % 2 })),
      );
      const first = await line.start();
      // As soon as it is ready the choice is committed.
      const ends = before / 2;
      assert.deepEqual([...(await line.committed())].toSorted(), [
        [0, ends],
        [1, ends],
      ]);
      assert.equal(await first.stop(), 0);
      await line.produce([0, 1].map((partition) => ({ device: `between-${partition}`, partition })));
      const second = await line.start();
      await line.allMailed(ordinals(history));
      await line.assertBooks(ordinals(history));
      assert.deepEqual(firstStartLines(second), []);
    });
  }

  test("with latest of several instances at once: no history is mailed, and nothing that is written from the first one's start on is skipped", async (t) => {
    const line = await startLine(t, { partitions: 4, env: { KAFKA_START: "latest" } });
    const history = await produceHistory(line, 4);
    const products = await Promise.all([line.launch(), line.launch(), line.launch()]);
    await Promise.all(products.map((product) => product.waitReady()));
    await line.produce([0, 1, 2, 3].map((partition) => ({ device: `new-${partition}`, partition })));
    await line.allMailed(ordinals(history));
    await line.allCommitted();
    await line.assertBooks(ordinals(history));
    assert.equal(products.flatMap(firstStartLines).length, 1);
  });

  test("a partition that is added later begins at its start, also with latest, and also when it was added while nothing ran", async (t) => {
    const line = await startLine(t, { partitions: 1, env: { KAFKA_START: "latest" } });
    const running = await line.start();
    const addPartition = async (count: number): Promise<void> => {
      const partition = count - 1;
      await line.admin.createPartitions({ topicPartitions: [{ topic: line.topic, count }] });
      const device = `early-${partition}`;
      for (const ordinal of [2 * partition, 2 * partition + 1]) {
        const timestamp = Date.now();
        const value = { deviceId: device, message: `#${ordinal}# early` };
        const record = { key: device, value, timestamp, partition };
        // A producer that once learnt of no such partition drops its records for minutes: a new one asks anew.
        const [position] = await eventually("the new partition takes a record", async () => {
          const writer = await startProducer(line.brokers);
          return await writer.send(line.topic, [record]).finally(() => writer.close());
        });
        line.enter([{ ordinal, device, partition, offset: position?.offset ?? -1, timestamp }]);
      }
    };
    await addPartition(2);
    await line.allMailed();
    const told = await eventually("it is told", () => firstStartLines(running).find(({ level }) => level === "warn"));
    assert.deepEqual([told["partitions"], told["records"], told["startAt"]], [[1], 2, "earliest"]);
    assert.match(String(told["why"]), /others? partitions/);
    assert.equal(await running.stop(), 0);
    await addPartition(3);
    await line.start();
    await line.allMailed();
    await line.allCommitted();
    await line.assertBooks();
  });

  test("a partition whose offset was deleted, beside others that have one, is told like a first start and mailed from its start", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const alerts = await line.produce([0, 1].map((partition) => ({ device: `device-${partition}`, partition })));
    const first = await line.start();
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await first.stop(), 0);
    await consumerGroups([
      "--bootstrap-server",
      line.brokers,
      "--group",
      line.group,
      "--delete-offsets",
      "--topic",
      `${line.topic}:1`,
    ]);
    const second = await line.start();
    await eventually("the alert of partition 1 is mailed again", () => line.smtp.acceptedCount === 3);
    const [told, ...more] = firstStartLines(second);
    assert.deepEqual(more, []);
    assert.deepEqual([told?.["level"], told?.["partitions"], told?.["records"]], ["warn", [1], 1]);
    assert.equal(told?.["since"], new Date(alerts[1]?.timestamp ?? 0).toISOString());
    assert.match(String(told?.["why"]), /deleted/);
  });
});
