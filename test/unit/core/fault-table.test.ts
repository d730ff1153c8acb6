import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FIRES } from "#src/core/fault.js";
import { type FaultId, FaultTable, NO_FAULT } from "#src/core/fault-table.js";
import { checkProperty } from "#test/support/property.js";

const DEVICE = { hash: 7, more: 1 };
const says = (device: { readonly hash: number; readonly more: number }, type: number, from: number) =>
  ({
    ...device,
    type,
    began: 1,
    from,
    last: from,
    overAt: FIRES,
    heard: 1,
    worst: "warning",
    told: undefined,
  }) as const;

/** Where the newest one of a type begins. */
const newestFrom = (table: FaultTable, { hash, more }: typeof DEVICE, type: number): number | undefined => {
  const id = table.newestOf(hash, more, type);
  return id === NO_FAULT ? undefined : table.get(id).from;
};

test("the newest fault of a type is found, and not once it is gone", () => {
  const table = new FaultTable();
  table.add(says(DEVICE, 1, 10));
  table.add(says(DEVICE, 2, 11));
  assert.equal(newestFrom(table, DEVICE, 1), 10);
  table.add(says(DEVICE, 1, 12));
  assert.equal(newestFrom(table, DEVICE, 1), 12);
  assert.equal(newestFrom(table, DEVICE, 2), 11);
  assert.equal(newestFrom(table, DEVICE, 3), undefined);
  table.remove(table.newestOf(7, 1, 2));
  assert.equal(newestFrom(table, DEVICE, 2), undefined);
  table.remove(table.newestOf(7, 1, 1));
  assert.equal(newestFrom(table, DEVICE, 1), 10);
});

test("a fault says what was said of it, and what was heard of it since", () => {
  const table = new FaultTable();
  const [from, later] = [2 ** 40, 2 ** 40 + 3];
  const first = { ...says({ hash: -3, more: 0xffff }, -7, from), began: 2_200_000_000, heard: 2_200_000_005 } as const;
  table.add(first);
  const id = table.newest;
  assert.deepEqual(table.get(id), first);
  table.goesOn(id, later, 2_200_000_009, 100);
  table.setWorst(id, 2);
  table.setTold(id, 0);
  table.setOverAt(id, later);
  table.setBegan(id, undefined);
  assert.deepEqual(table.get(id), {
    ...first,
    began: undefined,
    last: later,
    overAt: later,
    heard: 2_200_000_009,
    worst: "critical",
    told: "info",
  });
  assert.ok(table.isOver(id));
});

test("that a device has too many types is known of all its faults, and of those to come, and of no other device's", () => {
  const table = new FaultTable();
  const other = { hash: DEVICE.hash, more: 2 };
  table.add(says(DEVICE, 1, 10));
  table.add(says(other, 1, 11));
  table.markFull(DEVICE.hash, DEVICE.more);
  table.add(says(DEVICE, 2, 12));
  table.add(says(other, 2, 13));
  const isFull = ({ hash, more }: typeof DEVICE) => table.of(hash, more).map((id) => table.isOfFull(id));
  assert.deepEqual(
    [isFull(DEVICE), isFull(other)],
    [
      [true, true],
      [false, false],
    ],
  );
  for (const id of table.of(DEVICE.hash, DEVICE.more)) table.remove(id);
  table.add(says(DEVICE, 1, 14));
  assert.deepEqual(isFull(DEVICE), [false]);
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

const fromNewest = (table: FaultTable): number[] => {
  const all: number[] = [];
  for (let id = table.newest; id !== NO_FAULT; id = table.olderThan(id)) all.push(table.get(id).from);
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
      const known = new Map<number, FaultId>();
      let next = 0;
      const add = (hash: number, more: number, type: number): void => {
        const from = next++;
        table.add(says({ hash, more }, type, from));
        known.set(from, table.newest);
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
          const fault = known.get(picked.from) as FaultId;
          if (one.do === "remove") table.remove(fault);
          else {
            table.goesOn(fault, picked.from, next + 1, 0);
            plain.faults.push(picked);
          }
        }
        const order = plain.faults.map(({ from }) => from);
        assert.equal(table.oldest === NO_FAULT ? undefined : table.get(table.oldest).from, order[0], "the oldest");
        assert.deepEqual(fromNewest(table), order.toReversed(), "from the newest");
        assert.equal(table.count, order.length);
        for (const [key, own] of plain.byDevice) {
          const [hash, more] = key.split("/").map(Number) as [number, number];
          const found = table.of(hash, more).map((id) => table.get(id).from);
          assert.deepEqual(
            found,
            own.map(({ from }) => from),
          );
          for (const type of [0, 1, 2])
            assert.equal(newestFrom(table, { hash, more }, type), own.findLast((each) => each.type === type)?.from);
        }
      }
    }),
    { runs: 60, rerun: "npm run test:unit -- core/fault-table" },
  );
});
