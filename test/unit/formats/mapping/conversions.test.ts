import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isoTimes } from "#src/formats/mapping/conversions.js";
import { checkProperty } from "#test/support/property.js";

test("a time is written as a date writes it, whatever was written before", () => {
  const day = fc.integer({ min: 1_795_219_200_000, max: 1_795_392_000_000 });
  const any = fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true });
  checkProperty(
    fc.property(fc.array(fc.oneof(day, any), { minLength: 1, maxLength: 20 }), (times) => {
      const isoOf = isoTimes();
      for (const ms of times) assert.equal(isoOf(ms), new Date(ms).toISOString(), String(ms));
    }),
    { runs: 500, rerun: "npm run test:unit -- mapping/conversions" },
  );
});
