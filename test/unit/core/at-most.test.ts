import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { atMost } from "#src/core/at-most.js";
import { anyText } from "#test/support/any-text.js";

test("a text is cut between characters, never within one, and no shorter than that needs", () => {
  assert.equal(atMost("a🔥b", 2), "a");
  assert.equal(atMost("a🔥b", 3), "a🔥");
  assert.equal(atMost("a🔥b", 4), "a🔥b");
  fc.assert(
    fc.property(anyText({ maxLength: 20 }), fc.nat(20), (text, max) => {
      const whole = text.toWellFormed();
      const cut = atMost(whole, max);
      assert.ok(whole.startsWith(cut) && cut.isWellFormed() && cut.length <= max);
      assert.ok(cut.length >= Math.min(whole.length, max - 1));
    }),
  );
});
