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

test("it does not matter how pattern and text compose their characters", () => {
  const nfd = (text: string) => text.normalize("NFD");
  for (const [pattern, text] of [
    ["부산*", "부산 2공장"],
    ["부산", "부산"],
    ["?산*", "부산 2공장"],
    ["Café", "Café"],
  ] as const)
    for (const [one, other] of [
      [pattern, nfd(text)],
      [nfd(pattern), text],
      [nfd(pattern), nfd(text)],
    ] as const)
      assert.ok(glob(one).matches(other), pattern);
  assert.ok(!glob("부산*").matches(nfd("대구 1공장")));
  assert.equal(glob(nfd("부산*")).pattern, nfd("부산*"), "shown as it was written");
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

test("of a longer text the first 1,024 characters are looked at, and it is compared with no other", () => {
  const long = `${"a".repeat(1_023)}b${"c".repeat(1_000_000)}`;
  assert.equal(glob("a*").matches(long), true);
  assert.equal(glob("*b").matches(long), true);
  assert.equal(glob("*c").matches(long), false);
  assert.equal(glob("a".repeat(1_023)).matches(long), false);
  assert.equal(glob(long).matches(long), true);
  // A pair of surrogates at the edge is whole, or not there.
  assert.equal(glob(`${"?".repeat(1_023)}`).matches(`${"a".repeat(1_023)}😀`), true);
});

test("a text that composes to a quarter of it is still the same", () => {
  // Three marks on one letter (U+1F82), decomposed.
  const text = "\u1f82".repeat(100);
  assert.equal(text.normalize("NFD").length, 400);
  assert.ok(glob(text).matches(text.normalize("NFD")));
});
