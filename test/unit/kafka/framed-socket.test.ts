import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { framedSockets } from "#src/kafka/framed-socket.js";

const create = framedSockets();
const NO_TLS = undefined as never;

const answerOf = (length: number, byte: number): Buffer => {
  const answer = Buffer.alloc(4 + length, byte);
  answer.writeInt32BE(length);
  return answer;
};

test("what a broker sends comes answer by answer, by whatever name it is reached, until it hangs up", async (t) => {
  const server: Server = createServer((socket) => socket.pipe(socket));
  t.after(() => server.close());
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = create({ host: "localhost", port, ssl: NO_TLS, onConnect: () => undefined });
  t.after(() => socket.destroy());
  const answers = [answerOf(5, 1), answerOf(1_000_000, 2), answerOf(1, 3)];
  const seen: Buffer[] = [];
  const ended = once(socket, "end");
  socket.on("data", (answer) => {
    seen.push(answer);
    if (seen.length === answers.length) socket.end();
  });
  await once(socket, "connect");
  socket.write(Buffer.concat(answers));
  await ended;
  assert.deepEqual(
    seen.map(({ length }) => length),
    answers.map(({ length }) => length),
  );
  assert.ok(answers.every((answer, at) => answer.equals(seen[at] as Buffer)));
});

test("one that was destroyed hands over nothing more", async (t) => {
  const server: Server = createServer((socket) => socket.end(Buffer.concat([answerOf(5, 1), answerOf(5, 2)])));
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket: Socket = create({ host: "127.0.0.1", port, ssl: NO_TLS, onConnect: () => undefined });
  const seen: Buffer[] = [];
  const closed = once(socket, "close");
  socket.on("data", (answer) => {
    seen.push(answer);
    socket.destroy();
  });
  await closed;
  assert.equal(seen.length, 1);
});

test("nobody there is an error of the socket", async () => {
  const socket = create({ host: "127.0.0.1", port: 1, ssl: NO_TLS, onConnect: () => undefined });
  const [error] = await once(socket, "error");
  assert.equal(error.code, "ECONNREFUSED");
});

test("KafkaJS copies no answer that came whole, nor loses what of one came before", () => {
  const { prototype } = createRequire(import.meta.url)("kafkajs/src/network/connection.js");
  const payloads: Buffer[] = [];
  const requestQueue = { fulfillRequest: ({ payload }: { payload: Buffer }) => payloads.push(payload) };
  const connection = Object.assign(Object.create(prototype), {
    chunks: [],
    bytesBuffered: 0,
    bytesNeeded: 4,
    requestQueue,
  });
  const answers = [1, 2, 3].map((byte) => answerOf(100_000, byte));
  for (const answer of answers) connection.processData(answer);
  assert.ok(payloads.every(({ buffer }, at) => buffer === answers[at]?.buffer));
  const inPieces = answerOf(100_000, 4);
  for (const [from, to] of [
    [0, 2],
    [2, 50_000],
    [50_000, 100_004],
  ])
    connection.processData(inPieces.subarray(from, to));
  assert.deepEqual(
    payloads.map((payload) => [payload.length, payload[0]]),
    [1, 2, 3, 4].map((byte) => [99_996, byte]),
  );
});
