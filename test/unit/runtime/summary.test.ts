import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Alert, SEVERITIES } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { emptyFold, fold } from "#src/core/window.js";
import { beganAmong } from "#src/runtime/compose-digest.js";
import type { Digest, FoldedAlerts } from "#src/runtime/ports.js";
import { foldedAlert, summaryOf } from "#src/runtime/summary.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed, START } from "../mail/digest.js";

/** In offset order, a second apart. */
const of = (alerts: readonly Partial<Alert>[], folded?: FoldedAlerts): Digest =>
  digest({
    listed: alerts.map((parts, index) => listed(index, parts)),
    count: alerts.length + (folded?.count ?? 0),
    folded,
  });

const COUNTS = {
  count: 12,
  bySeverity: { info: 2, warning: 9, critical: 1 },
  byType: new Map([["DOOR", 12]]),
  otherTypes: 3,
};
const FOLDED = foldedAlerts(COUNTS);

test("alerts are counted by severity and by type, listed and folded, most first", () => {
  const { count, bySeverity, byType, otherTypes, worst } = summaryOf(
    of([{ type: "TEMP" }, { type: "TEMP", severity: "info" }, {}], FOLDED),
  );
  assert.equal(count, 15);
  assert.deepEqual(bySeverity, { info: 3, warning: 11, critical: 1 });
  assert.deepEqual(
    [...byType],
    [
      ["DOOR", 12],
      ["TEMP", 2],
      ["", 1],
    ],
  );
  assert.equal(otherTypes, 3);
  assert.equal(worst, "critical");
});

test("first and last are when the devices saw it, not when it came", () => {
  const { first, last } = summaryOf(
    of([{ occurredAt: "2026-11-21T00:00:09Z" }, { occurredAt: "2026-11-20T23:59:00Z" }, { occurredAt: "never" }]),
  );
  assert.equal(first, START - 60_000);
  assert.equal(last, START + 9_000);
});

test("it goes on while the last word on any type is that it fires", () => {
  const on = { type: "A" };
  const off = { type: "A", status: "resolved" } as const;
  assert.equal(summaryOf(of([on])).state, "firing");
  assert.equal(summaryOf(of([on, off])).state, "resolved");
  assert.equal(summaryOf(of([off, on])).state, "firing");
  assert.equal(summaryOf(of([on, { type: "B" }, off])).state, "firing");
});

/** A listed one for each but the last ones, which are folded. */
const ending = (alerts: readonly Partial<Alert>[], unlisted: number): Digest => {
  const all = alerts.map((parts, index) => listed(index, parts));
  const folded = emptyFold();
  for (const one of all.slice(all.length - unlisted)) fold(folded, foldedAlert(one));
  const began = beganAmong(all);
  return digest({ listed: all.slice(0, all.length - unlisted), count: all.length, folded, began });
};

test("late ones are counted, listed or not", () => {
  const folded = emptyFold();
  for (const late of [true, false, true]) fold(folded, foldedAlert({ ...listed(5), late }));
  const all = digest({ listed: [{ ...listed(1), late: true }, listed(2)], count: 5, folded });
  assert.equal(summaryOf(all).late, 3);
  assert.equal(summaryOf(digest({ listed: [], count: 3, folded })).late, 2);
});

test("what is not listed comes after what is: it says how it ended, and how many said that something is over", () => {
  const on = { type: "A", severity: "critical", message: "hot" } as const;
  const off = { type: "A", severity: "info", status: "resolved", message: "fine" } as const;
  const over = summaryOf(ending([on, on, off, off], 2));
  assert.deepEqual([over.state, over.resolved], ["resolved", 2]);
  assert.deepEqual([over.severity, over.last], ["critical", START + 3_000]);
  const again = summaryOf(ending([on, off, off, on], 2));
  assert.deepEqual([again.state, again.resolved], ["firing", 2]);
  assert.deepEqual([again.severity, again.since, again.headline?.message], ["critical", START + 3_000, "hot"]);
  const other = summaryOf(ending([on, off, { type: "B" }], 1));
  assert.deepEqual([other.state, other.headline?.message, other.headline?.type], ["firing", "B", "B"]);
  assert.equal(summaryOf(ending([on, off], 2)).state, "resolved");
});

test("of types that are as bad, rather one whose message is listed is the headline", () => {
  const { headline } = summaryOf(ending([{ type: "A", message: "hot" }, { type: "A" }, { type: "B" }], 2));
  assert.equal(headline?.message, "hot");
});

test("a type longer than is counted is the same type listed and folded", () => {
  const type = "x".repeat(300);
  const { state, byType } = summaryOf(ending([{ type }, { type, status: "resolved" }], 1));
  assert.deepEqual([state, [...byType.values()]], ["resolved", [2]]);
});

test("alerts of types too many to be told apart are not said to be over", () => {
  const folded = foldedAlerts({ ...COUNTS, byType: new Map() });
  const { state, severity, headline } = summaryOf(of([{ status: "resolved" }], folded));
  assert.deepEqual([state, severity, headline?.message], ["firing", "critical", ""]);
});

test("the headline is the worst of what still fires, not of what was resolved", () => {
  const { headline, severity, since, worst } = summaryOf(
    of([
      { type: "A", severity: "critical", message: "over" },
      { type: "B", message: "first" },
      { type: "A", severity: "info", status: "resolved", message: "back" },
      { type: "B", message: "again" },
      { type: "C", severity: "info", message: "small" },
    ]),
  );
  assert.equal(headline?.message, "again");
  assert.equal(since, START + 1_000);
  assert.equal(severity, "warning");
  assert.equal(worst, "critical");
});

test("since when counts from the first alert after the last time it was resolved", () => {
  const resolved = { type: "A", status: "resolved" } as const;
  assert.equal(summaryOf(of([{ type: "A" }, resolved, { type: "A" }, { type: "A" }])).since, START + 2_000);
});

test("where all was resolved, it was as bad as its worst alert, and the headline is the last one", () => {
  const { headline, severity, since } = summaryOf(
    of([{ severity: "critical" }, { severity: "info", status: "resolved", message: "back to normal" }]),
  );
  assert.equal(headline?.message, "back to normal");
  assert.equal(severity, "critical");
  assert.equal(since, START);
});

test("what is not listed counts in how bad it is", () => {
  assert.equal(summaryOf(of([{ severity: "info" }], FOLDED)).severity, "critical");
});

test("the worst value is the farthest from its threshold among the firing alerts of the worst severity", () => {
  const { extreme } = summaryOf(
    of([
      { value: 90, threshold: 30 },
      { value: 36, threshold: 35, severity: "critical", message: "hot" },
      { value: 35.5, threshold: 35, severity: "critical" },
      { value: 1, threshold: 35, severity: "critical", status: "resolved" },
      { value: 99, severity: "critical" },
    ]),
  );
  assert.equal(extreme?.message, "hot");
  assert.equal(summaryOf(of([{ value: 1 }])).extreme, undefined);
  assert.equal(summaryOf(of([{ value: -25, threshold: -18 }])).extreme?.value, -25);
  assert.equal(summaryOf(of([{ value: 0, threshold: 0 }])).extreme?.value, 0);
});

test("for any alerts the counts agree, and what fires is what a slow reading finds", () => {
  const alert = fc.record({
    type: fc.constantFrom("A", "B", ""),
    severity: fc.constantFrom(...SEVERITIES),
    status: fc.constantFrom("firing" as const, "resolved" as const),
  });
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1, maxLength: 12 }), (alerts) => {
      const summary = summaryOf(of(alerts));
      const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, one) => total + one, 0);
      assert.equal(sum(Object.values(summary.bySeverity)), alerts.length);
      assert.equal(sum(summary.byType.values()), alerts.length);
      const open = ["A", "B", ""].filter((type) => alerts.findLast((one) => one.type === type)?.status === "firing");
      assert.equal(summary.state, open.length > 0 ? "firing" : "resolved");
      if (open.length === 0) return;
      assert.ok(open.includes(summary.headline?.type ?? ""));
      const sinceResolved = open.flatMap((type) => {
        const own = alerts.map((one, index) => ({ ...one, index })).filter((one) => one.type === type);
        return own.slice(own.findLastIndex(({ status }) => status === "resolved") + 1);
      });
      const worst = Math.max(...sinceResolved.map(({ severity }) => SEVERITIES.indexOf(severity)));
      assert.equal(summary.severity, SEVERITIES[worst]);
      const first = sinceResolved.find(({ type }) => type === summary.headline?.type);
      assert.equal(summary.since, START + (first?.index ?? -1) * 1_000);
    }),
  );
});

test("for any alerts, however many are not listed, the state, how bad it is and the counts are those of a list of all", () => {
  const alert = fc.record({
    type: fc.constantFrom("A", "B", ""),
    severity: fc.constantFrom(...SEVERITIES),
    status: fc.constantFrom("firing" as const, "resolved" as const),
  });
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1, maxLength: 12 }), fc.nat(11), (alerts, some) => {
      const few = summaryOf(ending(alerts, Math.min(some, alerts.length - 1)));
      const all = summaryOf(of(alerts));
      for (const name of ["state", "severity", "worst", "bySeverity", "resolved", "last"] as const)
        assert.deepEqual(few[name], all[name], name);
      assert.deepEqual(Object.fromEntries(few.byType), Object.fromEntries(all.byType));
      if (few.headline?.type === all.headline?.type || all.state === "resolved") assert.equal(few.since, all.since);
    }),
  );
});

test("since when a type fires is what is known of it, not what this mail has", () => {
  const began = new Map([
    ["A", START - 3_600_000],
    ["B", START + 1_000],
  ]);
  const of = (alerts: readonly Partial<Alert>[]): Digest =>
    digest({ listed: alerts.map((parts, index) => listed(index, parts)), began });
  const sinceOf = (alerts: readonly Partial<Alert>[]): readonly [number, boolean] => {
    const { since, sinceKnown } = summaryOf(of(alerts));
    return [since - START, sinceKnown];
  };
  const over = { status: "resolved" } as const;
  assert.deepEqual(sinceOf([{ type: "A" }]), [-3_600_000, true]);
  assert.deepEqual(
    sinceOf([{ type: "A", severity: "info" }, { type: "C" }]),
    [1_000, false],
    "the worst type is not known",
  );
  assert.deepEqual(sinceOf([{ type: "A", ...over }]), [-3_600_000, true]);
  assert.deepEqual(
    sinceOf([
      { type: "B", ...over },
      { type: "A", ...over },
    ]),
    [-3_600_000, true],
  );
  assert.deepEqual(
    sinceOf([
      { type: "A", ...over },
      { type: "C", ...over },
    ]),
    [0, false],
    "one of them may have begun before",
  );
});

test("what is known to the second is said as the alert has it", () => {
  const one = { ...listed(0, { type: "A" }), eventTime: eventTime(START + 1_234) };
  assert.equal(summaryOf(digest({ listed: [one], began: new Map([["A", START + 1_000]]) })).since, START + 1_234);
});

test("of types that are too many to be told apart, when they began is not known", () => {
  const folded = foldedAlerts({ ...COUNTS, byType: new Map(), otherTypes: 12 });
  assert.equal(summaryOf(digest({ listed: [], count: 12, folded, began: new Map([["", START]]) })).sinceKnown, false);
});
