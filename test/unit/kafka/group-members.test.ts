import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs, { type GroupDescription, type GroupDescriptions } from "kafkajs";
import { GroupMembers } from "#src/kafka/group-members.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const metadata = (userData: string): Buffer =>
  kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 1, topics: ["alerts"], userData: Buffer.from(userData) });
const member = (instance: string): Buffer =>
  metadata(JSON.stringify({ v: 1, instance, generation: 1, partitions: [], partitionCount: 2 }));

const setup = () => {
  const world = {
    isWanted: true,
    state: "Stable",
    members: [] as Buffer[],
    failure: undefined as Error | undefined,
    asked: 0,
  };
  const describeGroups = async (): Promise<GroupDescriptions> => {
    world.asked++;
    if (world.failure !== undefined) throw world.failure;
    const members = world.members.map((memberMetadata) => ({ memberMetadata }));
    return { groups: [{ state: world.state, members } as unknown as GroupDescription] };
  };
  const clock = new VirtualClock();
  const isWanted = (): boolean => world.isWanted;
  const members = new GroupMembers({ admin: { describeGroups }, groupId: "group", isWanted, clock, log: quietLog });
  const look = (): Promise<void> => clock.advance(5_000);
  const known = () => members.instances && [...members.instances].sort();
  return { world, members, look, known };
};

test("members are known by what they say of themselves; one that says nothing has no name", async () => {
  const { world, members, look, known } = setup();
  world.members = [member("a-1"), member("b-2"), metadata(""), Buffer.from([1])];
  assert.equal(known(), undefined);
  members.start();
  await look();
  assert.deepEqual(known(), ["", "a-1", "b-2"]);
  members.close();
});

test("while members join, those from before are known; when the group cannot be asked, nobody is", async () => {
  const { world, members, look, known } = setup();
  world.members = [member("a-1")];
  members.start();
  await look();
  Object.assign(world, { state: "PreparingRebalance", members: [] });
  await look();
  assert.deepEqual(known(), ["a-1"]);
  world.failure = new Error("not authorized");
  await look();
  assert.equal(known(), undefined);
  Object.assign(world, { failure: undefined, state: "Stable", members: [member("b-2")] });
  await look();
  assert.deepEqual(known(), ["b-2"]);
  members.close();
});

test("the group is asked only while somebody is to be looked for, and not after the end", async () => {
  const { world, members, look, known } = setup();
  world.isWanted = false;
  world.members = [member("a-1")];
  members.start();
  await look();
  assert.deepEqual([world.asked, known()], [0, undefined]);
  world.isWanted = true;
  await look();
  assert.deepEqual(known(), ["a-1"]);
  world.isWanted = false;
  await look();
  assert.equal(known(), undefined);
  members.close();
  world.isWanted = true;
  const { asked } = world;
  await look();
  assert.equal(world.asked, asked);
});
