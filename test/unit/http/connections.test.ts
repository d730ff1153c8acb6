/** What a listener does with clients that ask too much, say nothing or read nothing, over real sockets. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { Connections } from "#src/http/connections.js";
import { createListener, type Handler, send, text } from "#src/http/listener.js";
import type { PlaceLimits } from "#src/http/places.js";
import { eventually } from "#test/support/eventually.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const LARGE = Buffer.alloc(32 * 1024 * 1024, "x");

const listen = async (t: TestContext, placeLimits: Partial<PlaceLimits> = {}) => {
  const clock = new VirtualClock();
  const open = { now: 0, most: 0, all: 0 };
  const counted =
    (handler: Handler): Handler =>
    (request, response, stream) => {
      open.all++;
      open.most = Math.max(open.most, ++open.now);
      response.once("close", () => void open.now--);
      return handler(request, response, stream);
    };
  const handlers: Readonly<Record<string, Handler>> = {
    "/ok": (request, response) => send(request, response, text(200, "ok")),
    "/large": (request, response) => send(request, response, { status: 200, type: "text/plain", body: LARGE }),
    "/stream": (_, response, stream) => {
      response.writeHead(200).write("begun");
      stream();
    },
  };
  const server = createListener({
    handlerOf: (path) => {
      const handler = handlers[path];
      return handler && counted(handler);
    },
    log: quietLog,
    clock,
    placeLimits,
  });
  const { port } = await server.start("127.0.0.1", 0);
  t.after(async () => {
    const closed = server.close();
    await clock.advance(1_000);
    await closed;
  });
  return { port, clock, open, server };
};

/** A connection, gone when the test ends. `say` writes; what comes back is kept unless `deaf`. */
const client = async (t: TestContext, port: number, { deaf = false, from = "127.0.0.1" } = {}) => {
  const socket: Socket = connect({ port, host: "127.0.0.1", localAddress: from });
  const state = { heard: "", closed: false };
  socket
    .on("error", () => undefined)
    .on("close", () => {
      state.closed = true;
    });
  if (!deaf) socket.setEncoding("latin1").on("data", (data: string) => (state.heard += data));
  await new Promise((done) => socket.once("connect", done));
  t.after(() => socket.destroy());
  return {
    state,
    say: (words: string) => void socket.write(words, () => undefined),
    end: () => void socket.end(),
    listen: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
};

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const answers = (heard: string): number => heard.split("HTTP/1.1 200").length - 1;

test("between the answers to requests that were sent ahead others have their turn", async (t) => {
  const { port, open } = await listen(t);
  const greedy = await client(t, port);
  let [before, most] = [0, 0];
  const turn = (): void => {
    most = Math.max(most, open.all - before);
    before = open.all;
    if (!greedy.state.closed) setImmediate(turn);
  };
  setImmediate(turn);
  greedy.say(get("/ok").repeat(100));
  await eventually("all were answered", () => answers(greedy.state.heard) === 100);
  // As many as are parsed at once.
  assert.ok(most <= 20, `${most} in one turn of the event loop`);
});

test("requests sent ahead are answered in order, a few at a time, and a connection closes after a hundred", async (t) => {
  const { port, open } = await listen(t);
  const greedy = await client(t, port);
  greedy.say(get("/ok").repeat(500));
  await eventually("the connection was closed", () => greedy.state.closed);
  assert.equal(answers(greedy.state.heard), 100);
  assert.ok(open.most <= 20, `${open.most} answers at once`);
});

test("whoever does not read his answers gets no further ones: the rest of the requests is not even read", async (t) => {
  const { port, open, clock } = await listen(t);
  const deaf = await client(t, port, { deaf: true });
  deaf.say(get("/large") + get("/large").repeat(2_000));
  await eventually("the first answers are under way", () => open.all > 0);
  const { all } = open;
  // Others are served meanwhile.
  for (let round = 0; round < 5; round++) {
    const other = await client(t, port);
    other.say(get("/ok"));
    await eventually("another one has an answer", () => answers(other.state.heard) === 1);
    other.destroy();
  }
  assert.ok(open.all - 5 <= Math.max(all, 20), `${open.all - 5} answers were begun`);
  await clock.advance(20_000);
  deaf.listen();
  await eventually("it is let go", () => deaf.state.closed);
});

test("half a request, silence, and a request after the answers of the last: each has its deadline", async (t) => {
  const { port, clock } = await listen(t);
  const [silent, half, kept] = [await client(t, port), await client(t, port), await client(t, port)];
  half.say("GET /ok HTTP/1.1\r\nHost: lo");
  kept.say(get("/ok"));
  await eventually("one has its answer", () => answers(kept.state.heard) === 1);
  await clock.advance(5_000);
  kept.say(get("/ok"));
  await eventually("and another one", () => answers(kept.state.heard) === 2);
  await clock.advance(5_000);
  await eventually("the two others are gone", () => silent.state.closed && half.state.closed);
  assert.equal(kept.state.closed, false);
  await clock.advance(5_000);
  await eventually("so is the third", () => kept.state.closed);
});

test("when all places are taken the oldest idle connection goes, and the newest is answered", async (t) => {
  const { port } = await listen(t, { total: 3 });
  const idle = [await client(t, port), await client(t, port), await client(t, port)];
  idle[0]?.say(get("/ok"));
  await eventually("the first was answered", () => answers(idle[0]?.state.heard ?? "") === 1);
  const newest = await client(t, port);
  newest.say(get("/ok"));
  await eventually("the newest was answered", () => answers(newest.state.heard) === 1);
  assert.deepEqual(
    idle.map(({ state }) => state.closed),
    [false, true, false],
  );
});

test("one address takes no more than its places from the others", async (t) => {
  const { port } = await listen(t, { total: 10, perAddress: 2 });
  const quiet = await client(t, port);
  const crowd: Awaited<ReturnType<typeof client>>[] = [];
  for (let index = 0; index < 6; index++) crowd.push(await client(t, port, { from: "127.0.0.2" }));
  await eventually("four of the crowd are gone", () => crowd.filter(({ state }) => state.closed).length === 4);
  quiet.say(get("/ok"));
  await eventually("the other address was answered", () => answers(quiet.state.heard) === 1);
});

test("a stream stays where an idle connection goes, what it is told is thrown away, and it ends with its reader", async (t) => {
  const { port, open, clock } = await listen(t, { total: 2 });
  const stream = await client(t, port);
  stream.say(get("/stream"));
  await eventually("it has begun", () => stream.state.heard.includes("begun"));
  stream.say(get("/ok").repeat(1_000));
  for (let index = 0; index < 3; index++) await client(t, port);
  await clock.advance(60_000);
  assert.deepEqual([stream.state.closed, open.now, answers(stream.state.heard)], [false, 1, 1]);
  stream.end();
  await eventually("it is over", () => open.now === 0);
});

test("a client that closes its side after asking is still answered", async (t) => {
  const { port } = await listen(t);
  const brief = await client(t, port);
  brief.say(get("/ok").repeat(3));
  brief.end();
  await eventually("the connection is over", () => brief.state.closed);
  assert.equal(answers(brief.state.heard), 3);
});

test("what is no HTTP is refused and ends its own connection only", async (t) => {
  const { port } = await listen(t);
  const [odd, next] = [await client(t, port), await client(t, port)];
  odd.say(`\x16\x03\x01${"\0".repeat(2_000)}`);
  await eventually("it is refused", () => odd.state.closed);
  assert.match(odd.state.heard, /^HTTP\/1\.1 400/);
  next.say(get("/ok"));
  await eventually("the other one is answered", () => answers(next.state.heard) === 1);
});

test("of requests that come at once the next is read after the answer before was taken", async (t) => {
  const { port, open } = await listen(t);
  const many = await client(t, port);
  many.say("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5));
  await eventually("five answers", () => many.state.heard.split("200 OK").length - 1 === 5);
  assert.deepEqual([open.all, open.most], [5, 1]);
});

test("a connection that says nothing is no more than its place: HTTP hears of it at its first word", async (t) => {
  const http = createServer((_, response) => void response.end("heard"));
  let heardOf = 0;
  http.on("connection", () => void heardOf++);
  const connections = new Connections(
    http,
    { total: 9, perAddress: 9, idleMs: 9e6, answerMs: 9e6 },
    new VirtualClock(),
  );
  const server = createSocketServer({ allowHalfOpen: true }, (raw) =>
    connections.accept(raw, (socket, ready) => ready(socket)),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.close();
    return connections.close(0);
  });
  const { port } = server.address() as AddressInfo;
  const [silent, speaking, gone] = [await client(t, port), await client(t, port), await client(t, port)];
  await eventually("all have a place", () => connections.count === 3);
  speaking.say(get("/"));
  await eventually("who speaks is answered", () => speaking.state.heard.endsWith("heard"));
  assert.equal(heardOf, 1);
  gone.end();
  await eventually("who hangs up without a word is gone", () => gone.state.closed && connections.count === 2);
  assert.equal(silent.state.closed, false);
});
