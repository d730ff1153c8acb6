import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Decompress } from "fzstd";
import lz4 from "lz4-napi";
import { MalformedBatch } from "#src/kafka/record-batch.js";
import { blockByBlock } from "#src/kafka/unpack-zstd.js";
import { AT_ONCE_BYTES, gathered, type Unpacker } from "#src/kafka/unpacker.js";
import { unpackerOf } from "#src/kafka/unpackers.js";
import { checkAsyncProperty } from "#test/support/property.js";
import { repeatedZstd, xerial, zstdRaw } from "#test/support/record-batches.js";

const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4] as const;

const { compress } = createRequire(import.meta.url)("snappyjs") as { compress: (data: Buffer) => Buffer };
const snappied = (data: Buffer): Buffer => Buffer.from(compress(data));

/** How clients write it. */
const WAYS: readonly { name: string; codec: number; pack: (data: Buffer) => Buffer }[] = [
  { name: "gzip", codec: GZIP, pack: (data) => gzipSync(data) },
  { name: "snappy, one block", codec: SNAPPY, pack: snappied },
  { name: "snappy, as Java frames it", codec: SNAPPY, pack: (data) => xerial(data, 1_000, snappied) },
  { name: "lz4", codec: LZ4, pack: (data) => lz4.compressFrameSync(data) },
  {
    name: "lz4 with checksums",
    codec: LZ4,
    pack: (data) => lz4.compressFrameSync(data, { contentChecksum: true, blockChecksums: true }),
  },
  { name: "zstd", codec: ZSTD, pack: zstdRaw },
];

const together = async (pieces: ReturnType<Unpacker["pieces"]>): Promise<Buffer> => {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
};

/** Repeats itself in parts, as alerts do. */
const data = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 60 })), { maxLength: 30 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => Buffer.from(bytes)))),
  );

for (const { name, codec, pack } of WAYS) {
  test(`${name}: the pieces are what comes of unpacking it at once, and no byte more than there is room for is unpacked at once`, async () => {
    const unpacker = await unpackerOf(codec);
    await checkAsyncProperty(
      fc.asyncProperty(data, async (drawn) => {
        const packed = pack(drawn);
        assert.deepEqual(await unpacker.whole(packed, Number.MAX_SAFE_INTEGER), drawn);
        assert.deepEqual(await together(unpacker.pieces(packed)), drawn);
        if (drawn.length > 0) assert.equal(await unpacker.whole(packed, drawn.length - 1), undefined);
      }),
      { runs: 60, rerun: "npm run test:volume -- kafka/unpackers" },
    );
  });

  test(`${name}: of megabytes that repeat themselves a piece is a few MB at most`, async () => {
    const large = Buffer.alloc(9_000_000, "온도가 한계를 넘었습니다. ");
    const unpacker = await unpackerOf(codec);
    let [at, longest] = [0, 0];
    for await (const piece of unpacker.pieces(pack(large))) {
      assert.ok(large.subarray(at, at + piece.length).equals(piece));
      at += piece.length;
      longest = Math.max(longest, piece.length);
    }
    assert.equal(at, large.length);
    assert.ok(longest <= 4 * 1024 * 1024 + 64, `${longest}`);
  });

  test(`${name}: whatever is changed in it, unpacking ends, and makes no more than it could hold`, async () => {
    const unpacker = await unpackerOf(codec);
    await checkAsyncProperty(
      fc.asyncProperty(data, fc.nat(), fc.nat(255), async (drawn, where, byte) => {
        const packed = pack(drawn);
        packed[where % packed.length] = byte;
        for (const unpack of [
          async () => ((await unpacker.whole(packed, 1_000_000)) ?? Buffer.alloc(0)).length,
          async () => (await together(unpacker.pieces(packed))).length,
        ]) {
          const made = await unpack().catch((error: unknown) => {
            assert.ok(error instanceof Error);
            return 0;
          });
          assert.ok(made <= 40_000_000, `${made}`);
        }
      }),
      { runs: 150, rerun: "npm run test:volume -- kafka/unpackers" },
    );
  });
}

/** Of alerts, more than is unpacked in one go; as one block, and as several frames where there are such. */
const MUCH = Buffer.from(
  Array.from({ length: 130_000 }, (_, n) => `{"deviceId":"d-${n % 97}","message":"${(n * 7919) % 10_007} °C"}`).join(
    "\n",
  ),
);
const THREE = [MUCH.subarray(0, 1_000_003), MUCH.subarray(1_000_003, 1_000_003), MUCH.subarray(1_000_003)];
/** A frame to be passed over. */
const SKIPPED = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
const MUCH_PACKED: readonly { name: string; codec: number; packed: Buffer; isInTurns: boolean }[] = [
  ...WAYS.map(({ name, codec, pack }) => ({ name, codec, packed: pack(MUCH), isInTurns: codec === SNAPPY })),
  {
    name: "lz4, several frames",
    codec: LZ4,
    packed: Buffer.concat(THREE.map((part) => lz4.compressFrameSync(part))),
    isInTurns: false,
  },
  {
    name: "zstd, several frames",
    codec: ZSTD,
    packed: Buffer.concat([...THREE.map(zstdRaw), SKIPPED]),
    isInTurns: false,
  },
];

for (const { name, codec, packed, isInTurns } of MUCH_PACKED)
  test(`${name}: much of it is not unpacked in one go, and is the same`, async () => {
    assert.ok(MUCH.length > AT_ONCE_BYTES);
    const unpacker = await unpackerOf(codec);
    let turns = 0;
    const unpacking = unpacker.whole(packed, Number.MAX_SAFE_INTEGER, { next: async () => void turns++ });
    assert.ok(unpacking instanceof Promise);
    assert.ok((await unpacking)?.equals(MUCH));
    assert.ok((await together(unpacker.pieces(packed))).equals(MUCH));
    // Others have a thread; zstd where Node.js has one for it.
    if (isInTurns) assert.ok(turns >= MUCH.length / 1_000_000, `${turns} turns`);
    assert.equal(await unpacker.whole(packed, MUCH.length - 1), undefined);
  });

test("snappy: much that is not as its head says is a batch that is not as it was written", async () => {
  const unpacker = await unpackerOf(SNAPPY);
  const packed = snappied(MUCH);
  const claiming = (more: number): Buffer => {
    const head: number[] = [];
    for (let left = MUCH.length + more; left > 0; left >>>= 7) head.push((left & 0x7f) | (left >= 0x80 ? 0x80 : 0));
    return Buffer.concat([Buffer.from(head), packed.subarray(4)]);
  };
  assert.ok((await unpacker.whole(claiming(0), Number.MAX_SAFE_INTEGER))?.equals(MUCH));
  for (const more of [-1, 1])
    await assert.rejects(async () => unpacker.whole(claiming(more), Number.MAX_SAFE_INTEGER), MalformedBatch);
  // Four bytes from before there were any.
  const before = Buffer.concat([claiming(4).subarray(0, 4), Buffer.from([(3 << 2) | 2, 9, 0]), packed.subarray(4)]);
  await assert.rejects(async () => unpacker.whole(before, Number.MAX_SAFE_INTEGER), MalformedBatch);
});

test("zstd: without a thread for it much is unpacked block by block, in turns", async () => {
  let turns = 0;
  const packed = repeatedZstd(0x61, 8 * 1024 * 1024);
  const unpacked = await gathered(blockByBlock(packed, Decompress), 9 * 1024 * 1024, {
    next: async () => void turns++,
  });
  assert.ok(unpacked.equals(Buffer.alloc(8 * 1024 * 1024, 0x61)));
  assert.ok(turns >= 64, `${turns} turns`);
});

test("blocks of lz4 that refer to the one before are put together", async () => {
  // Linked blocks of 64 KB: "abcdefgh" as it is, then a match of eight bytes eight back, and five literals as a block has to end.
  const block = (head: number, bytes: readonly number[]): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(head + bytes.length);
    return Buffer.concat([length, Buffer.from(bytes)]);
  };
  const frame = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0]),
    block(0x80000000, [...Buffer.from("abcdefgh")]),
    block(0, [0x04, 8, 0, 0x50, ...Buffer.from("vwxyz")]),
    Buffer.alloc(4),
  ]);
  const unpacker = await unpackerOf(LZ4);
  assert.equal(String(await together(unpacker.pieces(frame))), "abcdefghabcdefghvwxyz");
});

test("zstd without Node's own decoder comes block by block", async () => {
  const packed = repeatedZstd(0x61, 40 * 1024 * 1024);
  let made = 0;
  for (const piece of blockByBlock(packed, Decompress)) {
    assert.ok(piece.length <= 128 * 1024);
    made += piece.length;
  }
  assert.equal(made, 40 * 1024 * 1024);
  assert.equal(await (await unpackerOf(ZSTD)).whole(packed, 40 * 1024 * 1024 - 1), undefined);
});

test("what a head claims without having it makes no room for it", async () => {
  const claims = {
    "a length of 4 GB in ten bytes": [SNAPPY, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0x61, 0, 0x62, 0])],
    "a window of 2 GB": [ZSTD, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00])],
  } as const;
  for (const [name, [codec, bytes]] of Object.entries(claims)) {
    const unpacker = await unpackerOf(codec);
    await assert.rejects(async () => unpacker.whole(bytes, Number.MAX_SAFE_INTEGER), MalformedBatch, name);
    await assert.rejects(async () => together(unpacker.pieces(bytes)), MalformedBatch, name);
  }
});

for (const [name, codec] of [
  ["lz4", LZ4],
  ["zstd", ZSTD],
] as const)
  test(`${name}: a frame to be passed over whose length is cut off is a batch that is not as it was written`, async () => {
    const cut = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0]);
    const unpacker = await unpackerOf(codec);
    await assert.rejects(async () => unpacker.whole(cut, Number.MAX_SAFE_INTEGER), MalformedBatch);
    await assert.rejects(async () => together(unpacker.pieces(cut)), MalformedBatch);
  });

test("a codec that is not known is named", () => {
  assert.throws(() => unpackerOf(7), /codec that is not known: 7/);
});

test("gzip: of megabytes there is one piece, which nobody has to copy", async () => {
  const drawn = Buffer.alloc(9_000_000, "온도가 한계를 넘었습니다. ");
  const unpacked = await (await unpackerOf(GZIP)).whole(gzipSync(drawn), Number.MAX_SAFE_INTEGER);
  assert.ok(unpacked?.equals(drawn));
  // A byte more than what came: a copy would have exactly as many.
  assert.equal(unpacked?.buffer.byteLength, drawn.length + 1);
});

test("gzip: what it says of its length may be wrong", async () => {
  const drawn = Buffer.alloc(100_000, "Pressure out of range. ");
  const several = Buffer.concat([gzipSync(drawn), gzipSync(Buffer.from("the last one is short"))]);
  const unpacked = await (await unpackerOf(GZIP)).whole(several, Number.MAX_SAFE_INTEGER);
  assert.equal(unpacked?.length, drawn.length + 21);
  const short = gzipSync(drawn);
  short.writeUInt32LE(4_000_000_000, short.length - 4);
  await assert.rejects(async () => (await unpackerOf(GZIP)).whole(short, 4_000_000_001), /incorrect length check/);
});
