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

/** What is given of `bytes` that are read in pieces, each as long as there is room, and up to one of `cuts` at most. */
const given = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const frames = new Frames();
  const answers: Buffer[] = [];
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of ends) {
    while (from < to) {
      const room = frames.room();
      const read = bytes.copy(room, 0, from, to);
      frames.came(read, (one) => answers.push(one));
      frames.room().fill(0xee);
      from += read;
    }
  }
  return answers;
};

const SHORT = fc.uint8Array({ minLength: 1, maxLength: 40 });
/** Read in their own memory. */
const LONG = fc.integer({ min: 60_000, max: 400_000 }).map((length) => Buffer.alloc(length, length));

test("however the bytes come, each answer is given whole, in memory of its own", () => {
  checkProperty(
    fc.property(fc.array(fc.oneof(SHORT, LONG)), fc.array(fc.nat()), (bodies, cuts) => {
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

test("a long answer is read right into its own memory, but for its beginning and its last bytes", () => {
  const frames = new Frames();
  const bytes = answer(Buffer.alloc(1_000_000, 7));
  const answers: Buffer[] = [];
  const rooms: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const room = frames.room();
    rooms.push(room);
    const read = bytes.copy(room, 0, from, from + 100_000);
    frames.came(read, (one) => answers.push(one));
    from += read;
  }
  assert.equal(answers.length, 1);
  assert.ok(answers[0]?.equals(bytes));
  const inPlace = rooms.map(({ buffer }) => buffer === answers[0]?.buffer);
  assert.deepEqual(inPlace, [false, ...new Array(9).fill(true), false]);
  assert.equal(rooms.at(-1), rooms[0], "the memory that is used again");
});
