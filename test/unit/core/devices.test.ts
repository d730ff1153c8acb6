import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Devices, NO_DEVICE } from "#src/core/devices.js";
import type { WindowId } from "#src/core/window.js";
import { written } from "#test/support/written.js";

test("devices are found by their IDs and by nothing else, whichever come and go", () => {
  const ids = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((number) => `device-${number}`),
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.constantFrom("", "\0", "\ufeffd", "x".repeat(1_000)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, fc.boolean()), { maxLength: 400, size: "max" }), (steps) => {
      const devices = new Devices();
      const model = new Map<string, number>();
      for (const [index, [id, comes]] of steps.entries()) {
        const found = devices.findText(id);
        assert.equal(found === NO_DEVICE ? undefined : devices.newest(found), model.get(id), id);
        if (comes) {
          devices.setNewest(devices.findOrAdd(written(id)), index as WindowId);
          model.set(id, index);
        } else if (found !== NO_DEVICE) {
          devices.remove(found);
          model.delete(id);
        }
      }
      assert.equal(devices.count, model.size);
      assert.deepEqual([...devices].map((device) => devices.idOf(device)).sort(), [...model.keys()].sort());
    }),
    { numRuns: 300 },
  );
});

test("a device that is new knows nothing of the one that had its number", () => {
  const devices = new Devices();
  const first = devices.findOrAdd(written("first"));
  devices.setNewest(first, 7 as WindowId);
  devices.remove(first);
  const second = devices.findOrAdd(written("other"));
  assert.deepEqual([second, devices.newest(second), devices.idOf(second)], [first, 0, "other"]);
});

test("a hundred thousand devices take less than 50 bytes each, and nothing once they are gone", () => {
  const devices = new Devices();
  const all = Array.from({ length: 100_000 }, (_, i) =>
    devices.findOrAdd(written(`device-${String(i).padStart(6, "0")}`)),
  );
  assert.ok(devices.bytes < 50 * all.length, `${devices.bytes / all.length} bytes each`);
  for (const device of all) devices.remove(device);
  assert.equal(devices.bytes, 0);
  devices.findOrAdd(written("one"));
  assert.ok(devices.bytes < 1_000, `${devices.bytes} bytes`);
});
