import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SEVERITIES, type Severity } from "#src/core/alert.js";
import { eventTime, eventTimeOf, isPossibleTime, wallTime } from "#src/core/time.js";
import { addFold, emptyFold, type Folded, fold, MAX_FOLDED_TYPES, windowStart } from "#src/core/window.js";

/** One that fires, after those before it. */
const tell = (into: Folded, severity: Severity, type: string | undefined): void =>
  fold(into, { offset: into.count, time: into.count, severity, type, resolved: false, late: false });

const countsOf = ({ byType }: Folded): [string, number][] => [...byType].map(([type, { count }]) => [type, count]);

test("windows are aligned to the epoch; a boundary is the start of the later one", () => {
  for (const [time, start] of [
    [0, 0],
    [29_999, 0],
    [30_000, 30_000],
    [1_790_000_015_000, 1_790_000_010_000],
    [-1, -30_000],
  ] as const) {
    assert.equal(windowStart(time, 30_000), start);
  }
});

test("event time is the record's timestamp, never later than the moment it is read", () => {
  const now = Date.UTC(2026, 10, 21);
  for (const [timestamp, expected] of [
    [now - 1, now - 1],
    [now, now],
    [now + 1, now],
    [1e15, now],
    [Number.NaN, now],
  ] as const) {
    assert.equal(eventTimeOf(timestamp, wallTime(now)), eventTime(expected));
  }
});

test("a timestamp before 2000 is the moment of reading: seconds written for milliseconds, a clock never set, none at all", () => {
  const now = Date.UTC(2026, 10, 21);
  const year2000 = Date.UTC(2000, 0);
  assert.equal(eventTimeOf(year2000, wallTime(now)), eventTime(year2000));
  for (const timestamp of [year2000 - 1, now / 1000, 1_794_206_288, 0, -1, Number.NEGATIVE_INFINITY]) {
    assert.equal(eventTimeOf(timestamp, wallTime(now)), eventTime(now), String(timestamp));
    assert.equal(isPossibleTime(timestamp), false);
  }
});

test("folded alerts are counted by severity and by at most 100 types, the rest together", () => {
  const folded = emptyFold();
  for (let i = 0; i < 150; i++) tell(folded, "info", `T${i}`);
  for (let i = 0; i < 3; i++) tell(folded, "critical", "T0");
  tell(folded, "warning", "T149");
  assert.equal(folded.count, 154);
  assert.deepEqual(folded.bySeverity, { info: 150, warning: 1, critical: 3 });
  assert.deepEqual([folded.byType.size, folded.byType.get("T0")?.count, folded.otherTypes], [MAX_FOLDED_TYPES, 4, 51]);
});

test("alerts without a type count under the empty one; types like object members are types like any other", () => {
  const folded = emptyFold();
  for (const type of [undefined, "", "__proto__", "constructor"]) tell(folded, "info", type);
  assert.deepEqual(countsOf(folded), [
    ["", 2],
    ["__proto__", 1],
    ["constructor", 1],
  ]);
});

test("adding two folds keeps every count and the bound", () => {
  const [one, two] = [emptyFold(), emptyFold()];
  for (let i = 0; i < 120; i++) tell(one, "info", `A${i}`);
  for (let i = 0; i < 130; i++) tell(two, "warning", `B${i}`);
  tell(two, "critical", "A5");
  addFold(one, two);
  assert.equal(one.count, 251);
  assert.deepEqual(one.bySeverity, { info: 120, warning: 130, critical: 1 });
  assert.equal(one.byType.size, MAX_FOLDED_TYPES);
  assert.equal(countsOf(one).reduce((sum, [, count]) => sum + count, 0) + one.otherTypes, 251);
});

test("adding folds adds the counts of types both know, also when there is no room for another, and the rest to the rest", () => {
  const [one, two] = [emptyFold(), emptyFold()];
  for (let i = 0; i < MAX_FOLDED_TYPES; i++) tell(one, "info", `T${i}`);
  for (let i = 0; i < MAX_FOLDED_TYPES; i++) tell(two, "info", `T${i + 1}`);
  tell(two, "info", "T1");
  tell(two, "info", "other");
  addFold(one, two);
  assert.equal(one.byType.size, MAX_FOLDED_TYPES);
  assert.deepEqual(
    ["T0", "T1", "T2"].map((type) => one.byType.get(type)?.count),
    [1, 3, 2],
  );
  assert.equal(one.otherTypes, 2, "T100 and the other one");
});

test("a type of up to 100 characters is kept whole, a longer one is cut and says so", () => {
  const folded = emptyFold();
  tell(folded, "info", "a".repeat(100));
  tell(folded, "info", "b".repeat(101));
  tell(folded, "info", `${"b".repeat(100)} and more`);
  assert.deepEqual(countsOf(folded), [
    ["a".repeat(100), 1],
    [`${"b".repeat(100)}…`, 2],
  ]);
});

const A = { offset: 0, time: 1, severity: "warning", type: "A", resolved: false, late: false } as const;

test("of each type the last word in offset order is kept, and those that said that something is over are counted", () => {
  const folded = emptyFold();
  fold(folded, A);
  fold(folded, { ...A, offset: 4, time: 5, severity: "info", resolved: true });
  fold(folded, { ...A, offset: 2, time: 3, severity: "critical", type: "B", resolved: true });
  fold(folded, { ...A, offset: 6, time: 7, type: "B" });
  fold(folded, { ...A, offset: 3, time: 4, type: "A" });
  assert.equal(folded.resolved, 2);
  assert.equal(folded.last, 7);
  assert.deepEqual(folded.byType.get("A"), {
    count: 3,
    offset: 4,
    since: undefined,
    worst: "info",
    resolvedAt: 4,
  });
  assert.deepEqual(folded.byType.get("B"), { count: 2, offset: 6, since: 7, worst: "warning", resolvedAt: 2 });
});

test("types that are too many to be told apart fire when one of them did, whatever they said last", () => {
  const full = (): Folded => {
    const folded = emptyFold();
    for (let i = 0; i < MAX_FOLDED_TYPES; i++) tell(folded, "info", `T${i}`);
    return folded;
  };
  const [one, two] = [full(), full()];
  fold(one, { ...A, resolved: true });
  assert.equal(one.othersFiring, undefined);
  fold(one, { ...A, time: 9, severity: "critical" });
  fold(one, { ...A, time: 8, type: "B" });
  fold(one, { ...A, offset: 999, resolved: true });
  assert.deepEqual(one.othersFiring, { since: 8, worst: "critical" });
  addFold(two, one);
  assert.deepEqual(two.othersFiring, { since: 8, worst: "critical" });
  const other = emptyFold();
  fold(other, { ...A, type: "C", time: 5 });
  fold(other, { ...A, type: "D", time: 6, resolved: true });
  const three = full();
  addFold(three, other);
  assert.deepEqual(three.othersFiring, { since: 5, worst: "warning" });
});

const alerts = fc.array(
  fc.record({
    type: fc.constantFrom("A", "B"),
    severity: fc.constantFrom(...SEVERITIES),
    resolved: fc.boolean(),
    late: fc.boolean(),
    window: fc.nat(2),
  }),
  { minLength: 1, maxLength: 20 },
);

test("for any alerts of windows in any order, the last words of their sum are those of a slow reading", () => {
  fc.assert(
    fc.property(alerts, fc.boolean(), (some, mixed) => {
      // Each window after the one before it, or their offsets mixed.
      const told = mixed ? some : [...some].sort((a, b) => a.window - b.window);
      const folds = [emptyFold(), emptyFold(), emptyFold()] as const;
      for (const [index, { window, ...one }] of told.entries())
        fold(folds[window] as Folded, { ...one, offset: index, time: index });
      const sum = emptyFold();
      for (const one of mixed ? folds : [...folds].reverse()) addFold(sum, one);
      assert.equal(sum.resolved, told.filter(({ resolved }) => resolved).length);
      assert.equal(sum.late, told.filter(({ late }) => late).length);
      assert.deepEqual([sum.first, sum.last], [0, told.length - 1]);
      for (const type of ["A", "B"]) {
        const own = told.map((one, index) => ({ ...one, index })).filter((one) => one.type === type);
        const word = sum.byType.get(type);
        assert.equal(word?.offset, own.at(-1)?.index);
        assert.equal(word?.count ?? 0, own.length);
        const run = own.slice(own.findLastIndex(({ resolved }) => resolved) + 1);
        if (own.length === 0 || run.length === 0) assert.equal(word?.since, undefined);
        else if (mixed) assert.notEqual(word?.since, undefined);
        else {
          assert.equal(word?.since, run[0]?.index);
          const worst = Math.max(...run.map(({ severity }) => SEVERITIES.indexOf(severity)));
          assert.equal(word?.worst, SEVERITIES[worst]);
          assert.equal(word?.resolvedAt, own.findLast(({ resolved }) => resolved)?.index);
        }
      }
    }),
  );
});
