/** Another program under the same group ID. Kafka's own Java consumer plays it, once with the new protocol and once with the classic one. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import kafkajs from "kafkajs";
import { METADATA_VERSION } from "#src/kafka/sticky-assigner.js";
import { type ConsoleConsumer, startConsoleConsumer } from "#test/support/console-consumer.js";
import { eventually } from "#test/support/eventually.js";
import { quietClient } from "#test/support/kafka-admin.js";
import { type Line, startLine } from "#test/support/line.js";

const NEW_PROTOCOL = { "group.protocol": "consumer" };
const CLASSIC = { "group.protocol": "classic" };

const startStranger = async (
  t: TestContext,
  { brokers, topic, group }: Line,
  properties: Readonly<Record<string, string>>,
): Promise<ConsoleConsumer> => {
  const stranger = await startConsoleConsumer(brokers, topic, group, properties);
  t.after(() => stranger.close());
  return stranger;
};

const strangerReads = async (t: TestContext, line: Line, properties: Readonly<Record<string, string>>) => {
  await line.produce([{ device: "boiler" }]);
  const stranger = await startStranger(t, line, properties);
  await eventually("the stranger has read the alert", () => stranger.stdout().includes("#1#"), {
    seen: () => stranger.stderr(),
  });
  return stranger;
};

const reasonOfExit = async (line: Line): Promise<string> => {
  const product = await line.launch();
  assert.deepEqual(await product.exited(), { code: 1, signal: null });
  const fatal = product.logs.filter(({ level }) => level === "fatal");
  assert.equal(fatal.length, 1, JSON.stringify(product.logs));
  return JSON.stringify(fatal);
};

describe("another program under the same group ID", { concurrency: 2 }, () => {
  test("a Java consumer with the new protocol is there first: exit 1 says what it is and what to do", async (t) => {
    const line = await startLine(t);
    await strangerReads(t, line, NEW_PROTOCOL);
    const reason = await reasonOfExit(line);
    assert.match(reason, /group\.protocol=consumer/);
    assert.match(reason, /KAFKA_GROUP_ID/);
    assert.match(reason, new RegExp(line.group));
  });

  test("a Java consumer with a classic assignor is there first: exit 1 says so", async (t) => {
    const line = await startLine(t);
    await strangerReads(t, line, CLASSIC);
    const reason = await reasonOfExit(line);
    assert.match(reason, /has members of another program/);
    assert.match(reason, /KAFKA_GROUP_ID/);
  });

  for (const [name, properties, refusal] of [
    [
      "the new protocol",
      NEW_PROTOCOL,
      /Cannot upgrade classic group .* because the embedded consumer protocol is malformed/,
    ],
    ["a classic assignor", CLASSIC, /InconsistentGroupProtocolException/],
  ] as const) {
    test(`one with ${name} that comes second is refused, and our partitions stay ours`, async (t) => {
      const line = await startLine(t);
      const product = await line.start();
      const rebalances = (await product.metrics()).value("kafka_rebalances_total");
      const stranger = await startStranger(t, line, properties);
      await stranger.ended;
      assert.match(stranger.stderr(), refusal);
      await line.produce([0, 1, 2].map((partition) => ({ device: `device-${partition}`, partition })));
      await line.allMailed();
      await line.allCommitted();
      await line.assertBooks();
      assert.equal(stranger.stdout(), "");
      const page = await product.metrics();
      assert.equal(page.value("kafka_partitions_assigned"), 3);
      assert.equal(page.value("kafka_rebalances_total"), rebalances);
    });
  }

  test("why the metadata says version 1: with version 0 the broker takes the group over and gives our partitions to the stranger", async (t) => {
    const line = await startLine(t, { partitions: 2 });
    const handedOver = async (version: number): Promise<string> => {
      const group = `${line.group}-${version}`;
      const member = quietClient(line.brokers).consumer({
        groupId: group,
        partitionAssigners: [
          (config) => {
            const name = "alert-digest-sticky";
            const { encode } = kafkajs.AssignerProtocol.MemberMetadata;
            const userData = Buffer.from("{}");
            const protocol = ({ topics }: { topics: string[] }) => ({
              name,
              metadata: encode({ version, topics, userData }),
            });
            return { ...kafkajs.PartitionAssigners.roundRobin(config), name, protocol };
          },
        ],
      });
      t.after(() => member.disconnect());
      const isMember = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
      await member.connect();
      await member.subscribe({ topics: [line.topic] });
      await member.run({ autoCommit: false, eachMessage: async () => undefined });
      await isMember;
      const stranger = await startStranger(t, { ...line, group }, NEW_PROTOCOL);
      const outcome = await eventually("the stranger is in, or refused", () => {
        if (/#\d#/.test(stranger.stdout())) return "reads";
        return stranger.running() ? undefined : stranger.stderr();
      });
      await stranger.close();
      return outcome;
    };
    await line.produce([0, 1].map((partition) => ({ device: `device-${partition}`, partition })));
    assert.match(await handedOver(METADATA_VERSION), /malformed/);
    assert.equal(await handedOver(0), "reads");
  });
});
