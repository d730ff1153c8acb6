import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecipientLanes } from "#src/runtime/recipient-lanes.js";
import { checkProperty } from "#test/support/property.js";

interface Share {
  readonly name: number;
  readonly lanes: readonly string[];
}

test("whatever comes and goes, the heads are those that are first in all of their lanes and not under way", () => {
  const action = fc.record({
    act: fc.constantFrom("add", "add", "begin", "end", "remove"),
    pick: fc.nat(20),
    lanes: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
  });
  checkProperty(
    fc.property(fc.array(action, { maxLength: 40, size: "max" }), (actions) => {
      const lanes = new RecipientLanes<Share>();
      let all: Share[] = [];
      const underWay = new Set<Share>();
      const meets = (one: Share, other: Share): boolean => one.lanes.some((lane) => other.lanes.includes(lane));
      const isFirst = (share: Share, among = all): boolean => among.find((one) => meets(one, share)) === share;
      for (const { act, pick, lanes: of } of actions) {
        const heads = all.filter((share) => isFirst(share) && !underWay.has(share));
        const [head, begun, any] = [heads, [...underWay], all].map((some) => some[pick % Math.max(1, some.length)]);
        if (act === "add") {
          const share = { name: all.length, lanes: of };
          lanes.add(share);
          all.push(share);
        } else if (act === "begin" && head !== undefined) {
          lanes.begin(head);
          underWay.add(head);
        } else if (act === "end" && begun !== undefined) {
          lanes.end(begun);
          underWay.delete(begun);
        } else if (act === "remove" && any !== undefined) {
          lanes.remove(any);
          all = all.filter((one) => one !== any);
          underWay.delete(any);
        }
        assert.deepEqual(lanes.heads, new Set(all.filter((share) => isFirst(share) && !underWay.has(share))));
        assert.deepEqual([lanes.size, lanes.someUnderWay], [all.length, underWay.size > 0]);
        for (const lane of "abc")
          assert.equal(
            lanes.has(lane),
            all.some((share) => share.lanes.includes(lane)),
          );
        const before = new Set(all.slice(0, pick % 3));
        for (const share of all) {
          assert.equal(lanes.isUnderWay(share), underWay.has(share));
          assert.equal(lanes.isFirst(share), isFirst(share));
          const rest = all.filter((one) => !before.has(one));
          assert.equal(lanes.isFirstBut(before, share), isFirst(share, rest));
          assert.deepEqual(lanes.besides(share), new Set(all.filter((one) => meets(one, share))));
        }
      }
    }),
    { runs: 100, rerun: "npm run test:unit -- runtime/recipient-lanes" },
  );
});
