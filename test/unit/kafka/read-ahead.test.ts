import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FetchAnswer, type FetchRequest, ReadAhead } from "#src/kafka/read-ahead.js";

const NODE = "7";
const END = 1_000;

/** Of each partition the offset that is asked for. */
type Offsets = Readonly<Record<number, number>>;

const requestOf = (offsets: Offsets): FetchRequest => ({
  maxWaitTime: 500,
  topics: [
    {
      topic: "alerts",
      partitions: Object.entries(offsets).map(([partition, at]) => ({
        partition: Number(partition),
        fetchOffset: String(at),
      })),
    },
  ],
});

const offsetsOf = ({ topics }: FetchRequest): Offsets =>
  Object.fromEntries(
    topics.flatMap(({ partitions }) => partitions.map((one) => [one.partition, Number(one.fetchOffset)])),
  );

/** A broker whose partitions all have records up to `END`, ten in an answer, and a client that asks it as the consumer does. */
const setup = (of: Record<string, unknown> = {}, hasMemory = (): boolean => true) => {
  const sent: FetchRequest[] = [];
  const released: number[] = [];
  const ahead = new ReadAhead(hasMemory);
  const broker = async (request: FetchRequest): Promise<FetchAnswer> => {
    sent.push(request);
    const partitions = Object.entries(offsetsOf(request)).map(([partition, from]) => ({
      partition: Number(partition),
      from,
      coveredTo: from < END ? Math.min(END, from + 10) : undefined,
      lastStableOffset: String(END),
      messages: [],
      held: { release: () => released.push(from) },
      ...of,
    }));
    return { responses: [{ topicName: "alerts", partitions }] } as unknown as FetchAnswer;
  };
  /** Returns where what it gets begins. */
  const fetch = async (offsets: Offsets): Promise<Offsets> => {
    ahead.round(NODE);
    const request = requestOf(offsets);
    const taken = ahead.take(NODE, request);
    const answer = await (taken.answer ?? broker(request));
    ahead.answered(NODE, { request, answer, wasExpected: taken.isExpected }, broker);
    const [topic] = answer.responses;
    return Object.fromEntries(
      (topic?.partitions ?? []).map((one) => [one.partition, (one as unknown as { from: number }).from]),
    );
  };
  return { ahead, fetch, sent: () => sent.map(offsetsOf), requests: sent, released };
};

test("once a client goes on as was to be expected, the broker is asked for what follows while it takes what came", async () => {
  const { fetch, sent, requests } = setup();
  await fetch({ 0: 0, 1: 500 });
  assert.deepEqual(sent(), [{ 0: 0, 1: 500 }], "nothing is known of it yet");
  await fetch({ 1: 510, 0: 10 });
  assert.deepEqual(sent().slice(1), [
    { 0: 10, 1: 510 },
    { 0: 20, 1: 520 },
  ]);
  assert.deepEqual(await fetch({ 0: 20, 1: 520 }), { 0: 20, 1: 520 });
  assert.deepEqual(sent().slice(3), [{ 0: 30, 1: 530 }], "what was there already is not asked for again");
  assert.equal(requests.at(-1)?.maxWaitTime, 0, "it must not keep the connection waiting");
});

test("what was read ahead and is not asked for is thrown away, and nothing is read ahead until the client goes on again", async () => {
  const { fetch, sent, released } = setup();
  for (const at of [0, 10]) await fetch({ 0: at, 1: at });
  assert.deepEqual(sent().at(-1), { 0: 20, 1: 20 });
  assert.deepEqual(await fetch({ 1: 20 }), { 1: 20 }, "partition 0 is paused");
  await Promise.resolve();
  assert.deepEqual(released, [20, 20]);
  assert.deepEqual(sent().at(-1), { 1: 20 });
  await fetch({ 1: 25 });
  assert.deepEqual(sent().at(-1), { 1: 25 }, "only a part was taken");
  await fetch({ 1: 35 });
  assert.deepEqual(sent().at(-1), { 1: 45 });
});

test("nothing is read ahead at the end of the log, without memory, or where what follows depends on what becomes of the answer", async () => {
  const cases: readonly (readonly [string, Record<string, unknown>, boolean?])[] = [
    ["all was read", { lastStableOffset: "20" }],
    ["the rest is of an open transaction", { lastStableOffset: "20", highWatermark: "900" }],
    ["a batch too large for the memory follows", { large: {} }],
    ["a batch that is not as it was written follows", { corrupt: {} }],
    ["another replica is to be read", { preferredReadReplica: 3 }],
    ["there is no memory", {}, false],
  ];
  for (const [name, of, hasMemory] of cases) {
    const { fetch, sent } = setup(of, () => hasMemory ?? true);
    await fetch({ 0: 0 });
    await fetch({ 0: 10 });
    assert.deepEqual(sent(), [{ 0: 0 }, { 0: 10 }], name);
  }
});

/** What is asked ahead after `answer` to `offsets`. */
const askedAfter = (offsets: Offsets, partitions: readonly object[]): Offsets | undefined => {
  let asked: Offsets | undefined;
  const answer = { responses: [{ topicName: "alerts", partitions }] } as unknown as FetchAnswer;
  const told = { request: requestOf(offsets), answer, wasExpected: true };
  new ReadAhead(() => true).answered(NODE, told, async (request) => {
    asked = offsetsOf(request);
    return answer;
  });
  return asked;
};

test("messages of older sets are gone past by the offset of the last", () => {
  const got = { partition: 0, lastStableOffset: "90", messages: [{ offset: "3" }, { offset: "9" }] };
  assert.deepEqual(askedAfter({ 0: 2 }, [got]), { 0: 10 });
});

test("a partition of which nothing fitted into the answer is asked for again", () => {
  const got = { partition: 0, coveredTo: 10, lastStableOffset: "10", messages: [] };
  const nothing = { partition: 1, lastStableOffset: "90", messages: [] };
  assert.deepEqual(askedAfter({ 0: 0, 1: 40 }, [got, nothing]), { 0: 10, 1: 40 });
  assert.equal(askedAfter({ 1: 40 }, [nothing]), undefined, "nothing came at all: a quota, or too small a limit");
});

test("an answer that fails fails the fetch that asks for it; of one that is thrown away nobody hears", async () => {
  const { ahead, sent, fetch } = setup();
  await fetch({ 0: 0 });
  const request = requestOf({ 0: 10 });
  const gone = async (): Promise<FetchAnswer> => {
    throw new Error("connection closed");
  };
  const answer = { responses: [{ topicName: "alerts", partitions: [{ partition: 0, coveredTo: 20, messages: [] }] }] };
  const told = { request, answer: withEnd(answer), wasExpected: true };
  ahead.answered(NODE, told, gone);
  await assert.rejects(ahead.take(NODE, requestOf({ 0: 20 })).answer as Promise<FetchAnswer>, /connection closed/);
  ahead.answered(NODE, told, gone);
  ahead.forget();
  assert.equal(ahead.take(NODE, requestOf({ 0: 20 })).answer, undefined);
  assert.equal(sent().length, 1);
});

test("what nobody asks for, since everything is paused, is given back", async () => {
  const { ahead, fetch, released } = setup();
  await fetch({ 0: 0 });
  await fetch({ 0: 10 });
  ahead.round(NODE);
  ahead.round(NODE);
  await Promise.resolve();
  assert.deepEqual(released, [20]);
});

test("whatever a client asks, what it gets begins where it asked", async () => {
  const steps = fc.array(
    fc.record({ partition: fc.nat({ max: 2 }), taken: fc.constantFrom(0, 4, 10, 10, 10), isPaused: fc.boolean() }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { fetch } = setup();
      const offsets: Record<number, number> = { 0: 0, 1: 0, 2: 0 };
      for (const { partition, taken, isPaused } of all) {
        const wanted = Object.fromEntries(
          Object.entries(offsets).filter(([p]) => !isPaused || Number(p) !== partition),
        );
        assert.deepEqual(await fetch(wanted), wanted);
        for (const p of Object.keys(wanted).map(Number))
          offsets[p] = Math.min(END, (offsets[p] ?? 0) + (p === partition ? taken : 10));
      }
    }),
  );
});

const withEnd = (answer: { responses: readonly { partitions: readonly object[] }[] }): FetchAnswer =>
  ({
    responses: answer.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((one) => ({ ...one, lastStableOffset: String(END) })),
    })),
  }) as unknown as FetchAnswer;
