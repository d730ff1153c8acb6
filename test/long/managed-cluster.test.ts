/**
 * A cluster that somebody else runs: three brokers in three racks, a policy for topics, and short sessions only. The policy is a class of ours that
 * judges topics by their names, so that the tests' own stay free.
 */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import kafkajs from "kafkajs";
import { eventually } from "#test/support/eventually.js";
import { freePorts } from "#test/support/free-ports.js";
import { compileJava } from "#test/support/java-compiler.js";
import { type Kafka, startKafka } from "#test/support/kafka.js";
import { createTopic, withAdmin } from "#test/support/kafka-admin.js";
import { kafkaClassPath } from "#test/support/kafka-jars.js";
import { type Line, type LineOptions, startLine } from "#test/support/line.js";
import type { Product } from "#test/support/product.js";
import { runCli } from "#test/support/run-cli.js";
import { startTcpProxy, type TcpProxy } from "#test/support/tcp-proxy.js";
import { startProducer } from "#tools/simulator/producer.js";

const MIB = 1024 * 1024;
const POLICY = `
import java.util.Map;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

public class HousePolicy implements CreateTopicPolicy {
  @Override public void configure(Map<String, ?> configs) {}
  @Override public void close() {}
  @Override public void validate(RequestMetadata request) {
    String topic = request.topic();
    String size = request.configs().get("max.message.bytes");
    if (topic.endsWith(".limited") && size != null && Integer.parseInt(size) > ${8 * MIB})
      throw new PolicyViolationException("House rule 7: max.message.bytes above 8 MiB is not for this cluster");
    if (topic.endsWith(".limited") && request.configs().containsKey("segment.bytes"))
      throw new PolicyViolationException("House rule 8: leave segment.bytes to us");
    if (topic.endsWith(".replicated") && request.replicationFactor() != null && request.replicationFactor() < 3)
      throw new PolicyViolationException("House rule 9: replication factor has to be at least 3");
    if (topic.endsWith(".strict.redriven") && request.configs().containsKey("retention.ms"))
      throw new PolicyViolationException("House rule 4: retention.ms is set by us");
    if (topic.endsWith(".closed"))
      throw new PolicyViolationException("House rule 1: topics are made by the platform team");
  }
}
`;
const RACK = "rack-2";

let kafka: Kafka;
let proxies: readonly TcpProxy[] = [];
let classes: string | undefined;

before(async () => {
  classes = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  await compileJava({ name: "HousePolicy", source: POLICY, classPath: await kafkaClassPath(), directory: classes });
  const ports = await freePorts(3);
  proxies = await Promise.all(ports.map(startTcpProxy));
  kafka = await startKafka({
    brokers: 3,
    heapMegabytes: 256,
    classes,
    listeners: [{ name: "COUNTED", ports, advertisedPorts: proxies.map(({ port }) => port) }],
    properties: {
      "create.topic.policy.class.name": "HousePolicy",
      "default.replication.factor": "1",
      "broker.rack": "rack-{node}",
      "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
      "group.max.session.timeout.ms": "12000",
    },
  });
});
after(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await kafka?.close();
  if (classes !== undefined) await rm(classes, { recursive: true, force: true });
});

const startManagedLine = (
  t: TestContext,
  env: Record<string, string> = {},
  more: Pick<LineOptions, "deadLetterConfig"> = {},
): Promise<Line> =>
  startLine(t, { brokers: kafka.brokers, partitions: 1, env: { KAFKA_SESSION_TIMEOUT: "9s", ...env }, ...more });

const configOf = async (topic: string, name: string): Promise<string | undefined> =>
  withAdmin(kafka.brokers, async (admin) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
    });
    return resources[0]?.configEntries[0]?.configValue;
  });

const warningsOf = (product: Product, topic: string) =>
  product.logs.filter(
    ({ level, msg, topic: of }) =>
      level === "warn" && of === topic && /^topic created with other settings/.test(String(msg)),
  );

const fatalReason = async (product: Product): Promise<string> => {
  assert.deepEqual(await product.exited(), { code: 1, signal: null });
  return String(product.logs.find(({ level }) => level === "fatal")?.["reason"]);
};

describe("topics under a policy", { concurrency: 2 }, () => {
  test("each topic is created with what the policy allows, and a warning has the policy's sentence", async (t) => {
    const line = await startManagedLine(t);
    const [letters, status, sent] = ["dead.limited", "status.limited", "sent.replicated"].map(
      (name) => `${line.topic}.${name}`,
    ) as [string, string, string];
    const product = await line.start({
      KAFKA_DEAD_LETTER_TOPIC: letters,
      KAFKA_STATUS_TOPIC: status,
      KAFKA_SENT_TOPIC: sent,
    });
    const warned = (topic: string) =>
      eventually(`${topic} is told of`, () => warningsOf(product, topic).length === 1 && warningsOf(product, topic)[0]);
    assert.match(String((await warned(letters))["refused"]), /^House rule 7: max\.message\.bytes above 8 MiB/);
    assert.equal(await configOf(letters, "max.message.bytes"), String(8 * MIB));
    assert.match(String((await warned(status))["refused"]), /^House rule 8/);
    // What the policy says nothing of stays as it was asked for.
    assert.equal(await configOf(status, "cleanup.policy"), "compact,delete");
    assert.match(String((await warned(sent))["refused"]), /^House rule 9/);
    assert.equal(await configOf(sent, "retention.ms"), String(30 * 86_400_000));
    const { topics } = await line.admin.fetchTopicMetadata({ topics: [sent] });
    assert.deepEqual(
      topics[0]?.partitions.map(({ replicas }) => replicas.length),
      [3],
    );
    await line.produceRaw([{ key: "x", value: "no alert" }]);
    await line.produce([{ device: "boiler" }]);
    await line.allMailed();
    await line.allCommitted();
    assert.equal(await product.stop(), 0);
  });

  test("where nothing is allowed it ends with 1: the policy's sentence, the variable, and the command for whoever may", async (t) => {
    const line = await startManagedLine(t, { KAFKA_DEAD_LETTER_TOPIC: "alerts.closed" });
    const reason = await fatalReason(await line.launch());
    assert.match(reason, /topic alerts\.closed \(KAFKA_DEAD_LETTER_TOPIC\) does not exist and cannot be created/);
    assert.match(reason, /the broker says: House rule 1: topics are made by the platform team\)/);
    assert.match(
      reason,
      /kafka-topics\.sh .*--create --topic alerts\.closed --partitions 1 --config max\.message\.bytes=16777216/,
    );
    assert.doesNotMatch(reason, /grant|Topic creation errors/);
  });

  test("dead-letters redrive says it too, of the topic of its notes", async (t) => {
    const line = await startManagedLine(t);
    const letters = `${line.topic}.strict`;
    await createTopic(kafka.brokers, letters, 1);
    const { code, stderr } = await runCli(["dead-letters", "redrive", "--all"], {
      ...line.env,
      KAFKA_DEAD_LETTER_TOPIC: letters,
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /topic created with other settings .*House rule 4/);
    assert.equal(await configOf(`${letters}.redriven`, "retention.bytes"), "-1");
  });
});

describe("short sessions", { concurrency: 2 }, () => {
  test("a session longer than the broker takes ends the start with 1, and the reason says what to set", async (t) => {
    const line = await startManagedLine(t, { KAFKA_SESSION_TIMEOUT: "" });
    const reason = await fatalReason(await line.launch());
    assert.match(reason, /no session of 15 s .*set KAFKA_SESSION_TIMEOUT .*group\.max\.session\.timeout\.ms/);
  });

  test("the commands that read topics have the session too", async (t) => {
    const line = await startManagedLine(t);
    const product = await line.start();
    await line.produceRaw([{ key: "x", value: "no alert" }]);
    await eventually("a dead letter is there", async () => {
      const page = await product.metrics();
      return page.value("dead_letters_total", { stage: "decode", reason: "not-json" }) === 1;
    });
    const refused = await runCli(["dead-letters", "list"], { ...line.env, KAFKA_SESSION_TIMEOUT: "" });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /set KAFKA_SESSION_TIMEOUT/);
    const list = await runCli(["dead-letters", "list"], line.env);
    assert.equal(list.code, 0, list.stderr);
    assert.match(list.stdout, /not-json/);
  });
});

describe("racks", () => {
  /** A topic that broker 1 leads and broker 2 follows, with so many bytes in it that nothing else counts. */
  const startRackLine = async (t: TestContext) => {
    // With a topic for its dead letters: brokers that a busy machine keeps waiting need longer than 6 s to make one, and a start ends then.
    const line = await startManagedLine(t, {}, { deadLetterConfig: {} });
    const topic = `${line.topic}.racks`;
    await createTopic(kafka.brokers, topic, 1, {}, [1, 2]);
    const producer = await startProducer(kafka.brokers, { idempotent: true });
    t.after(() => producer.close());
    let sent = 0;
    const produce = async (count: number): Promise<void> => {
      const records = Array.from({ length: count }, () => ({
        key: `device-${++sent}`,
        value: { deviceId: `device-${sent}`, message: "m".repeat(1_000), labels: { pad: "p".repeat(20_000) } },
        timestamp: Date.now(),
      }));
      // A batch of all would be more than the topic takes.
      for (let at = 0; at < count; at += 20) await producer.send(topic, records.slice(at, at + 20));
    };
    const read = (product: Product) =>
      eventually(
        `${sent} records are read`,
        async () => (await product.metrics()).value("kafka_records_consumed_total") === sent,
      );
    const brokers = proxies.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return { line, topic, produce, read, sent: () => sent, env: { KAFKA_BROKERS: brokers, KAFKA_ALERTS_TOPIC: topic } };
  };
  const bytesFrom = async (action: () => Promise<void>): Promise<number[]> => {
    const before = proxies.map(({ received }) => received);
    await action();
    return proxies.map(({ received }, index) => received - (before[index] ?? 0));
  };
  const RECORDS = 100;
  const PAYLOAD = RECORDS * 20_000;

  test("with KAFKA_RACK the records come from the follower in that rack, and the lag is still the leader's", async (t) => {
    const { produce, read, sent, env, line } = await startRackLine(t);
    const product = await line.start({ ...env, KAFKA_RACK: RACK });
    // The leader is asked first, and names the follower with its answer: where that has the records already.
    await eventually("the follower is read from", async () => {
      const [, bytes = 0] = await bytesFrom(async () => {
        await produce(1);
        await read(product);
      });
      return bytes > 20_000;
    });
    const [leader = 0, follower = 0] = await bytesFrom(async () => {
      await produce(RECORDS);
      await read(product);
    });
    t.diagnostic(`${leader} bytes from the leader, ${follower} from the follower`);
    assert.ok(follower > PAYLOAD, `${follower} bytes from the follower`);
    assert.ok(leader < PAYLOAD / 2, `${leader} bytes from the leader`);
    await eventually("everything is mailed, and committed up to the leader's end", async () => {
      const page = await product.metrics();
      return page.value("kafka_consumer_lag_records") === 0 && page.value("kafka_log_end_offset") === sent();
    });
    assert.equal(await product.stop(), 0);
  });

  test("without it the leader is read from", async (t) => {
    const { produce, read, env, line } = await startRackLine(t);
    const product = await line.start(env);
    const [leader = 0, follower = 0] = await bytesFrom(async () => {
      await produce(RECORDS);
      await read(product);
    });
    assert.ok(leader > PAYLOAD && follower < PAYLOAD / 2, `${leader} and ${follower} bytes`);
    assert.equal(await product.stop(), 0);
  });

  test("the follower goes away: reading goes on at the leader, nothing is lost or mailed twice", async (t) => {
    const { produce, read, env, line } = await startRackLine(t);
    const product = await line.start({ ...env, KAFKA_RACK: RACK });
    await produce(2);
    await read(product);
    await kafka.kill(1);
    try {
      await produce(RECORDS);
      await read(product);
    } finally {
      await kafka.restart();
    }
    await produce(2);
    await read(product);
    // A lag of 0 alone may be from before the last alerts, whose window is still open then.
    const page = await eventually("everything is mailed, and committed up to the end", async () => {
      const now = await product.metrics();
      const isEnd = now.value("kafka_log_end_offset") === RECORDS + 4;
      return isEnd && now.value("kafka_consumer_lag_records") === 0 && now;
    });
    // What the leader had while it waited for the dead follower is seen when it is given up, maybe after its window.
    const [windowed = 0, late = 0] = ["windowed", "late"].map((outcome) => page.value("alerts_total", { outcome }));
    assert.equal(windowed + late, RECORDS + 4);
    const mailed = (await line.mails()).reduce((sum, { count }) => sum + count, 0);
    assert.equal(mailed, RECORDS + 4);
    assert.equal(page.value("kafka_records_deleted_unread_total"), 0);
    assert.equal(product.logs.filter(({ level }) => level === "error" || level === "fatal").length, 0);
  });
});
