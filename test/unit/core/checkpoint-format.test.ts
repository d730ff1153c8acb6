import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import type { Checkpoint } from "#src/core/checkpoint.js";
import { riceBits } from "#src/core/checkpoint-bytes.js";
import { eventTime } from "#src/core/time.js";
import { CHECKPOINT_MAX_CHARS } from "#src/runtime/commit-metadata.js";
import { CHECKPOINT_HEAD, decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";

const EMPTY: Checkpoint = { position: 0, handingOver: 0, time: undefined, marks: [], settled: [] };
const [BITS, RICE] = [1, 2];

const metadataOf = (...bytes: number[]): string => {
  const sum = crc32(Buffer.from(bytes)).toString(16).padStart(8, "0");
  return `${CHECKPOINT_HEAD}.${sum}.${Buffer.from(bytes).toString("base64url")}`;
};
/** Version, log and checksum. */
const BEFORE_BODY = `${CHECKPOINT_HEAD}.00000000.`.length;
const bytesOf = (metadata: string): number[] => [...Buffer.from(metadata.slice(BEFORE_BODY), "base64url")];
const decoded = (...bytes: number[]): Checkpoint | undefined => decodeCheckpoint(metadataOf(...bytes), bytes[0] ?? 0);

/** Position 0, nothing handed over, no time, no marks. */
const MARKED = [0, 0, 0, 0];
/** And no sections. */
const HEAD = [...MARKED, 0];
/** How far was read: up to offset 300. */
const READ_TO_300 = [2, 2, 172, 2];
/** Half-delivered alerts: one recipient, 9, has those from 3 to 402, in Rice codes. */
const HALF_DELIVERED = [5, 15, 1, 0, 0, 0, 0, 0, 0, 9, 6, RICE, 1, 8, 1, 0b101_10_100, 0b01111_000];
const DELIVERED = [{ recipients: [9], runs: [[3, 402]] }] as const;
/** 2^53 − 1 and 2^53 as varints. */
const LARGEST = [255, 255, 255, 255, 255, 255, 255, 15];
const TOO_LARGE = [128, 128, 128, 128, 128, 128, 128, 16];

const singles = (count: number, step: number): Checkpoint => ({
  ...EMPTY,
  settled: Array.from({ length: count }, (_, i): [number, number] => [i * step + 1, i * step + 1]),
});

test("the format is position, mails handed over, time + 1, marks and no sections in varints, and what is settled", () => {
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
  assert.equal(
    metadata,
    metadataOf(172, 2, 2, 128, 1, 2, 1, 3, 128, 1, 0, 0, RICE, 1, 7, 1, 0b1101_10_10, 0b00011_000),
  );
});

test("sections come before what is settled, with their length: how far was read, then half-delivered alerts", () => {
  const settled = [[100, 101]] as const;
  const bytes = (...sections: number[]): number[] => [
    ...MARKED,
    sections.length,
    ...sections,
    RICE,
    6,
    0,
    1,
    0b10_100100,
    0b10_000000,
  ];
  const { metadata } = encodeCheckpoint({ ...EMPTY, settled, readTo: 300 });
  assert.deepEqual(bytesOf(metadata), bytes(...READ_TO_300));
  assert.deepEqual(
    bytesOf(encodeCheckpoint({ ...EMPTY, settled, delivered: DELIVERED }).metadata),
    bytes(...HALF_DELIVERED),
  );
  const both = encodeCheckpoint({ ...EMPTY, settled, readTo: 300, delivered: DELIVERED });
  assert.deepEqual(bytesOf(both.metadata), bytes(...READ_TO_300, ...HALF_DELIVERED));
  assert.equal(both.settledChars, metadata.length, "half-delivered alerts do not count, how far was read does");
});

test("sections leave the choice of bits and Rice codes as it is, and come back beside each", () => {
  for (const [one, encoding] of [
    [EMPTY, BITS],
    [singles(2, 100), RICE],
    [singles(100, 2), BITS],
    [singles(300, 40), RICE],
  ] as const) {
    const all = { ...one, readTo: 300, delivered: DELIVERED };
    const { metadata, overflowed } = encodeCheckpoint(all);
    const sections = [...READ_TO_300, ...HALF_DELIVERED];
    assert.equal(bytesOf(metadata)[HEAD.length + sections.length], encoding);
    assert.equal(bytesOf(metadata).length, bytesOf(encodeCheckpoint(one).metadata).length + sections.length);
    assert.equal(overflowed, false);
    assert.deepEqual(decodeCheckpoint(metadata, 0), all);
  }
});

test("of bits and Rice codes the shorter is taken", () => {
  const encodingOf = (one: Checkpoint): number | undefined => bytesOf(encodeCheckpoint(one).metadata)[HEAD.length];
  assert.equal(encodingOf(EMPTY), BITS);
  assert.equal(encodingOf(singles(2, 100)), RICE);
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
  const room = Math.floor(((CHECKPOINT_MAX_CHARS - BEFORE_BODY) * 6) / 8) - HEAD.length - 1;
  const even = (end: number): Checkpoint => singles(end / 2, 2);
  const whole = encodeCheckpoint(even(room * 8));
  assert.equal(whole.overflowed, false);
  assert.equal(whole.metadata.length, 4096);
  assert.deepEqual(decodeCheckpoint(whole.metadata, 0), even(room * 8));
  const cut = encodeCheckpoint(even(room * 8 + 2));
  assert.equal(cut.overflowed, true);
  assert.deepEqual(decodeCheckpoint(cut.metadata, 0), even(room * 8));
  const settled = Array.from({ length: room * 4 + 1 }, (_, i): [number, number] => [i * 2, i * 2]);
  const firstBeyond = encodeCheckpoint({ ...EMPTY, settled });
  assert.deepEqual([firstBeyond.overflowed, firstBeyond.metadata.length], [true, 4096]);
  assert.deepEqual(decodeCheckpoint(firstBeyond.metadata, 0)?.settled, settled.slice(0, -1));
});

test("bits begin at the position", () => {
  const settled = singles(100, 2).settled.map(([first, last]) => [first + 1_000, last + 1_000] as const);
  const bits = Array.from({ length: 25 }, () => 0b1010_1010);
  const { metadata } = encodeCheckpoint({ ...EMPTY, position: 1_000, settled });
  assert.deepEqual(bytesOf(metadata), [232, 7, 0, 0, 0, 0, BITS, ...bits]);
});

test("how far was read takes its bytes from what is settled, and is told where bits just fit beside it", () => {
  const room = Math.floor(((CHECKPOINT_MAX_CHARS - BEFORE_BODY) * 6) / 8) - HEAD.length - READ_TO_300.length - 1;
  const even = (end: number): Checkpoint => ({ ...singles(end / 2, 2), readTo: 300 });
  const whole = encodeCheckpoint(even(room * 8));
  assert.equal(whole.overflowed, false);
  assert.equal(whole.metadata.length, 4096);
  assert.equal(whole.settledChars, 4096);
  assert.deepEqual(decodeCheckpoint(whole.metadata, 0), even(room * 8));
  const cut = encodeCheckpoint(even(room * 8 + 2));
  assert.equal(cut.overflowed, true);
  assert.deepEqual(decodeCheckpoint(cut.metadata, 0), even(room * 8));
});

test("in hardly any room how far was read goes before the head does, and is counted", () => {
  const [one, settled] = [{ ...EMPTY, readTo: 300 }, [[1, 2]] as const];
  const charsFor = (bytes: number): number => BEFORE_BODY + Math.ceil((bytes * 8) / 6);
  const [head, withReadTo] = [charsFor(HEAD.length + 1), charsFor(HEAD.length + READ_TO_300.length + 1)];
  assert.deepEqual(encodeCheckpoint(one, withReadTo), encodeCheckpoint(one));
  assert.equal(encodeCheckpoint(one).overflowed, false);
  assert.equal(encodeCheckpoint({ ...one, settled }, withReadTo).overflowed, true);
  for (const chars of [withReadTo - 1, head])
    assert.deepEqual(encodeCheckpoint(one, chars), { ...encodeCheckpoint(EMPTY), overflowed: true });
  assert.deepEqual(encodeCheckpoint({ ...EMPTY, delivered: DELIVERED }, head), {
    ...encodeCheckpoint(EMPTY),
    overflowed: true,
  });
  for (const chars of [head - 1, BEFORE_BODY, 1, 0]) {
    assert.deepEqual(encodeCheckpoint(EMPTY, chars), { metadata: "", overflowed: false, settledChars: 0 });
    for (const more of [{ readTo: 300 }, { settled }, { delivered: DELIVERED }])
      assert.equal(encodeCheckpoint({ ...EMPTY, ...more }, chars).overflowed, true);
  }
});

test("runs that just fit are whole, in one byte less they are not", () => {
  const whole = encodeCheckpoint(singles(2, 100));
  assert.deepEqual(encodeCheckpoint(singles(2, 100), whole.metadata.length), whole);
  const cut = encodeCheckpoint(singles(2, 100), whole.metadata.length - 1);
  assert.deepEqual(decodeCheckpoint(cut.metadata, 0)?.settled, [[1, 1]]);
  assert.equal(cut.overflowed, true);
});

test("marks take a quarter of the bytes and no more: half of them go until they do", () => {
  const marks = Array.from({ length: 32 }, (_, i) => ({ offset: i + 1, time: eventTime((i + 1) * 100) }));
  // Two bytes a mark, in 64 bytes and in 63.
  for (const [chars, kept] of [
    [BEFORE_BODY + 86, 8],
    [BEFORE_BODY + 84, 4],
  ] as const) {
    const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, marks }, chars);
    assert.deepEqual(decodeCheckpoint(metadata, 0)?.marks, marks.slice(0, kept));
    assert.equal(overflowed, true);
  }
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint({ ...EMPTY, marks }).metadata, 0)?.marks, marks);
});

test("half-delivered alerts fill what room is left, whichever length their section has", () => {
  for (let count = 1; count <= 60; count++) {
    const runs = Array.from({ length: count }, (_, i): [number, number] => [i * 300, i * 300]);
    const delivered = [{ recipients: [9], runs }];
    const { metadata, overflowed } = encodeCheckpoint({ ...EMPTY, delivered });
    assert.equal(overflowed, false);
    const inTight = encodeCheckpoint({ ...EMPTY, delivered }, metadata.length);
    assert.ok(inTight.metadata.length <= metadata.length);
    assert.equal(encodeCheckpoint({ ...EMPTY, delivered }, metadata.length + 10).metadata, metadata);
  }
});

test("more room than can be read again is not used", () => {
  assert.deepEqual(encodeCheckpoint(singles(40_000, 2), 100_000), encodeCheckpoint(singles(40_000, 2)));
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
  assert.deepEqual(decoded(...HEAD, BITS), EMPTY);
  assert.deepEqual(decoded(...HEAD, BITS, 0b1000_0110, 0b0000_0001)?.settled, [
    [1, 2],
    [7, 8],
  ]);
  assert.deepEqual(decoded(...HEAD, RICE, 0, 1, 2, 0b10_0_1_1_0_0_0, 0)?.settled, [
    [1, 2],
    [4, 4],
  ]);
  for (const settled of [
    [BITS, 0b110],
    [RICE, 0, 1, 1, 0b10_0_1_0000],
  ])
    assert.deepEqual(decoded(...MARKED, 4, ...READ_TO_300, ...settled), {
      ...EMPTY,
      readTo: 300,
      settled: [[1, 2]],
    });
});

test("bytes that end too early, say too much or are in no known encoding say nothing", () => {
  assert.equal(decoded(0, 0, 0), undefined);
  assert.equal(decoded(...MARKED), undefined, "no length of the sections");
  assert.equal(decoded(...MARKED, 128), undefined, "half a length of the sections");
  assert.equal(decoded(...MARKED, ...TOO_LARGE, BITS), undefined, "sections of any length");
  assert.equal(decoded(...MARKED, 5, ...READ_TO_300), undefined, "sections missing");
  assert.equal(decoded(...MARKED, 4, ...READ_TO_300), undefined, "no encoding after sections");
  assert.equal(decoded(...HEAD), undefined, "no encoding");
  for (const unknown of [0, 3]) {
    assert.equal(decoded(...HEAD, unknown), undefined, "an unknown encoding");
    assert.equal(decoded(...HEAD, unknown, 0, 0, 0), undefined, "an unknown encoding that looks like a known one");
  }
  assert.equal(decoded(0, 0, 0, 5, 1, 1), undefined, "marks missing");
  assert.equal(decoded(...HEAD, RICE, 0, 0, 128), undefined, "half a number");
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
  assert.equal(decoded(0, ...LARGEST, 0, 0, 0, BITS)?.handingOver, Number.MAX_SAFE_INTEGER);
  assert.equal(decoded(0, ...TOO_LARGE, 0, 0, 0, BITS), undefined);
  const farRun = [0b1111_1111, 255, 255, 255, 255, ...Array.from({ length: 8 }, () => 255)];
  assert.equal(decoded(...HEAD, RICE, 0, 0, 1, ...farRun), undefined, "a run beyond it");
});

test("how far was read is told up to the largest safe number; a larger one says nothing, and what is settled counts", () => {
  const section = (...bytes: number[]): number[] => [2, bytes.length, ...bytes];
  const [most, tooMuch] = [section(...LARGEST), section(...TOO_LARGE)];
  assert.equal(decoded(...MARKED, most.length, ...most, BITS)?.readTo, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(decoded(...MARKED, tooMuch.length, ...tooMuch, BITS, 1), { ...EMPTY, settled: [[0, 0]] });
  assert.deepEqual(decoded(1, 0, 0, 0, most.length, ...most, BITS), { ...EMPTY, position: 1 });
});

test("4,096 characters are read, one more is not", () => {
  const { metadata } = encodeCheckpoint(singles(40_000, 2));
  assert.equal(metadata.length, 4096);
  assert.ok(decodeCheckpoint(metadata, 0));
  assert.equal(decodeCheckpoint(`${metadata}A`, 0), undefined);
  const short = encodeCheckpoint(EMPTY).metadata;
  assert.deepEqual(decodeCheckpoint(`${short}A`, 0), decodeCheckpoint(short, 0), "six bits more are no byte more");
  const bits = (size: number): string => metadataOf(...HEAD, BITS, ...Array.from({ length: size }, () => 1));
  assert.equal(decodeCheckpoint(bits(3_051), 0)?.settled.length, 3_051);
  assert.equal(decodeCheckpoint(bits(3_052), 0), undefined, "even if the checksum is right");
});

test("where neither the leaders nor how far was read fits, a checkpoint is as without them", () => {
  const epochs = [{ epoch: 3, offset: 0 }];
  const bare = encodeCheckpoint(EMPTY);
  const { length } = bare.metadata;
  for (const room of [length, length + 2])
    assert.equal(encodeCheckpoint({ ...EMPTY, epochs, readTo: 300 }, room).metadata, bare.metadata);
});

test("without early mails the half-delivered alerts lose no room to them", () => {
  const { metadata } = encodeCheckpoint({ ...EMPTY, delivered: DELIVERED });
  // Three bytes are kept for lengths of two bytes, which are of one here.
  const { overflowed } = encodeCheckpoint({ ...EMPTY, delivered: DELIVERED }, metadata.length + 4);
  assert.equal(overflowed, false);
});

test("a section of any kind that is empty, cut off or beyond the largest safe number says nothing", () => {
  const tooFar = [...LARGEST, 0, 0];
  for (const kind of [2, 3, 4, 5, 6])
    for (const content of [[], [128], [128, 128]]) {
      const section = [kind, content.length, ...content];
      const checkpoint = decoded(...MARKED, section.length, ...section, BITS, 1);
      assert.deepEqual(checkpoint, { ...EMPTY, settled: [[0, 0]] }, section.join());
    }
  const early = [3, tooFar.length, ...tooFar];
  assert.deepEqual(decoded(1, 0, 0, 0, early.length, ...early, BITS), { ...EMPTY, position: 1 });
});
