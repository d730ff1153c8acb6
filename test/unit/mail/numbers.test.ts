import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createNumbers } from "#src/mail/numbers.js";

test("a measurement keeps every digit that it had", () => {
  const { format } = createNumbers("ko");
  assert.equal(format(36.2), "36.2");
  assert.equal(format(-0.30000000000000004), "-0.30000000000000004");
  assert.equal(format(1e21), "1e+21");
  assert.equal(format(9_999), "9999");
  assert.equal(format(12_345.5), "12,345.5");
  assert.equal(format(-1_234_567), "-1,234,567");
});

test("decimal mark and grouping are the language's", () => {
  const { format } = createNumbers("de");
  assert.equal(format(1.5), "1,5");
  assert.equal(format(12_345.5), "12.345,5");
  assert.equal(format(1.5e-9), "1,5e-9");
});

test("any number reads back as itself", () => {
  const { format } = createNumbers("en");
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(format(value).replaceAll(",", "")), value === 0 ? 0 : value);
    }),
  );
});
