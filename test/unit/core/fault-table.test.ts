import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Fault, type FaultDevice, FaultTable, FIRES, newestOf } from "#src/core/fault-table.js";
import { checkProperty } from "#test/support/property.js";

const says = (type: number, from: number) =>
  ({ type, began: 1, from, last: from, overAt: FIRES, heard: 1, worst: "warning", told: undefined }) as const;

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

/** The same by an array, in the order in which they were heard last, and searched from end to end. */
class PlainTable {
  faults: { readonly hash: number; readonly more: number; readonly type: number; readonly from: number }[] = [];
  readonly devices = new Set<string>();

  /** Of each device that there ever was, in the order in which they began. */
  get byDevice(): Map<string, typeof this.faults> {
    const all = new Map([...this.devices].map((device) => [device, [] as typeof this.faults]));
    for (const one of this.faults.toSorted((a, b) => a.from - b.from)) all.get(`${one.hash}/${one.more}`)?.push(one);
    return all;
  }

  without(from: number): typeof this.faults {
    return this.faults.filter((one) => one.from !== from);
  }
}

const fromNewest = ({ newest }: FaultTable): number[] => {
  const all: number[] = [];
  for (let fault = newest; fault !== undefined; fault = fault.older) all.push(fault.from);
  return all;
};

const fromOldest = ({ oldest }: FaultTable): number[] => {
  const all: number[] = [];
  for (let fault = oldest; fault !== undefined; fault = fault.newer) all.push(fault.from);
  return all;
};

test("whatever is added, heard of again and removed, the table says what an array says, also where devices share a place", () => {
  // Three places of the first 64, of the next 128 and so on; and devices that only the second number tells apart.
  const device = fc.record({
    hash: fc.constantFrom(0, 1, 64, 65, 128, 192, 256, -64, -128, 2 ** 31 - 64),
    more: fc.nat(1),
  });
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("add" as const), device, type: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("touch" as const, "remove" as const), pick: fc.nat(50) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("crowd" as const), count: fc.integer({ min: 40, max: 150 }) }),
    },
  );
  checkProperty(
    fc.property(fc.array(action, { maxLength: 60, size: "max" }), (actions) => {
      const [table, plain] = [new FaultTable(), new PlainTable()];
      const known = new Map<number, Fault>();
      let next = 0;
      const add = (hash: number, more: number, type: number): void => {
        const from = next++;
        table.add(table.deviceOrNew(hash, more), says(type, from));
        known.set(from, table.newest as Fault);
        plain.faults.push({ hash, more, type, from });
        plain.devices.add(`${hash}/${more}`);
      };
      for (const one of actions) {
        if (one.do === "add") add(one.device.hash, one.device.more, one.type);
        else if (one.do === "crowd") for (let hash = 1000; hash < 1000 + one.count; hash++) add(hash, 0, 0);
        else {
          const picked = plain.faults[one.pick % plain.faults.length];
          if (picked === undefined) continue;
          plain.faults = plain.without(picked.from);
          const fault = known.get(picked.from) as Fault;
          if (one.do === "remove") table.remove(fault);
          else {
            table.touch(fault, next);
            assert.equal(fault.touched, next);
            plain.faults.push(picked);
          }
        }
        const order = plain.faults.map(({ from }) => from);
        assert.deepEqual(fromOldest(table), order, "from the oldest");
        assert.deepEqual(fromNewest(table), order.toReversed(), "from the newest");
        assert.equal(table.count, order.length);
        for (const [key, own] of plain.byDevice) {
          const [hash, more] = key.split("/").map(Number) as [number, number];
          const found = table.device(hash, more);
          assert.deepEqual(
            found?.faults.map(({ from }) => from),
            own.length === 0 ? undefined : own.map(({ from }) => from),
          );
          for (const type of found === undefined ? [] : [0, 1, 2])
            assert.equal(newestOf(found as FaultDevice, type)?.from, own.findLast((each) => each.type === type)?.from);
        }
      }
    }),
    { runs: 60, rerun: "npm run test:unit -- core/fault-table" },
  );
});
