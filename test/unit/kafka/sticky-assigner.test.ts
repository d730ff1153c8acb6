import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs, { type Assigner, type GroupMember } from "kafkajs";
import { StickyAssigner } from "#src/kafka/sticky-assigner.js";

const { AssignerProtocol, PartitionAssigners } = kafkajs;
const TOPIC = "alerts";
const config = {
  cluster: { findTopicPartitionMetadata: () => Array.from({ length: 6 }, (_, partitionId) => ({ partitionId })) },
  groupId: "group",
  logger: undefined,
} as unknown as Parameters<typeof PartitionAssigners.roundRobin>[0];

const offered = (held: () => readonly number[] = () => []) => {
  const assigner = new StickyAssigner(TOPIC, held);
  const [sticky, roundRobin] = assigner.assigners.map((create) => create(config)) as [Assigner, Assigner];
  return { assigner, sticky, roundRobin };
};

const metadataOf = (assigner: Assigner): Buffer => assigner.protocol({ topics: [TOPIC] }).metadata;

/** By member: the partitions it gets. */
const shares = async (assigner: Assigner, members: GroupMember[]): Promise<Record<string, readonly number[]>> => {
  const assigned = await assigner.assign({ members, topics: [TOPIC] });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[TOPIC] ?? [],
    ]),
  );
};

test("offered are the own assignment first and KafkaJS's round robin second, under the name that older versions know", () => {
  const { sticky, roundRobin } = offered();
  const old = PartitionAssigners.roundRobin(config);
  assert.deepEqual(
    [sticky, roundRobin].map((assigner) => assigner.protocol({ topics: [TOPIC] }).name),
    ["alert-digest-sticky", old.protocol({ topics: [TOPIC] }).name],
  );
  assert.equal(roundRobin.name, old.name);
  assert.deepEqual(metadataOf(roundRobin), metadataOf(old));
});

test("a leader that is told to use round robin assigns as an older version does, and knows whether it is alone", async () => {
  const { assigner, roundRobin } = offered();
  const old = PartitionAssigners.roundRobin(config);
  const two = ["a", "b"].map((memberId) => ({ memberId, memberMetadata: metadataOf(old) }));
  assert.deepEqual(await shares(roundRobin, two), await shares(old, two));
  assert.equal(assigner.alone, false);
  const one = two.slice(0, 1);
  assert.deepEqual(await shares(roundRobin, one), { a: [0, 1, 2, 3, 4, 5] });
  assert.equal(assigner.alone, true);
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
