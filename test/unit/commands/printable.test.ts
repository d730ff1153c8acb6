import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableBytes } from "#src/commands/printable.js";

test("what a terminal would obey is written out; all other text stays", () => {
  assert.equal(
    printable("3층 서버실 °C\u001b[2J\r\n\t\u009b1m\u202eabc\u2028\u007f"),
    "3층 서버실 °C\\x1b[2J\\r\\n\\t\\x9b1m\\u202eabc\\u2028\\x7f",
  );
});

test("bytes are text where they are UTF-8, and numbers where they are not", () => {
  assert.equal(printableBytes(Buffer.from("온도\u0000")), "온도\\x00");
  assert.equal(printableBytes(Buffer.from([0x41, 0xff, 0x0a])), "A\\xff\\x0a");
});
