import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assignBySubscription, assignSticky, type Claim } from "#src/core/sticky-assignment.js";
import { checkProperty } from "#test/support/property.js";

const claim = (memberId: string, partitions: readonly number[], generation = 1, instance = memberId): Claim => ({
  memberId,
  instance,
  generation,
  partitions,
});
const six = [0, 1, 2, 3, 4, 5];

/** Who has what, by member; the same for every order of the claims. */
const shares = (partitions: readonly number[], claims: readonly Claim[]): Record<string, number[]> => {
  const result = Object.fromEntries(assignSticky(partitions, claims));
  for (let turn = 1; turn < claims.length; turn++) {
    const turned = [...claims.slice(turn), ...claims.slice(0, turn)];
    assert.deepEqual(Object.fromEntries(assignSticky(partitions, turned)), result);
  }
  assert.deepEqual(Object.fromEntries(assignSticky(partitions, claims.toReversed())), result);
  return result;
};

test("who joins gets its share from those who have more; who leaves, leaves its partitions to the others", () => {
  assert.deepEqual(shares(six, [claim("a", six), claim("b", [])]), { a: [0, 1, 2], b: [3, 4, 5] });
  assert.deepEqual(shares(six, [claim("a", [0, 1, 2])]), { a: six });
  assert.deepEqual(shares(six, [claim("a", [0, 4]), claim("b", [1, 5])]), { a: [0, 2, 4], b: [1, 3, 5] });
});

test("at the start the partitions are dealt out in order, the first members have one more", () => {
  assert.deepEqual(shares([4, 2, 0, 1, 3], [claim("b", []), claim("a", []), claim("c", [])]), {
    a: [0, 1],
    b: [2, 3],
    c: [4],
  });
  assert.deepEqual(shares([0], [claim("a", []), claim("b", [])]), { a: [0], b: [] });
});

test("where one must have more, it is one that already does", () => {
  assert.deepEqual(shares([0, 1, 2], [claim("a", [0]), claim("b", [1, 2])]), { a: [0], b: [1, 2] });
  assert.deepEqual(shares(six.slice(0, 5), [claim("a", [0]), claim("b", [1, 2]), claim("c", [3, 4])]), {
    a: [0],
    b: [1, 2],
    c: [3, 4],
  });
  assert.deepEqual(shares([0, 1, 2, 3], [claim("a", [0]), claim("b", [1]), claim("c", [2, 3])]), {
    a: [0],
    b: [1],
    c: [2, 3],
  });
  assert.deepEqual(shares([0, 1, 2, 3], [claim("a", [0, 1]), claim("b", [2, 3]), claim("c", [])]), {
    a: [0, 1],
    b: [2],
    c: [3],
  });
});

test("of two claims to one partition the later generation counts, of the same generation the first instance", () => {
  assert.deepEqual(shares([0, 1], [claim("a", [0], 3), claim("b", [0], 4)]), { a: [1], b: [0] });
  assert.deepEqual(shares([0, 1], [claim("a", [0], 4), claim("b", [0], 3)]), { a: [0], b: [1] });
  assert.deepEqual(shares([0, 1], [claim("b", [1], 3), claim("a", [1], 3)]), { a: [1], b: [0] });
});

test("ties are broken by the instance, not by the member ID, and only then by that", () => {
  assert.deepEqual(shares([0], [claim("x", [], 1, "b"), claim("y", [], 1, "a")]), { x: [], y: [0] });
  assert.deepEqual(shares([0], [claim("x", [], 1, "a"), claim("y", [], 1, "a")]), { x: [0], y: [] });
});

test("claims to partitions that are gone count for nothing", () => {
  assert.deepEqual(shares([0, 1], [claim("a", [7, 8, 9]), claim("b", [1, 0])]), { a: [1], b: [0] });
});

test("without members nobody gets anything", () => {
  assert.deepEqual(assignSticky(six, []), new Map());
});

test("each topic goes to its subscribers, whose claims are to their own topic; a topic without subscribers goes to nobody", () => {
  const topics = new Map([
    ["eu", [0, 1]],
    ["us", [0, 1, 2]],
    ["nobody", [0]],
  ]);
  const members = [
    { ...claim("a", [0, 1]), topics: ["eu"] },
    { ...claim("b", [2]), topics: ["us"] },
    { ...claim("c", [0, 1]), topics: ["us", "eu"] },
    { ...claim("d", [0]), topics: [] },
  ];
  const result = assignBySubscription(topics, members);
  assert.deepEqual(Object.fromEntries([...result].map(([member, own]) => [member, Object.fromEntries(own)])), {
    a: { eu: [0] },
    b: { us: [2] },
    c: { eu: [1], us: [0, 1] },
    d: {},
  });
});

test("with subscriptions of any kind, each partition of a topic that somebody reads has one owner, who subscribes to it", () => {
  const names = ["eu", "us", "asia"];
  const member = fc.record({
    topics: fc.subarray(names),
    partitions: fc.uniqueArray(fc.nat(8), { maxLength: 9 }),
    generation: fc.nat(3),
  });
  checkProperty(
    fc.property(fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)), fc.array(member, { maxLength: 5 }), (counts, all) => {
      const topics = new Map(names.map((topic, at) => [topic, Array.from({ length: counts[at] ?? 0 }, (_, i) => i)]));
      const members = all.map((each, at) => ({
        ...claim(`m${at}`, each.partitions, each.generation),
        topics: each.topics,
      }));
      const result = assignBySubscription(topics, members);
      assert.deepEqual([...result.keys()].sort(), members.map(({ memberId }) => memberId).sort());
      for (const [topic, partitions] of topics) {
        const readers = members.filter((each) => each.topics.includes(topic));
        const owned = [...result].flatMap(([memberId, own]) =>
          (own.get(topic) ?? []).map((p) => [memberId, p] as const),
        );
        assert.deepEqual(
          owned.map(([, partition]) => partition).sort((a, b) => a - b),
          readers.length === 0 ? [] : partitions,
        );
        for (const [memberId] of owned) assert.ok(readers.some((reader) => reader.memberId === memberId));
      }
    }),
    { runs: 200, rerun: "npm run test:unit -- core/sticky-assignment" },
  );
});

test("every partition has one owner, shares differ by one at most, and nobody loses one within its share", () => {
  const claims = fc
    .array(fc.record({ partitions: fc.uniqueArray(fc.nat(14), { maxLength: 15 }), generation: fc.nat(3) }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((all) => all.map(({ partitions, generation }, index) => claim(`m${index}`, partitions, generation)));
  checkProperty(
    fc.property(fc.nat(12), claims, (count, all) => {
      const partitions = Array.from({ length: count }, (_, i) => i);
      const result = assignSticky(partitions, all);
      assert.deepEqual(
        [...result.values()].flat().sort((a, b) => a - b),
        partitions,
      );
      const sizes = [...result.values()].map((own) => own.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
      for (const own of result.values())
        assert.deepEqual(
          own,
          [...own].sort((a, b) => a - b),
        );
      for (const { memberId, partitions: claimed, generation } of all) {
        const undisputed = claimed.filter(
          (partition) =>
            partition < count &&
            all.every(
              (other) =>
                other.memberId === memberId || other.generation < generation || !other.partitions.includes(partition),
            ),
        );
        const kept = undisputed.filter((partition) => result.get(memberId)?.includes(partition)).length;
        const own = result.get(memberId)?.length ?? 0;
        assert.ok(kept === undisputed.length || own >= Math.floor(count / all.length), `${memberId} has lost some`);
        assert.ok(own - kept === 0 || kept === undisputed.length || undisputed.length < claimed.length, memberId);
      }
    }),
    { runs: 200, rerun: "npm run test:unit -- core/sticky-assignment" },
  );
});

test("joins and leaves in any order move at most ⌈partitions/members⌉ partitions each, whatever the order of the claims", () => {
  const steps = fc.array(fc.oneof(fc.constant("join" as const), fc.nat(20)), { minLength: 1, maxLength: 12 });
  checkProperty(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 }), steps, (count, first, changes) => {
      const partitions = Array.from({ length: count }, (_, i) => i);
      let members = Array.from({ length: first }, (_, member) => `member-${(member * 7) % 10}-${member}`);
      let assignment = new Map<string, readonly number[]>();
      const rebalance = (): Map<string, number[]> => {
        const claims = members.map((member) => claim(member, assignment.get(member) ?? []));
        const next = assignSticky(partitions, claims);
        assert.deepEqual(assignSticky(partitions, claims.toReversed()), next);
        return next;
      };
      assignment = rebalance();
      for (const [index, change] of changes.entries()) {
        const before = members.length;
        if (change === "join" || before === 1) members = [...members, `member-${(index * 3) % 10}-new-${index}`];
        else members = members.filter((_, at) => at !== change % before);
        const owner = new Map([...assignment].flatMap(([member, own]) => own.map((partition) => [partition, member])));
        const next = rebalance();
        const moved = [...next].flatMap(([member, own]) => own.filter((partition) => owner.get(partition) !== member));
        assert.ok(
          moved.length <= Math.ceil(count / Math.max(before, members.length)),
          `${moved.length} of ${count} moved from ${before} to ${members.length} members`,
        );
        assignment = next;
      }
    }),
    { runs: 300, rerun: "npm run test:unit -- core/sticky-assignment" },
  );
});
