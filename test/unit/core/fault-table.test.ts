import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, FaultTable, newestOf } from "#src/core/fault-table.js";

const says = (type: number, from: number) =>
  ({ type, began: 1, from, last: from, isOver: false, heard: 1, worst: "warning", told: undefined }) as const;

test("the newest fault of a type is found, whichever was asked for before, and not once it is gone", () => {
  const table = new FaultTable();
  const device = table.deviceOrNew(7, 1);
  table.add(device, says(1, 10));
  table.add(device, says(2, 11));
  assert.equal(newestOf(device, 1)?.from, 10);
  table.add(device, says(1, 12));
  assert.equal(newestOf(device, 1)?.from, 12);
  assert.equal(newestOf(device, 2)?.from, 11);
  assert.equal(newestOf(device, 3), undefined);
  table.remove(newestOf(device, 2) as Fault);
  assert.equal(newestOf(device, 2), undefined);
  table.remove(newestOf(device, 1) as Fault);
  assert.equal(newestOf(device, 1)?.from, 10);
});
