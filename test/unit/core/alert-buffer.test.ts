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
  const value = (which: number, index: number): Buffer => Buffer.alloc((index * 37) % 3000, which * 64 + (index % 64));
  for (let index = 0; index < 300; index++) {
    for (let which = 0; which < 3; which++)
      tails[which] = buffer.append(tails[which] as Entry, index, index * 1e9, index % 3 === 0, value(which, index));
  }
  for (let which = 0; which < 3; which++) {
    const alerts = buffer.list(tails[which] as Entry);
    assert.equal(alerts.length, 300);
    for (const [index, { offset, eventTime, late, bytes }] of alerts.entries()) {
      assert.deepEqual([offset, eventTime, late], [index, index * 1e9, index % 3 === 0]);
      assert.ok(value(which, index).equals(bytes));
    }
  }
});

test("offset and event time come out as they went in, however far they are from those of the alerts around", () => {
  const buffer = new AlertBuffer();
  const [offset, time] = [4_000_000_000_000, 1_790_000_000_000];
  const all = [
    ...[0, 1, 0xffff, 0x10000, 2 ** 40].map((more) => [offset + more, time, false] as const),
    ...[0x7fffff, 0x800000, -0x800000, -0x800001, -time, 2 ** 50].map((more) => [offset, time + more, true] as const),
    ...[offset - 1, 0, Number.MAX_SAFE_INTEGER].map((at) => [at, time, false] as const),
  ];
  let tail = NO_ENTRY;
  for (const [at, when, late] of all) tail = buffer.append(tail, at, when, late, Buffer.from("x"));
  const found = buffer.list(tail).map((alert) => [alert.offset, alert.eventTime, alert.late] as const);
  assert.deepEqual(found, all);
  assert.deepEqual(
    buffer.times(tail),
    all.map(([, when]) => when),
  );
});

test("a value of any size is kept whole: none, a slab to the byte, one more, 1 MiB", () => {
  const buffer = new AlertBuffer();
  const values = [0, 1, 16_383, 16_384, SLAB - 26, SLAB - 25, SLAB, 1024 * 1024, 0, 5].map((size, i) =>
    Buffer.alloc(size, i + 1),
  );
  const entries = list(buffer, values);
  for (const [index, entry] of entries.entries()) {
    const { bytes, previous } = buffer.read(entry);
    assert.ok(values[index]?.equals(bytes), `value ${index}`);
    assert.equal(previous, entries[index - 1] ?? NO_ENTRY);
  }
  buffer.release(entries.at(-1) as Entry);
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
    buffer.release(goes.at(-1) as Entry);
    assert.ok(buffer.bytes <= before + 2 * SLAB, `round ${round}: ${buffer.bytes} bytes`);
  }
  for (const [i, entry] of stays.entries()) assert.ok(Buffer.alloc(300, i).equals(buffer.read(entry).bytes));
  buffer.release(stays.at(-1) as Entry);
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
      buffer.release(goes.at(-1) as Entry);
      assert.equal(buffer.sparse, false);
      goes = [];
    }
  }
  assert.equal(buffer.sparse, false);
  buffer.release(goes.at(-1) as Entry);
  assert.equal(buffer.sparse, true);
});

test("it is sparse above 2 MiB only, and only when less than half of it is wanted", () => {
  const half = Buffer.alloc(SLAB / 2 - 26);
  const build = (slabs: number, kept: Buffer): AlertBuffer => {
    const buffer = new AlertBuffer();
    let goes = NO_ENTRY;
    for (let i = 0; i < slabs; i++) {
      goes = buffer.append(goes, i, 0, false, half);
      buffer.append(NO_ENTRY, i, 0, false, kept);
    }
    buffer.release(goes);
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
  assert.equal(buffer.bytes, 1_000_026, "the empty slab goes");
  buffer.release(large);
  assert.equal(buffer.bytes, 0);
  const [one, two] = [add(100), add(100)];
  assert.equal(buffer.bytes, SLAB);
  buffer.release(one);
  buffer.release(two);
  assert.equal(buffer.bytes, SLAB);
});

test("what is written into the room for the next entry is kept without a copy, and moved where its head is longer", () => {
  const buffer = new AlertBuffer();
  const value = (index: number): Buffer => Buffer.alloc((index * 37) % 3000, 1 + (index % 250));
  let [tail, inPlace] = [NO_ENTRY, 0];
  for (let index = 0; index < 300; index++) {
    const { bytes: memory, from, view } = buffer.room;
    assert.equal(view.buffer, memory.buffer);
    const bytes = value(index);
    const to = from + bytes.length;
    if (to > memory.length) {
      tail = buffer.append(tail, index, 0, false, bytes);
      continue;
    }
    memory.set(bytes, from);
    // Far from the others, it has a longer head.
    const offset = index % 3 === 0 ? index * 1e6 : index;
    tail = buffer.append(tail, offset, 0, false, memory, from, to);
    const kept = buffer.read(tail).bytes;
    if (kept.buffer === memory.buffer && kept.byteOffset === from) inPlace++;
  }
  for (const [index, { bytes }] of buffer.list(tail).entries()) assert.ok(value(index).equals(bytes), `value ${index}`);
  assert.ok(inPlace > 100, `${inPlace} in place`);
});

test("bytes that are a part of a larger piece of memory are kept alone", () => {
  const buffer = new AlertBuffer();
  const entry = buffer.append(NO_ENTRY, 0, 0, false, Buffer.from("before, this, behind"), 8, 12);
  assert.equal(Buffer.from(buffer.read(entry).bytes).toString(), "this");
});

test("a buffer without a slab, and one whose last value filled it, have no room", () => {
  const buffer = new AlertBuffer();
  for (const size of [0, SLAB, 1024 * 1024]) {
    const { bytes, from } = buffer.room;
    assert.ok(from >= bytes.length);
    buffer.append(NO_ENTRY, 0, 0, false, Buffer.alloc(size || SLAB - 26));
  }
});
