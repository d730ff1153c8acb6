import assert from "node:assert/strict";
import { test } from "node:test";
import { redrivesIn } from "#src/kafka/redrives.js";

test("the count is the header's number, and 0 where there is none", () => {
  const of = (value: Buffer | string | (Buffer | string)[]) => redrivesIn({ "dead-letter.redrives": value });
  assert.equal(redrivesIn(undefined), 0);
  assert.equal(redrivesIn({}), 0);
  assert.equal(of(Buffer.from("2")), 2);
  assert.equal(of([Buffer.from("1"), Buffer.from("12")]), 12);
  for (const nonsense of ["", "-1", "1.5", "many", "9999999999"]) assert.equal(of(nonsense), 0, nonsense);
});
