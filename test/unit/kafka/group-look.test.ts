import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs, { type GroupDescription, type GroupDescriptions } from "kafkajs";
import { GroupLook } from "#src/kafka/group-look.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
/** Owns these. */
const owner = (topics: Record<string, number[]>) => ({
  memberMetadata: metadata(""),
  memberAssignment: MemberAssignment.encode({ version: 1, assignment: topics, userData: Buffer.alloc(0) }),
});
const metadata = (userData: string): Buffer =>
  MemberMetadata.encode({ version: 1, topics: ["alerts"], userData: Buffer.from(userData) });
/** Says this of itself, and owns nothing. */
const member = (memberMetadata: Buffer) => ({ memberMetadata, memberAssignment: Buffer.alloc(0) });
const instance = (name: string) =>
  member(metadata(JSON.stringify({ v: 1, instance: name, generation: 1, partitions: [], partitionCount: 2 })));

const setup = (first: { readonly idle?: boolean; readonly peers?: boolean }) => {
  const world = {
    idle: false,
    peers: false,
    ...first,
    state: "Stable",
    members: [] as { memberMetadata: Buffer; memberAssignment: Buffer }[],
    failure: undefined as Error | undefined,
    asked: 0,
    lines: [] as string[],
  };
  const describeGroups = async (): Promise<GroupDescriptions> => {
    world.asked++;
    if (world.failure !== undefined) throw world.failure;
    return { groups: [{ state: world.state, members: world.members } as unknown as GroupDescription] };
  };
  const clock = new VirtualClock();
  const tell = (_: object, line: string): void => void world.lines.push(line);
  const group = new GroupLook({
    admin: { describeGroups },
    topic: "us",
    groupId: "group",
    isIdle: () => world.idle,
    hasPeers: () => world.peers,
    partitionCount: () => 2,
    clock,
    log: { ...quietLog, info: tell, warn: tell },
  });
  const look = (ms = 1_000): Promise<void> => clock.advance(ms);
  const known = () => group.instances && [...group.instances].sort();
  return { world, group, look, known };
};

test("a member without partitions is not ready while nobody owns some of them, and says so once in the log", async () => {
  const { world, group, look } = setup({ idle: true });
  world.members = [owner({ eu: [0, 1] }), owner({})];
  assert.match(group.complaint ?? "", /asking the group/);
  group.start();
  await look();
  assert.match(group.complaint ?? "", /nobody in consumer group group owns 2 of topic us.*KAFKA_GROUP_ID/);
  await look();
  assert.equal(world.lines.length, 1);
  world.members = [owner({ eu: [0], us: [1] })];
  await look();
  assert.match(group.complaint ?? "", /owns 1 of topic us/);
  world.members = [owner({ us: [1] }), owner({ us: [0] })];
  await look();
  assert.equal(group.complaint, undefined);
  assert.deepEqual(world.lines.length, 2);
  group.close();
});

test("a member that has partitions asks nothing; one that loses them again is not ready before it knows", async () => {
  const { world, group, look } = setup({ idle: true });
  world.members = [owner({ us: [0, 1] })];
  world.idle = false;
  group.start();
  await look();
  assert.deepEqual([world.asked, group.complaint], [0, undefined]);
  world.idle = true;
  assert.match(group.complaint ?? "", /asking the group/);
  await look();
  assert.equal(group.complaint, undefined);
  group.close();
  await look();
  assert.equal(world.asked, 1);
});

test("between assignments the last answer stands; who may not ask is ready; what cannot be read owns nothing", async () => {
  const { world, group, look } = setup({ idle: true });
  world.state = "PreparingRebalance";
  group.start();
  await look();
  assert.match(group.complaint ?? "", /asking the group/);
  world.state = "Stable";
  world.members = [Buffer.from("?"), Buffer.alloc(0)].map((memberAssignment) => ({
    memberMetadata: metadata(""),
    memberAssignment,
  }));
  await look();
  assert.match(group.complaint ?? "", /owns 2/);
  world.state = "CompletingRebalance";
  await look();
  assert.match(group.complaint ?? "", /owns 2/);
  group.close();
  const other = setup({ idle: true });
  other.world.failure = new Error("Not authorized to access group");
  other.group.start();
  await other.look();
  assert.equal(other.group.complaint, undefined);
  other.group.close();
});

test("members are known by what they say of themselves; one that says nothing has no name", async () => {
  const { world, group, look, known } = setup({ peers: true });
  world.members = [instance("a-1"), instance("b-2"), member(metadata("")), member(Buffer.from([1]))];
  assert.equal(known(), undefined);
  group.start();
  await look(5_000);
  assert.deepEqual(known(), ["", "a-1", "b-2"]);
  group.close();
});

test("while members join, those from before are known; when the group cannot be asked, nobody is", async () => {
  const { world, group, look, known } = setup({ peers: true });
  world.members = [instance("a-1")];
  group.start();
  await look(5_000);
  Object.assign(world, { state: "PreparingRebalance", members: [] });
  await look(5_000);
  assert.deepEqual(known(), ["a-1"]);
  world.failure = new Error("not authorized");
  await look(5_000);
  assert.equal(known(), undefined);
  Object.assign(world, { failure: undefined, state: "Stable", members: [instance("b-2")] });
  await look(5_000);
  assert.deepEqual(known(), ["b-2"]);
  group.close();
});

test("the group is asked only while somebody is to be looked for, and not after the end", async () => {
  const { world, group, look, known } = setup({ peers: true });
  world.peers = false;
  world.members = [instance("a-1")];
  group.start();
  await look(5_000);
  assert.deepEqual([world.asked, known()], [0, undefined]);
  world.peers = true;
  await look(5_000);
  assert.deepEqual(known(), ["a-1"]);
  world.peers = false;
  await look(5_000);
  assert.equal(known(), undefined);
  group.close();
  world.peers = true;
  const { asked } = world;
  await look(5_000);
  assert.equal(world.asked, asked);
});

test("one question answers both: who is there and who owns the partitions", async () => {
  const { world, group, look, known } = setup({ idle: true, peers: true });
  world.members = [{ ...instance("a-1"), memberAssignment: owner({ us: [0, 1] }).memberAssignment }, instance("b-2")];
  group.start();
  await look(0);
  assert.deepEqual([world.asked, known(), group.complaint], [1, ["a-1", "b-2"], undefined]);
  world.idle = false;
  await look(4_000);
  assert.equal(world.asked, 1);
  await look();
  assert.equal(world.asked, 2);
  group.close();
});
