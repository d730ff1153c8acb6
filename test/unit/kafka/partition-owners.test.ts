import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs, { type GroupDescription, type GroupDescriptions } from "kafkajs";
import { PartitionOwners } from "#src/kafka/partition-owners.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const assignment = (topics: Record<string, number[]>): Buffer =>
  kafkajs.AssignerProtocol.MemberAssignment.encode({ version: 1, assignment: topics, userData: Buffer.alloc(0) });

const setup = async () => {
  const world = {
    idle: true,
    state: "Stable",
    assignments: [] as Buffer[],
    failure: undefined as Error | undefined,
    asked: 0,
    lines: [] as string[],
  };
  const describeGroups = async (): Promise<GroupDescriptions> => {
    world.asked++;
    if (world.failure !== undefined) throw world.failure;
    const members = world.assignments.map((memberAssignment) => ({ memberAssignment }));
    return { groups: [{ state: world.state, members } as unknown as GroupDescription] };
  };
  const clock = new VirtualClock();
  const tell = (_: object, line: string): void => void world.lines.push(line);
  const owners = new PartitionOwners({
    admin: { describeGroups },
    topic: "us",
    groupId: "group",
    isIdle: () => world.idle,
    partitionCount: () => 2,
    clock,
    log: { ...quietLog, info: tell, warn: tell },
  });
  const look = (): Promise<void> => clock.advance(1_000);
  return { world, owners, clock, look };
};

test("a member without partitions is not ready while nobody owns some of them, and says so once in the log", async () => {
  const { world, owners, look } = await setup();
  world.assignments = [assignment({ eu: [0, 1] }), assignment({})];
  assert.match(owners.complaint ?? "", /asking the group/);
  owners.start();
  await look();
  assert.match(owners.complaint ?? "", /nobody in consumer group group owns 2 of topic us.*KAFKA_GROUP_ID/);
  await look();
  assert.equal(world.lines.length, 1);
  world.assignments = [assignment({ eu: [0], us: [1] })];
  await look();
  assert.match(owners.complaint ?? "", /owns 1 of topic us/);
  world.assignments = [assignment({ us: [1] }), assignment({ us: [0] })];
  await look();
  assert.equal(owners.complaint, undefined);
  assert.deepEqual(world.lines.length, 2);
  owners.close();
});

test("a member that has partitions asks nothing; one that loses them again is not ready before it knows", async () => {
  const { world, owners, look } = await setup();
  world.assignments = [assignment({ us: [0, 1] })];
  world.idle = false;
  owners.start();
  await look();
  assert.deepEqual([world.asked, owners.complaint], [0, undefined]);
  world.idle = true;
  assert.match(owners.complaint ?? "", /asking the group/);
  await look();
  assert.equal(owners.complaint, undefined);
  owners.close();
  await look();
  assert.equal(world.asked, 1);
});

test("between assignments the last answer stands; who may not ask is ready; what cannot be read owns nothing", async () => {
  const { world, owners, look } = await setup();
  world.state = "PreparingRebalance";
  owners.start();
  await look();
  assert.match(owners.complaint ?? "", /asking the group/);
  world.state = "Stable";
  world.assignments = [Buffer.from("?"), Buffer.alloc(0)];
  await look();
  assert.match(owners.complaint ?? "", /owns 2/);
  world.state = "CompletingRebalance";
  await look();
  assert.match(owners.complaint ?? "", /owns 2/);
  owners.close();
  const other = await setup();
  other.world.failure = new Error("Not authorized to access group");
  other.owners.start();
  await other.look();
  assert.equal(other.owners.complaint, undefined);
  other.owners.close();
});
