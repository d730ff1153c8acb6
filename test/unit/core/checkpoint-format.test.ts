import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { CHECKPOINT_MAX_CHARS, type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "#src/core/checkpoint.js";
import { riceBits } from "#src/core/rice.js";
import { eventTime } from "#src/core/time.js";

const EMPTY: Checkpoint = { position: 0, handingOver: 0, time: undefined, marks: [], settled: [] };
const [RUNS, BITS, RICE] = [0, 1, 2];

const metadataOf = (...bytes: number[]): string => {
  const sum = crc32(Buffer.from(bytes)).toString(16).padStart(8, "0");
  return `1.${sum}.${Buffer.from(bytes).toString("base64url")}`;
};
const bytesOf = (metadata: string): number[] => [...Buffer.from(metadata.slice("1.00000000.".length), "base64url")];
const decoded = (...bytes: number[]): Checkpoint | undefined => decodeCheckpoint(metadataOf(...bytes), bytes[0] ?? 0);

/** Position 0, nothing handed over, no time, no marks. */
const HEAD = [0, 0, 0, 0];
/** 2^53 − 1 and 2^53 as varints. */
const LARGEST = [255, 255, 255, 255, 255, 255, 255, 15];
const TOO_LARGE = [128, 128, 128, 128, 128, 128, 128, 16];

const singles = (count: number, step: number): Checkpoint => ({
  ...EMPTY,
  settled: Array.from({ length: count }, (_, i): [number, number] => [i * step + 1, i * step + 1]),
});

test("the format is position, mails handed over, time + 1, marks and runs, in varints", () => {
  const { metadata } = encodeCheckpoint({
    position: 300,
    handingOver: 2,
    time: eventTime(127),
    marks: [
      { offset: 301, time: eventTime(130) },
      { offset: 429, time: eventTime(130) },
    ],
    settled: [[305, 500]],
  });
  assert.equal(metadata, metadataOf(172, 2, 2, 128, 1, 2, 1, 3, 128, 1, 0, RUNS, 5, 195, 1));
});

test("of runs, bits and Rice codes the shortest is taken", () => {
  const encodingOf = (one: Checkpoint): number | undefined => bytesOf(encodeCheckpoint(one).metadata)[HEAD.length];
  assert.equal(encodingOf(EMPTY), RUNS);
  assert.equal(encodingOf(singles(2, 100)), RUNS);
  assert.equal(encodingOf(singles(100, 2)), BITS);
  assert.equal(encodingOf(singles(300, 40)), RICE);
});

test("Rice codes are two parameters, the number of runs, and for each run its gap and its length less one", () => {
  const [encoding, gapK = 0, lengthK = 0, ...rest] = bytesOf(encodeCheckpoint(singles(300, 40)).metadata).slice(
    HEAD.length,
  );
  assert.deepEqual([encoding, lengthK], [RICE, 0]);
  assert.deepEqual(rest.slice(0, 2), [172, 2], "300");
  const bits = riceBits(1, gapK) + 299 * riceBits(38, gapK) + 300 * riceBits(0, lengthK);
  assert.equal(rest.length, 2 + Math.ceil(bits / 8));
});

test("what is cut short fills the room to the last byte, by the encoding that reaches furthest", () => {
  for (const [one, reaches] of [
    [singles(40_000, 2), 24_000],
    [singles(40_000, 40), 100_000],
  ] as const) {
    const { metadata, overflowed } = encodeCheckpoint(one);
    assert.equal(overflowed, true);
    assert.ok(metadata.length > CHECKPOINT_MAX_CHARS - 10, `${metadata.length} characters`);
    const last = decodeCheckpoint(metadata, 0)?.settled.at(-1)?.[1] ?? 0;
    assert.ok(last > reaches, `reaches ${last}`);
  }
});

test("bits that just fit are whole; one offset more is left out, and said so", () => {
  const room = Math.floor(((CHECKPOINT_MAX_CHARS - 11) * 6) / 8) - HEAD.length - 1;
  const even = (end: number): Checkpoint => singles(end / 2, 2);
  const whole = encodeCheckpoint(even(room * 8));
  assert.equal(whole.overflowed, false);
  assert.equal(whole.metadata.length, 4095);
  assert.deepEqual(decodeCheckpoint(whole.metadata, 0), even(room * 8));
  const cut = encodeCheckpoint(even(room * 8 + 2));
  assert.equal(cut.overflowed, true);
  assert.deepEqual(decodeCheckpoint(cut.metadata, 0), even(room * 8));
});

test("marks whose times do not ascend come back as times that were certainly reached by then", () => {
  const { metadata } = encodeCheckpoint({
    ...EMPTY,
    time: eventTime(100),
    marks: [
      { offset: 1, time: eventTime(50) },
      { offset: 2, time: eventTime(200) },
      { offset: 3, time: eventTime(150) },
      { offset: 4, time: eventTime(210) },
    ],
  });
  assert.deepEqual(decodeCheckpoint(metadata, 0)?.marks, [
    { offset: 1, time: 100 },
    { offset: 2, time: 200 },
    { offset: 3, time: 200 },
    { offset: 4, time: 210 },
  ]);
});

test("whole bytes say what they say, in each encoding", () => {
  assert.deepEqual(decoded(...HEAD, RUNS), EMPTY);
  assert.deepEqual(decoded(...HEAD, RUNS, 3, 2, 0, 1)?.settled, [
    [3, 5],
    [6, 7],
  ]);
  assert.deepEqual(decoded(...HEAD, BITS, 0b1000_0110, 0b0000_0001)?.settled, [
    [1, 2],
    [7, 8],
  ]);
  assert.deepEqual(decoded(...HEAD, RICE, 0, 1, 2, 0b10_0_1_1_0_0_0, 0)?.settled, [
    [1, 2],
    [4, 4],
  ]);
});

test("bytes that end too early, say too much or are in no known encoding say nothing", () => {
  assert.equal(decoded(0, 0, 0), undefined);
  assert.equal(decoded(...HEAD), undefined, "no encoding");
  assert.equal(decoded(...HEAD, 3), undefined, "an unknown encoding");
  assert.equal(decoded(0, 0, 0, 5, 1, 1), undefined, "marks missing");
  assert.equal(decoded(...HEAD, RUNS, 3), undefined, "half a run");
  assert.equal(decoded(...HEAD, RUNS, 128), undefined, "half a number");
  assert.equal(decoded(...HEAD, RICE, 0, 0), undefined, "no number of runs");
  assert.equal(decoded(...HEAD, RICE, 0, 0, 9, 0), undefined, "runs missing");
  for (const k of [
    [41, 0],
    [0, 41],
  ])
    assert.equal(decoded(...HEAD, RICE, ...k, 0), undefined, `parameter ${k}`);
  assert.deepEqual(decoded(...HEAD, RICE, 40, 40, 0), EMPTY);
});

test("a number up to the largest safe one is read, a larger one says nothing", () => {
  assert.equal(decoded(0, ...LARGEST, 0, 0, RUNS)?.handingOver, Number.MAX_SAFE_INTEGER);
  assert.equal(decoded(0, ...TOO_LARGE, 0, 0, RUNS), undefined);
  const farRun = [0b1111_1111, 255, 255, 255, 255, ...Array.from({ length: 8 }, () => 255)];
  assert.equal(decoded(...HEAD, RICE, 0, 0, 1, ...farRun), undefined, "a run beyond it");
});

test("4,096 characters are read, one more is not", () => {
  const { metadata } = encodeCheckpoint(singles(40_000, 2));
  assert.equal(metadata.length, 4095);
  // Six bits more are no byte more.
  assert.deepEqual(decodeCheckpoint(`${metadata}A`, 0), decodeCheckpoint(metadata, 0));
  assert.equal(decodeCheckpoint(`${metadata}AA`, 0), undefined);
});
