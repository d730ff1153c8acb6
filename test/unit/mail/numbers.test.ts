import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createNumbers } from "#src/mail/numbers.js";

test("a measurement keeps every digit that it had", () => {
  const { format } = createNumbers("ko");
  assert.equal(format(36.2), "36.2");
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

test("the noise of binary numbers is nobody's: sums in 64 bits, sensors of 32 bits", () => {
  const { format } = createNumbers("en");
  for (const [value, shown] of [
    [31.4 + 0.2, "31.6"],
    [-(0.1 + 0.2), "-0.3"],
    [1.1 * 3e-8, "3.3e-8"],
    [1_234_567.1 + 0.2, "1,234,567.3"],
    [Math.fround(36.2), "36.2"],
    [Math.fround(-0.05), "-0.05"],
    [Math.fround(101_325.33), "101,325.33"],
  ] as const)
    assert.equal(format(value), shown);
});

test("digits that somebody may have written stay", () => {
  const { format } = createNumbers("en");
  for (const text of [
    "0.1234567890123456",
    "123456.8125",
    "0.0009765625",
    "9007199254740991",
    "1.0000001",
    "3.141592653589793",
  ])
    assert.equal(format(Number(text)).replaceAll(",", ""), text);
});

test("any number reads back as itself, or as what it is in 32 bits or fifteen digits", () => {
  const { format } = createNumbers("en");
  const any = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => a / 100 + b / 1_000),
  );
  fc.assert(
    fc.property(any, (value) => {
      const back = Number(format(value).replaceAll(",", ""));
      const isIt = back === value || Math.fround(back) === value || back === Number(value.toPrecision(15));
      assert.ok(isIt, `${value}: ${back}`);
    }),
  );
});
