import assert from "node:assert/strict";
import { test } from "node:test";
import { addressInRow } from "#src/app/recipients-database.js";

test("a row's address may have a name before it; several addresses, or a second line, are none", () => {
  assert.equal(addressInRow("kim@bücher.example"), "kim@xn--bcher-kva.example");
  assert.equal(addressInRow("Kim <kim@example.com>"), "kim@example.com");
  assert.equal(addressInRow('"Kim, night" <kim@example.com>'), "kim@example.com");
  for (const text of ["", "kim", "a@example.com, b@example.com", "kim@example.com\r\nBcc: evil@example.com"])
    assert.equal(addressInRow(text), undefined, text);
});
