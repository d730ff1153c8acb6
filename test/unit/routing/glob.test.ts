import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { glob } from "#src/routing/glob.js";
import { checkProperty } from "#test/support/property.js";

test("* stands for any characters, ? for one, everything else for itself", () => {
  for (const [pattern, text, expected] of [
    ["boiler-*", "boiler-7", true],
    ["boiler-*", "boiler-", true],
    ["boiler-*", "Boiler-7", false],
    ["boiler-*", "old boiler-7", false],
    ["*-7", "boiler-7", true],
    ["a*b*c", "a-c-b-c", true],
    ["a*b*c", "a-c-b-d", false],
    ["pump-??", "pump-12", true],
    ["pump-??", "pump-1", false],
    ["?", "😀", true],
    ["**", "", true],
    ["?*", "", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["(x|y)+", "(x|y)+", true],
    ["온도계-*", "온도계-3층", true],
    ["*\n*", "a\nb", true],
  ] as const) {
    assert.equal(glob(pattern).matches(text), expected, `${pattern} and ${text}`);
  }
});

test("it agrees with a regular expression of the same meaning", () => {
  const letters = (...all: string[]) =>
    fc.array(fc.constantFrom(...all), { maxLength: 10 }).map((some) => some.join(""));
  const property = fc.property(letters("a", "b", "*", "?"), letters("a", "b"), (pattern, text) => {
    const same = new RegExp(
      `^${pattern
        .replaceAll("*", ".*")
        .replaceAll("?", ".")
        .replaceAll(/(\.\*)+/g, ".*")}$`,
    );
    assert.equal(glob(pattern).matches(text), same.test(text), `${pattern} and ${text}`);
  });
  checkProperty(property, { runs: 2_000, rerun: "node --test dist-test/unit/routing/glob.test.js" });
});

test("no device ID makes it search for long", () => {
  const pattern = glob(`${"*a".repeat(100)}*b`);
  assert.equal(pattern.matches("a".repeat(256)), false);
});
