import assert from "node:assert/strict";
import { test } from "node:test";
import { tellDeletedUnread } from "#src/runtime/deleted-records.js";
import { quietLog } from "#test/support/quiet.js";

const told = (records: Parameters<typeof tellDeletedUnread>[1]) => {
  const counted: number[] = [];
  const errors: unknown[] = [];
  tellDeletedUnread(
    {
      metrics: { recordsDeletedUnread: (partition, count) => void counted.push(partition, count) },
      log: { ...quietLog, error: (fields: unknown) => void errors.push(fields) },
    },
    records,
  );
  return { counted, errors };
};

test("records that were deleted before they were read are counted, and told as one error", () => {
  assert.deepEqual(told({ partition: 2, from: 10, logStart: 35, settled: 8 }), {
    counted: [2, 17],
    errors: [{ partition: 2, from: 10, logStart: 35, deleted: 17 }],
  });
});

test("where all that was deleted had been settled before, nobody missed anything", () => {
  assert.deepEqual(told({ partition: 2, from: 10, logStart: 12, settled: 2 }), { counted: [], errors: [] });
});
