import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusTopic, type StatusTopicDeps } from "#src/kafka/status-topic.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

interface Entry {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A broker with one topic of one partition, and an instance `me` that has not started yet. */
const setup = (more: Partial<StatusTopicDeps> = {}) => {
  const clock = new VirtualClock();
  const entries: Entry[] = [];
  const world = {
    clock,
    entries,
    exists: true,
    /** What a request does first. */
    fault: async (_request: "create" | "send" | "fetch"): Promise<void> => undefined,
    heard: [] as string[],
    lines: [] as string[],
    value: "v" as string | undefined,
    fetches: 0,
    /** Offsets below were compacted away: fetched from there, a batch is empty. */
    compactedBelow: 0,
    sends: 0,
    closed: [] as string[],
    topic: undefined as unknown as StatusTopic,
    write: (key: string, value: string | null): void =>
      void entries.push({ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }),
  };
  const request = async (kind: "create" | "send" | "fetch"): Promise<void> => {
    await world.fault(kind);
    if (kind === "fetch" && !world.exists) throw new Error("no such topic");
  };
  const cluster = {
    connect: async () => undefined,
    disconnect: async () => void world.closed.push("cluster"),
    addTargetTopic: async () => undefined,
    refreshMetadata: async () => undefined,
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    findBroker: async () => broker,
    fetchTopicsOffset: async () => [{ topic: "s", partitions: [{ partition: 0, offset: String(entries.length) }] }],
  };
  const broker = {
    fetch: async ({ topics }: { topics: { partitions: { fetchOffset: string }[] }[] }) => {
      world.fetches++;
      await request("fetch");
      const from = Number(topics[0]?.partitions[0]?.fetchOffset);
      if (from >= entries.length) await new Promise<void>((resolve) => void clock.after(1_000, resolve));
      // The whole batch, as brokers do: also what lies before the offset.
      const highWatermark = String(entries.length);
      if (from < world.compactedBelow) return { responses: [{ partitions: [{ highWatermark, messages: [] }] }] };
      const messages = entries
        .map((entry, offset) => ({ ...entry, offset: String(offset) }))
        .slice(Math.max(0, from - 1));
      return { responses: [{ partitions: [{ highWatermark, messages }] }] };
    },
  };
  const deps = {
    kafka: {
      consumer: (config: { partitionAssigners: ((of: unknown) => unknown)[] }) =>
        config.partitionAssigners[0]?.({ cluster }),
      producer: () => ({
        connect: async () => undefined,
        disconnect: async () => void world.closed.push("producer"),
        send: async ({ messages }: { messages: { key: string; value: string | null; partition: number }[] }) => {
          world.sends++;
          await request("send");
          for (const { key, value } of messages) world.write(key, value);
        },
      }),
    },
    admin: {
      listTopics: async () => (world.exists ? ["s"] : []),
      createTopics: async () => {
        await request("create");
        world.exists = true;
        return true;
      },
    },
    topic: "s",
    instanceId: "me",
    compose: () => world.value,
    heard: (id: string, value: string | null) => void world.heard.push(`${id} ${value}`),
    clock,
    log: {
      debug: () => undefined,
      error: () => undefined,
      info: (_: unknown, line: string) => void world.lines.push(`info ${line}`),
      warn: (fields: { error?: string }, line: string) =>
        void world.lines.push(`warn ${line.replace(/:.*/, "")} (${fields.error})`),
    },
    ...more,
  };
  world.topic = new StatusTopic(deps as unknown as StatusTopicDeps);
  return world;
};

const never = (): Promise<never> => new Promise(() => undefined);

test("it tells every two seconds, hears itself and others, and is on once it has read what it wrote", async () => {
  const world = setup();
  world.write("old", "of yesterday");
  assert.equal(world.topic.sharing, "starting");
  world.topic.start();
  await world.clock.advance(3_000);
  world.write("other", "o");
  world.write("other", null);
  await world.clock.advance(2_000);
  assert.equal(world.topic.sharing, "on");
  assert.equal(world.sends, 3);
  assert.ok(!world.heard.includes("old of yesterday"));
  assert.deepEqual(
    world.heard.filter((line) => line.startsWith("other")),
    ["other o", "other null"],
  );
  assert.ok(world.heard.filter((line) => line === "me v").length >= world.sends - 1);
  assert.deepEqual(world.lines, []);
});

test("between two records others may have their turn, however many came at once", async () => {
  const order: string[] = [];
  const world = setup({
    turns: { next: async () => void order.push("turn") },
    heard: (id) => void order.push(id),
  });
  world.topic.start();
  await world.clock.advance(3_000);
  order.length = 0;
  for (const id of ["a", "b", "c"]) world.write(id, "invented");
  await world.clock.advance(1_500);
  const [first] = [order.indexOf("a")];
  assert.deepEqual(order.slice(first - 1, first + 5), ["turn", "a", "turn", "b", "turn", "c"]);
});

test("a topic that is missing is created; one that cannot be is said once, and tried again", async () => {
  const world = setup();
  world.exists = false;
  world.fault = async (kind) => {
    if (kind === "create") throw Object.assign(new Error("errors"), { errors: [new Error("not allowed")] });
  };
  world.topic.start();
  await world.clock.advance(60_000);
  assert.equal(world.topic.sharing, "failed");
  assert.equal(world.lines.length, 1);
  assert.match(
    world.lines[0] ?? "",
    /does not work \(topic s \(KAFKA_STATUS_TOPIC\) .* cannot be created \(the broker says: not allowed\)/,
  );
  world.fault = async () => undefined;
  await world.clock.advance(10_000);
  assert.equal(world.topic.sharing, "on");
  assert.deepEqual(world.lines.slice(1), [
    "info status topic created: it did not exist",
    "info status topic works again",
  ]);
});

test("a broker that is away for long is one line when it goes and one when it is back; what was told meanwhile is not read", async () => {
  const world = setup();
  world.topic.start();
  await world.clock.advance(5_000);
  world.fault = () => Promise.reject(new Error("gone"));
  await world.clock.advance(2_000);
  world.write("other", "stale");
  await world.clock.advance(600_000);
  assert.equal(world.topic.sharing, "failed");
  // No storm of requests: each as often as it tells, at most.
  assert.ok(world.sends < 310 && world.fetches < 330, `${world.sends} ${world.fetches}`);
  world.fault = async () => undefined;
  await world.clock.advance(6_000);
  assert.equal(world.topic.sharing, "on");
  assert.ok(!world.heard.includes("other stale"));
  assert.deepEqual(world.lines, ["warn status topic does not work (gone)", "info status topic works again"]);
});

test("a broker that does not answer has one request of each kind, and a stop does not wait for it", async () => {
  const world = setup();
  world.topic.start();
  await world.clock.advance(5_000);
  world.fault = never;
  const { sends, fetches } = world;
  await world.clock.advance(60_000);
  assert.equal(world.topic.sharing, "failed");
  assert.ok(world.sends <= sends + 1 && world.fetches <= fetches + 1);
  let stopped = false;
  void world.topic.close().then(() => {
    stopped = true;
  });
  await world.clock.advance(1_400);
  assert.equal(stopped, false);
  await world.clock.advance(200);
  assert.equal(stopped, true);
});

test("a stop says goodbye after whatever is under way, and then nothing more", async () => {
  const world = setup();
  world.topic.start();
  await world.clock.advance(5_000);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.fault = (kind) => (kind === "send" ? held : Promise.resolve());
  await world.clock.advance(1_500);
  world.fault = async () => undefined;
  const before = world.entries.length;
  const stopping = world.topic.close();
  await world.clock.advance(100);
  assert.equal(world.entries.length, before);
  release();
  await world.clock.advance(100);
  await stopping;
  await world.clock.advance(10_000);
  const [last, goodbye] = world.entries.slice(-2);
  assert.deepEqual([String(last?.value), goodbye?.value], ["v", null]);
  assert.equal(world.entries.length, before + 2);
  assert.deepEqual(world.closed.sort(), ["cluster", "producer"]);
});

test("one that never was in the topic says no goodbye", async () => {
  const world = setup();
  world.fault = () => Promise.reject(new Error("gone"));
  world.topic.start();
  await world.clock.advance(3_000);
  world.fault = async () => undefined;
  await world.topic.close();
  assert.deepEqual(world.entries, []);
});

test("records without a key, of huge keys and of huge values are passed over; nothing to tell is told as nothing", async () => {
  const world = setup();
  world.topic.start();
  await world.clock.advance(1_000);
  world.entries.push({ key: null, value: Buffer.from("v") });
  world.write("k".repeat(401), "v");
  world.write("huge", "v".repeat(1024 * 1024 + 1));
  world.write("fine", "v");
  world.value = undefined;
  const { sends } = world;
  await world.clock.advance(3_000);
  assert.deepEqual(
    world.heard.filter((line) => !line.startsWith("me")),
    ["fine v"],
  );
  assert.equal(world.sends, sends);
});

test("a batch that compaction emptied is stepped over", async () => {
  const world = setup();
  world.topic.start();
  await world.clock.advance(5_000);
  for (let i = 0; i < 10; i++) world.write("other", "compacted away");
  world.compactedBelow = world.entries.length;
  await world.clock.advance(3_000);
  world.write("other", "o");
  await world.clock.advance(3_000);
  assert.equal(world.topic.sharing, "on");
  assert.ok(world.heard.includes("other o"));
});
