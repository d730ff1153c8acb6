import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BitReader, BitWriter, bestRiceParameter, riceBits } from "#src/core/checkpoint-bytes.js";
import { checkProperty } from "#test/support/property.js";

const rerun = "npm run test:unit -- core/checkpoint-bytes";

const written = (values: readonly number[], k: number): number[] => {
  const writer = new BitWriter();
  for (const value of values) writer.rice(value, k);
  return writer.bytes;
};

const readerOf = (bytes: readonly number[]): BitReader => {
  const rest = [...bytes];
  return new BitReader(() => rest.shift() ?? 0);
};

test("a number is its quotient in ones, a zero, and its remainder in k bits, highest bit first", () => {
  assert.deepEqual(written([9], 2), [0b110_01_000]);
  assert.deepEqual(written([3, 0, 1], 0), [0b1110_0_10_0]);
  assert.deepEqual(written([5, 6], 3), [0b0101_0110]);
  assert.deepEqual(written([5, 6, 8], 3), [0b0101_0110, 0b10000_000]);
});

test("a quotient of 40 is the first one written as such, with the number in 53 bits after it", () => {
  assert.deepEqual(written([39], 0), [255, 255, 255, 255, 0b1111_1110]);
  assert.deepEqual(written([40], 0), [255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 40 >> 5, (40 & 31) << 3]);
  assert.deepEqual(
    [39, 40, 41].map((value) => riceBits(value, 0)),
    [40, 93, 93],
  );
  assert.deepEqual(
    [0, 7, 8, 319, 320].map((value) => riceBits(value, 3)),
    [4, 4, 5, 43, 93],
  );
});

test("numbers come back as they went in, up to the largest safe one and with any parameter, and take the bits foretold", () => {
  const value = fc.oneof(fc.nat(100), fc.nat(100_000), fc.maxSafeNat());
  checkProperty(
    fc.property(fc.array(value, { maxLength: 40 }), fc.nat(40), (values, k) => {
      const bytes = written(values, k);
      const bits = values.reduce((sum, each) => sum + riceBits(each, k), 0);
      assert.equal(bytes.length, Math.ceil(bits / 8));
      const reader = readerOf(bytes);
      for (const each of values) assert.equal(reader.rice(k), each);
    }),
    { runs: 300, rerun },
  );
});

test("the best parameter takes no more bits than any other; of equal ones it is the smallest", () => {
  const bitsWith = (values: readonly number[], k: number): number =>
    values.reduce((sum, each) => sum + riceBits(each, k), 0);
  checkProperty(
    fc.property(fc.array(fc.oneof(fc.nat(10), fc.nat(5000), fc.nat(2 ** 45)), { maxLength: 30 }), (values) => {
      const best = bestRiceParameter(values);
      for (let k = 0; k <= 40; k++) {
        const difference = bitsWith(values, k) - bitsWith(values, best);
        assert.ok(k < best ? difference > 0 : difference >= 0, `${k} is better than ${best}`);
      }
    }),
    { runs: 200, rerun },
  );
});

test("the parameter goes from 0 to 40", () => {
  assert.equal(bestRiceParameter([]), 0);
  assert.equal(bestRiceParameter([0, 0, 0]), 0);
  assert.equal(bestRiceParameter([2 ** 44]), 40);
  assert.equal(bestRiceParameter([Number.MAX_SAFE_INTEGER]), 0, "in full whatever the parameter");
});

test("up to 512 numbers all are looked at, of more a sample of at most 512", () => {
  const alternating = (length: number): number[] => Array.from({ length }, (_, i) => (i % 2 === 0 ? 0 : 2 ** 30));
  assert.equal(bestRiceParameter(alternating(1024)), 0);
  assert.equal(bestRiceParameter(alternating(513)), 0);
  assert.notEqual(bestRiceParameter(alternating(512)), 0);
});
