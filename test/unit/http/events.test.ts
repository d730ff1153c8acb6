import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { EventStream } from "#src/http/events.js";

/** A client that takes what it is sent, or leaves it lying while `slow`. */
const client = () => {
  const received: string[] = [];
  const listeners: (() => void)[] = [];
  const state = {
    received,
    slow: false,
    gone: false,
    get response() {
      return response;
    },
  };
  const response = {
    get writableLength() {
      return state.slow ? 1 : 0;
    },
    write: (bytes: Buffer | string) => received.push(bytes.toString()),
    on: (_: string, listener: () => void) => listeners.push(listener),
    end: () => state.response.destroy(),
    destroy: () => {
      state.gone = true;
      for (const listener of listeners) listener();
    },
  } as unknown as ServerResponse;
  return state;
};

const setup = (t: TestContext) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const made = { next: 0, latest: 0, broken: false };
  const make = (kind: "next" | "latest"): Buffer => {
    if (made.broken) throw new Error("bug");
    return Buffer.from(`${kind} ${++made[kind]}`);
  };
  const stream = new EventStream({ next: () => make("next"), latest: () => make("latest") }, 1_000, 2);
  return { made, stream, tick: (times = 1) => t.mock.timers.tick(1_000 * times) };
};

test("an event is made once for all clients, and none while there is nobody", (t) => {
  const { made, stream, tick } = setup(t);
  const [one, two] = [client(), client()];
  stream.add(one.response, "a");
  stream.add(two.response, "b");
  tick(2);
  assert.deepEqual(one.received, [
    "retry: 2000\n",
    "id: 0\ndata: latest 1\n\n",
    "id: 1\ndata: next 1\n\n",
    "id: 2\ndata: next 2\n\n",
  ]);
  assert.deepEqual(two.received.slice(2), one.received.slice(2));
  one.response.destroy();
  two.response.destroy();
  tick(10);
  assert.deepEqual([stream.clientCount, made.next], [0, 2]);
});

test("a client that is slow misses events, gets the newest when it is back, and is let go after half a minute", (t) => {
  const { stream, tick } = setup(t);
  const slow = client();
  stream.add(slow.response, "a");
  slow.slow = true;
  tick(29);
  assert.equal(slow.received.length, 2);
  slow.slow = false;
  tick();
  assert.deepEqual(slow.received.slice(2), ["id: 30\ndata: next 30\n\n"]);
  slow.slow = true;
  tick(30);
  assert.equal(slow.gone, false);
  tick();
  assert.deepEqual([slow.gone, stream.clientCount], [true, 0]);
});

test("a state that cannot be had is a comment, and ends nobody's stream", (t) => {
  const { made, stream, tick } = setup(t);
  const one = client();
  made.broken = true;
  stream.add(one.response, "a");
  tick();
  made.broken = false;
  tick();
  assert.deepEqual(one.received, ["retry: 2000\n", ": no status\n\n", ": no status\n\n", "id: 2\ndata: next 1\n\n"]);
});

test("where all streams are taken, an address with fewer gets one of the address that has most; as many people as there are streams may share one", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const stream = new EventStream({ next: () => Buffer.alloc(0), latest: () => Buffer.alloc(0) }, 1_000, 4);
  const come = (address: string) => {
    const one = client();
    const comes = stream.makeRoom(address);
    if (comes) stream.add(one.response, address);
    return { one, comes };
  };
  const greedy = Array.from({ length: 4 }, () => come("greedy"));
  assert.equal(come("greedy").comes, false);
  assert.equal(come("kim").comes, true);
  assert.equal(come("lee").comes, true);
  assert.deepEqual(
    greedy.map(({ one }) => one.gone),
    [true, true, false, false],
    "the oldest went",
  );
  assert.equal(stream.clientCount, 4);
  assert.equal(come("lee").comes, false, "nobody has more than lee would have left over");
  assert.equal(come("park").comes, true);
  assert.equal(come("choi").comes, false, "each has one");
});
