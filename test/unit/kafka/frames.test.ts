import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Frames } from "#src/kafka/frames.js";
import { checkProperty } from "#test/support/property.js";

const answer = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** What is given of `bytes` that come in pieces, each in the same memory. */
const given = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const frames = new Frames();
  const memory = Buffer.alloc(bytes.length);
  const answers: Buffer[] = [];
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of ends) {
    bytes.copy(memory, 0, from, to);
    frames.take(memory.subarray(0, to - from), (one) => answers.push(one));
    memory.fill(0xee);
    from = to;
  }
  return answers;
};

test("however the bytes come, each answer is given whole, in memory of its own", () => {
  checkProperty(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), fc.array(fc.nat()), (bodies, cuts) => {
      const answers = bodies.map(answer);
      assert.deepEqual(given(Buffer.concat(answers), cuts), answers);
    }),
    { runs: 300, rerun: "npm run test:unit -- kafka/frames" },
  );
});

test("of what says that it is very long, or is no answer, the bytes are given as they come, and no memory is taken for it", () => {
  checkProperty(
    fc.property(
      fc.constantFrom(16 * 1024 * 1024 + 1, 0x7fffffff, 0, -1),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.nat()),
      (length, some, cuts) => {
        const bytes = Buffer.concat([Buffer.alloc(4), length === 0 ? Buffer.alloc(0) : some]);
        bytes.writeInt32BE(length);
        const pieces = given(bytes, cuts);
        assert.deepEqual(Buffer.concat(pieces), bytes);
        assert.ok(pieces.every((piece) => piece.buffer.byteLength < 100_000));
      },
    ),
    { runs: 300, rerun: "npm run test:unit -- kafka/frames" },
  );
});

test("behind an answer that was given in pieces the next one is whole", () => {
  const long = Buffer.alloc(16 * 1024 * 1024 + 1, 7);
  const pieces = given(Buffer.concat([answer(long), answer(Buffer.from("next"))]), [1, 500, 9_000_000]);
  assert.deepEqual(pieces.pop(), answer(Buffer.from("next")));
  assert.ok(Buffer.concat(pieces).equals(answer(long)));
});
