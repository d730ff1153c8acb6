import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertBuffer, type Entry, NO_ENTRY } from "#src/core/alert-buffer.js";

const SLAB = 64 * 1024;

/** Appends values as one list and returns its entries. */
const list = (buffer: AlertBuffer, values: readonly Uint8Array[]): Entry[] => {
  const entries: Entry[] = [];
  for (const [index, value] of values.entries()) {
    entries.push(buffer.append(entries.at(-1) ?? NO_ENTRY, index, 1_790_000_000_000 + index, index % 2 === 1, value));
  }
  return entries;
};

test("what goes in comes out, in the order it was appended, also of lists that lie interleaved", () => {
  const buffer = new AlertBuffer();
  const tails = [NO_ENTRY, NO_ENTRY, NO_ENTRY];
  const heads = [NO_ENTRY, NO_ENTRY, NO_ENTRY];
  const value = (which: number, index: number): Buffer => Buffer.alloc((index * 37) % 3000, which * 64 + (index % 64));
  for (let index = 0; index < 300; index++) {
    for (let which = 0; which < 3; which++) {
      tails[which] = buffer.append(tails[which] as Entry, index, index * 1e9, index % 3 === 0, value(which, index));
      heads[which] ||= tails[which] as Entry;
    }
  }
  for (let which = 0; which < 3; which++) {
    let entry = heads[which] as Entry;
    for (let index = 0; index < 300; index++) {
      assert.equal(buffer.offsetDelta(entry), index);
      assert.equal(buffer.eventTime(entry), index * 1e9);
      assert.equal(buffer.late(entry), index % 3 === 0);
      assert.ok(value(which, index).equals(buffer.value(entry)));
      entry = buffer.next(entry);
    }
    assert.equal(entry, NO_ENTRY);
  }
});

test("the largest offset distance and event time fit", () => {
  const buffer = new AlertBuffer();
  const entry = buffer.append(NO_ENTRY, 0xffffffff, 2 ** 48 - 1, true, Buffer.from("x"));
  assert.deepEqual(
    [buffer.offsetDelta(entry), buffer.eventTime(entry), buffer.late(entry)],
    [0xffffffff, 2 ** 48 - 1, true],
  );
});

test("a value of any size is kept whole: none, a slab to the byte, one more, 1 MiB", () => {
  const buffer = new AlertBuffer();
  const values = [0, 1, SLAB - 18, SLAB - 17, SLAB, 1024 * 1024, 0, 5].map((size, i) => Buffer.alloc(size, i + 1));
  const entries = list(buffer, values);
  for (const [index, entry] of entries.entries()) {
    assert.ok(values[index]?.equals(buffer.value(entry)), `value ${index}`);
    assert.equal(buffer.next(entry), entries[index + 1] ?? NO_ENTRY);
  }
  buffer.release(entries[0] as Entry);
  assert.ok(buffer.bytes <= SLAB, `${buffer.bytes} bytes`);
});

test("released memory comes back, and is filled again without harm to what stayed", () => {
  const buffer = new AlertBuffer();
  const stays = list(
    buffer,
    Array.from({ length: 500 }, (_, i) => Buffer.alloc(300, i)),
  );
  const before = buffer.bytes;
  for (let round = 0; round < 20; round++) {
    const goes = list(
      buffer,
      Array.from({ length: 2000 }, (_, i) => Buffer.alloc(i === 1000 ? 200_000 : 300, 255)),
    );
    buffer.release(goes[0] as Entry);
    assert.ok(buffer.bytes <= before + 2 * SLAB, `round ${round}: ${buffer.bytes} bytes`);
  }
  for (const [i, entry] of stays.entries()) assert.ok(Buffer.alloc(300, i).equals(buffer.value(entry)));
  buffer.release(stays[0] as Entry);
  assert.ok(buffer.bytes <= SLAB);
});

test("it is sparse when few entries keep many slabs alive, and not while it is small or full", () => {
  const buffer = new AlertBuffer();
  let goes: Entry[] = [];
  for (let i = 0; i < 100; i++) {
    const tail = goes.at(-1) ?? NO_ENTRY;
    goes.push(buffer.append(tail, i, 0, false, Buffer.alloc(50_000)));
    buffer.append(NO_ENTRY, i, 0, false, Buffer.alloc(10));
    if (i === 20) {
      buffer.release(goes[0] as Entry);
      assert.equal(buffer.sparse, false);
      goes = [];
    }
  }
  assert.equal(buffer.sparse, false);
  buffer.release(goes[0] as Entry);
  assert.equal(buffer.sparse, true);
});

test("it is sparse above 2 MiB only, and only when less than half of it is wanted", () => {
  const half = Buffer.alloc(SLAB / 2 - 18);
  const build = (slabs: number, kept: Buffer): AlertBuffer => {
    const buffer = new AlertBuffer();
    let goes = NO_ENTRY;
    let first = NO_ENTRY;
    for (let i = 0; i < slabs; i++) {
      goes = buffer.append(goes, i, 0, false, half);
      first ||= goes;
      buffer.append(NO_ENTRY, i, 0, false, kept);
    }
    buffer.release(first);
    assert.equal(buffer.bytes, slabs * SLAB);
    return buffer;
  };
  const smaller = half.subarray(1);
  assert.equal(build(32, smaller).sparse, false);
  assert.equal(build(33, smaller).sparse, true);
  assert.equal(build(33, half).sparse, false, "exactly half");
});

test("emptied, it keeps one slab to fill again, but not the memory of one large value", () => {
  const buffer = new AlertBuffer();
  const add = (size: number): Entry => buffer.append(NO_ENTRY, 0, 0, false, Buffer.alloc(size));
  buffer.release(add(100));
  assert.equal(buffer.bytes, SLAB);
  const large = add(1_000_000);
  assert.equal(buffer.bytes, 1_000_018, "the empty slab goes");
  buffer.release(large);
  assert.equal(buffer.bytes, 0);
  const [one, two] = [add(100), add(100)];
  assert.equal(buffer.bytes, SLAB);
  buffer.release(one);
  buffer.release(two);
  assert.equal(buffer.bytes, SLAB);
});
