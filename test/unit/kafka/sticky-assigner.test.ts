import assert from "node:assert/strict";
import { describe, test } from "node:test";
import kafkajs, { type Assigner, type GroupMember } from "kafkajs";
import { StickyAssigner } from "#src/kafka/sticky-assigner.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const { AssignerProtocol, PartitionAssigners } = kafkajs;
const TOPIC = "alerts";
const config = {
  cluster: { findTopicPartitionMetadata: () => Array.from({ length: 6 }, (_, partitionId) => ({ partitionId })) },
  groupId: "group",
  logger: undefined,
} as unknown as Parameters<typeof PartitionAssigners.roundRobin>[0];

const offered = (held: () => readonly number[] = () => [], topic = TOPIC, cluster: unknown = config.cluster) => {
  const log = { ...quietLog, warn: (fields: object) => void warnings.push(fields) };
  const warnings: object[] = [];
  const clock = new VirtualClock();
  const assigner = new StickyAssigner(topic, held, { clock, log });
  const own = { ...config, cluster } as typeof config;
  const [sticky, roundRobin] = assigner.assigners.map((create) => create(own)) as [Assigner, Assigner];
  return { assigner, sticky, roundRobin, warnings, clock };
};

const metadataOf = (assigner: Assigner, topic = TOPIC): Buffer => assigner.protocol({ topics: [topic] }).metadata;

/** By member: the partitions it gets. */
const shares = async (
  assigner: Assigner,
  members: GroupMember[],
  topic = TOPIC,
): Promise<Record<string, readonly number[]>> => {
  const assigned = await assigner.assign({ members, topics: [TOPIC] });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [],
    ]),
  );
};

test("offered are the own assignment first and one under the name of KafkaJS's round robin second, which older versions know", () => {
  const { sticky, roundRobin } = offered();
  const old = PartitionAssigners.roundRobin(config);
  const offers = [sticky, roundRobin].map((assigner) => assigner.protocol({ topics: [TOPIC] }));
  assert.deepEqual(
    offers.map(({ name }) => name),
    ["alert-digest-sticky", old.protocol({ topics: [TOPIC] }).name],
  );
  assert.equal(roundRobin.name, old.name);
  for (const { metadata } of offers)
    assert.deepEqual(AssignerProtocol.MemberMetadata.decode(metadata)?.topics, [TOPIC]);
});

test("a leader that is told to use round robin gives members of older versions as many as those did, and knows whether it is alone", async () => {
  const { assigner, roundRobin } = offered();
  const old = PartitionAssigners.roundRobin(config);
  const two = ["a", "b"].map((memberId) => ({ memberId, memberMetadata: metadataOf(old) }));
  assert.deepEqual(await shares(roundRobin, two), { a: [0, 1, 2], b: [3, 4, 5] });
  assert.equal(assigner.alone, false);
  const one = two.slice(0, 1);
  assert.deepEqual(await shares(roundRobin, one), { a: [0, 1, 2, 3, 4, 5] });
  assert.equal(assigner.alone, true);
});

test("the metadata says version 1 and ends after the user data: a broker cannot take the group over to the new protocol", () => {
  const { sticky, roundRobin } = offered(() => [1]);
  for (const assigner of [sticky, roundRobin]) {
    const metadata = metadataOf(assigner);
    assert.equal(metadata.readInt16BE(0), 1);
    const { userData = Buffer.alloc(0) } = AssignerProtocol.MemberMetadata.decode(metadata) ?? {};
    assert.equal(
      metadata.length,
      2 + 4 + (2 + TOPIC.length) + 4 + userData.length,
      "no list of owned partitions follows",
    );
  }
});

describe("members of one group that read different topics", () => {
  /** Knows its own topic only, as KafkaJS's does. `foreign` answers for the others. */
  const clusterOf = (topic: string, count: number, foreign: (topic: string) => Promise<number> = async () => 0) => ({
    findTopicPartitionMetadata: (asked: string) =>
      asked === topic ? Array.from({ length: count }, (_, partitionId) => ({ partitionId })) : [],
    getNodeIds: () => [1],
    findBroker: async () => ({
      metadata: async ([asked = ""]: string[]) => {
        const partitions = await foreign(asked);
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId }));
        return { topicMetadata: [{ topic: asked, partitionMetadata }] };
      },
    }),
  });
  const encode = (topic: string, userData = "") =>
    AssignerProtocol.MemberMetadata.encode({ version: 1, topics: [topic], userData: Buffer.from(userData) });

  test("each topic's partitions go to its own readers; who is alone on a topic is alone", async () => {
    const eu = offered(() => [0, 1], "eu", clusterOf("eu", 2));
    const us = offered(() => [2, 3], "us", clusterOf("us", 4));
    const members = [
      { memberId: "a", memberMetadata: metadataOf(eu.sticky, "eu") },
      { memberId: "b", memberMetadata: metadataOf(us.sticky, "us") },
      { memberId: "c", memberMetadata: encode("us") },
    ];
    for (const leader of [eu, us]) {
      for (const assigner of [leader.sticky, leader.roundRobin]) {
        assert.deepEqual(await shares(assigner, members, "eu"), { a: [0, 1], b: [], c: [] });
        assert.deepEqual(await shares(assigner, members, "us"), { a: [], b: [2, 3], c: [0, 1] });
      }
    }
    assert.deepEqual([eu.assigner.alone, us.assigner.alone], [true, false]);
  });

  test("where no member says how many partitions its topic has, the brokers are asked, and the client's own metadata stays as it is", async () => {
    const eu = offered(
      () => [],
      "eu",
      clusterOf("eu", 1, async (topic) => (topic === "us" ? 3 : 0)),
    );
    const members = [
      { memberId: "a", memberMetadata: metadataOf(eu.sticky, "eu") },
      { memberId: "b", memberMetadata: encode("us") },
      { memberId: "c", memberMetadata: encode("us", '{"v":1,"instance":"c","generation":3,"partitions":[2]}') },
    ];
    assert.deepEqual(await shares(eu.sticky, members, "us"), { a: [], b: [0], c: [1, 2] });
    assert.deepEqual(eu.warnings, []);
  });

  test("a topic that the leader may not see, or that nobody answers for, costs its own readers their partitions, and nobody else", async () => {
    const refused = Object.assign(new Error("Not authorized to access topics"), { type: "TOPIC_AUTHORIZATION_FAILED" });
    for (const foreign of [async () => Promise.reject(refused), () => new Promise<number>(() => undefined)]) {
      const eu = offered(() => [], "eu", clusterOf("eu", 2, foreign));
      const members = [
        { memberId: "a", memberMetadata: metadataOf(eu.sticky, "eu") },
        { memberId: "b", memberMetadata: encode("us") },
      ];
      const assigned = shares(eu.sticky, members, "eu");
      await eu.clock.advance(10_000);
      assert.deepEqual(await assigned, { a: [0, 1], b: [] });
      assert.equal((eu.warnings[0] as { topic?: string }).topic, "us");
    }
  });

  test("a count that cannot be is not believed", async () => {
    for (const partitionCount of [0, -1, 1.5, 1e9, "3"]) {
      const eu = offered(
        () => [],
        "eu",
        clusterOf("eu", 1, async () => 1),
      );
      const said = { v: 1, instance: "b", generation: 0, partitions: [], partitionCount };
      const members = [{ memberId: "b", memberMetadata: encode("us", JSON.stringify(said)) }];
      assert.deepEqual(await shares(eu.sticky, members, "us"), { b: [0] });
    }
  });
});

test("a join calls the hook once and claims what it answers; a leader keeps each member's partitions where they are", async () => {
  let joins = 0;
  const a = offered(() => {
    joins++;
    return [1, 3, 5];
  });
  const b = offered(() => [0, 2]);
  for (const each of [a, b]) each.assigner.member(7);
  const members = [
    { memberId: "a", memberMetadata: metadataOf(a.sticky) },
    { memberId: "b", memberMetadata: metadataOf(b.sticky) },
  ];
  metadataOf(a.roundRobin);
  assert.equal(joins, 1);
  assert.deepEqual(await shares(a.sticky, members), { a: [1, 3, 5], b: [0, 2, 4] });
});

test("a member whose user data is another program's, or none, claims nothing and gets its share", async () => {
  const a = offered(() => [0, 1, 2, 3, 4, 5]);
  a.assigner.member(3);
  const own = { memberId: "a", memberMetadata: metadataOf(a.sticky) };
  for (const userData of ["", "not json", '{"v":2}', '{"v":1,"instance":"x","generation":9,"partitions":"all"}']) {
    const memberMetadata = AssignerProtocol.MemberMetadata.encode({
      version: 1,
      topics: [TOPIC],
      userData: Buffer.from(userData),
    });
    const result = await shares(a.sticky, [own, { memberId: "x", memberMetadata }]);
    assert.deepEqual(
      Object.values(result).map((partitions) => partitions.length),
      [3, 3],
      userData,
    );
  }
});
