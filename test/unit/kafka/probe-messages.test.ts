import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  apiKeysIn,
  apiVersionsRequest,
  metadataRequest,
  readAnswer,
  saslHandshakeIn,
  saslHandshakeRequest,
} from "#src/kafka/probe-messages.js";

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const framed = (correlationId: number, body: Buffer): Buffer =>
  Buffer.concat([int32(4 + body.length), int32(correlationId), body]);

test("requests are framed as the protocol has it", () => {
  // Size, API key, version, correlation ID, client ID.
  assert.equal(
    apiVersionsRequest(7).toString("hex"),
    `${"00000016"}0012000000000007000c${Buffer.from("alert-digest").toString("hex")}`,
  );
  for (const request of [apiVersionsRequest(1), metadataRequest(2), saslHandshakeRequest(3, "PLAIN")])
    assert.equal(request.readInt32BE(0), request.length - 4);
});

test("an answer is complete when all of it is there, and belongs to its question", () => {
  const answer = framed(1, Buffer.from("body"));
  for (let length = 0; length < answer.length; length++)
    assert.deepEqual(readAnswer(answer.subarray(0, length), 1), { kind: "incomplete" }, String(length));
  const read = readAnswer(answer, 1);
  assert.equal(read.kind === "answer" && read.body.toString(), "body");
  assert.equal(readAnswer(answer, 2).kind, "stranger");
});

test("who speaks another protocol is known by the first bytes", () => {
  const strangers: readonly [string | Buffer, string][] = [
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"],
    ["220 mail.example.com ESMTP", "SMTP"],
    ["SSH-2.0-OpenSSH_9.6", "SSH"],
    ["-ERR unknown command", "Redis's protocol"],
    [Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 0x50]), "TLS"],
    ["something else altogether", "another protocol"],
  ];
  for (const [bytes, speaks] of strangers)
    assert.deepEqual(readAnswer(Buffer.from(bytes), 1), { kind: "stranger", speaks });
});

test("lists are read from an answer: requests it takes, logins it takes", () => {
  const keys = Buffer.from([0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 9, 0, 18, 0, 0, 0, 4]);
  assert.deepEqual([...(apiKeysIn(keys) ?? [])], [3, 18]);
  const plain = Buffer.concat([Buffer.from([0, 33, 0, 0, 0, 1, 0, 5]), Buffer.from("PLAIN")]);
  assert.deepEqual(saslHandshakeIn(plain), { errorCode: 33, mechanisms: ["PLAIN"] });
});

test("no bytes of a stranger make it fail", () => {
  const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, fc.boolean(), (any, frame) => {
      const read = readAnswer(frame ? framed(1, any) : any, 1);
      if (read.kind !== "answer") return;
      apiKeysIn(read.body);
      saslHandshakeIn(read.body);
    }),
  );
});
