import assert from "node:assert/strict";
import { test } from "node:test";
import type { Firing } from "#src/core/fault.js";
import type { MailContents } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import { emptyFold, fold } from "#src/core/window.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { beganAmong, composeDigest, without } from "#src/runtime/compose-digest.js";
import type { ListedAlert } from "#src/runtime/ports.js";
import { foldedAlert } from "#src/runtime/summary.js";

const MINUTE = Date.UTC(2026, 0);

const contentsOf = (...names: readonly (string | undefined)[]): MailContents => ({
  windowStart: eventTime(MINUTE),
  windowEnd: eventTime(MINUTE + 30_000),
  idOffset: 0,
  firstOffset: 0,
  lastOffset: names.length - 1,
  count: names.length,
  full: undefined,
  entries: names.map((deviceName, offset) => ({
    offset,
    eventTime: eventTime(MINUTE + offset),
    late: false,
    counted: false,
    untimed: false,
    bytes: Buffer.from(JSON.stringify({ deviceId: "d", message: `m${offset}`, deviceName })),
  })),
});

const SOURCE = {
  codec: createAlertCodec(),
  topic: "alerts",
  partition: 0,
  deviceId: "d",
  onlyTo: undefined,
  idOffset: 0,
  windowCount: 1,
  beganOf: (): undefined => undefined,
};

const composed = (
  contents: MailContents,
  maxListed = 100,
  beganOf: (type: string, offset: number) => number | undefined = () => undefined,
) => composeDigest(contents, { ...SOURCE, maxListed, beganOf });

test("a mail calls the device by the last name that it gave itself", () => {
  assert.equal(composed(contentsOf("A", "B")).deviceName, "B");
  assert.equal(composed(contentsOf("A", "B", undefined)).deviceName, "B", "an alert without a name takes none away");
  assert.equal(composed(contentsOf(undefined)).deviceName, undefined);
  assert.equal(composed(contentsOf("A", "B"), 1).deviceName, "B", "also of an alert that is only counted");
});

test("what does not fit into the list is counted, and nothing is counted twice", () => {
  const digest = composed(contentsOf("A", "B", "C"), 2);
  assert.deepEqual([digest.listed.map(({ offset }) => offset), digest.folded?.count, digest.count], [[1, 2], 1, 3]);
});

test("several windows in one mail are counted once, also one that had more than a mail lists", () => {
  const parts = contentsOf("A", "B", "C");
  const full = emptyFold();
  for (const offset of [0, 1, 2, 3])
    fold(full, { offset, time: offset, severity: "warning", type: undefined, resolved: false, late: false });
  const entries = parts.entries.map((entry, index) => ({ ...entry, counted: index < 2 }));
  const { listed, folded, all, count } = composed({ ...parts, entries, full, count: 5 }, 2);
  assert.deepEqual([listed.length, folded?.count, all?.count, count], [2, 3, 5, 5]);
  assert.deepEqual(folded?.bySeverity, { info: 0, warning: 3, critical: 0 });
});

test("a mail of 500 alerts with 128 critical ones lists all critical ones, in offset order, and says so of the others", () => {
  const contents = contentsOf(...Array.from({ length: 500 }, () => undefined));
  const entries = contents.entries.map((entry, index) => {
    const severity = index % 4 === 3 && index >= 500 - 4 * 128 ? "critical" : index % 9 === 0 ? "warning" : "info";
    return { ...entry, bytes: Buffer.from(JSON.stringify({ deviceId: "d", message: `m${index}`, severity })) };
  });
  const { listed, folded } = composed({ ...contents, entries }, 200);
  const critical = entries.filter(({ bytes }) => String(bytes).includes("critical")).length;
  assert.equal(listed.filter(({ alert }) => alert.severity === "critical").length, critical);
  assert.deepEqual([listed.length, folded?.count, folded?.bySeverity.critical], [200, 300, 0]);
  assert.deepEqual(
    listed.map(({ offset }) => offset),
    listed.map(({ offset }) => offset).toSorted((a, b) => a - b),
  );
});

test("when the fault of each type began is asked for by its last alert, listed or counted", () => {
  const asked: string[] = [];
  const full = emptyFold();
  for (const [offset, type] of ["A", "B", "A"].entries())
    fold(full, { offset, time: offset, severity: "warning", type, resolved: false, late: false });
  const parts = contentsOf("X", "Y", "Z", "W", "V");
  const { began } = composed({ ...parts, full }, 1, (type, offset) => {
    asked.push(`${type} ${offset}`);
    return type === "A" ? MINUTE : undefined;
  });
  assert.deepEqual(asked.sort(), [" 4", "A 2", "B 1"]);
  assert.deepEqual([...(began ?? [])], [["A", MINUTE]]);
});

test("what else fires is asked for where something is over: how many types, the worst, and since when it is known", () => {
  const says = (status: string) => {
    const { entries, ...contents } = contentsOf("X", "Y");
    const bytes = Buffer.from(JSON.stringify({ deviceId: "d", message: "m", type: "A", status }));
    return { ...contents, entries: entries.map((entry) => ({ ...entry, bytes })) };
  };
  const asked: unknown[] = [];
  const besideOf = (contents: MailContents, ...firing: Firing[]) =>
    composeDigest(contents, {
      ...SOURCE,
      maxListed: 100,
      firingBeside: (...what) => {
        asked.push([[...what[0]], what[1]]);
        return firing;
      },
    }).beside;
  const one = { type: 1, worst: "warning", since: 2_000, last: 0 } as const;
  assert.equal(besideOf(says("firing"), one), undefined);
  assert.deepEqual(asked, []);
  assert.equal(besideOf(says("resolved")), undefined);
  assert.deepEqual(besideOf(says("resolved"), one), { types: 1, worst: "warning", since: 2_000 });
  const worse = { ...one, worst: "critical" } as const;
  assert.deepEqual(besideOf(says("resolved"), one, { ...worse, since: 9_000 }, worse), {
    types: 3,
    worst: "critical",
    since: 2_000,
  });
  assert.equal(besideOf(says("resolved"), worse, { ...worse, since: undefined })?.since, undefined);
  const full = emptyFold();
  for (const [offset, type] of ["B", "C"].entries())
    fold(full, { offset, time: 0, severity: "info", type, resolved: true, late: false }, 1);
  besideOf({ ...contentsOf(), full });
  assert.deepEqual(
    [asked[0], asked.at(-1)],
    [
      [["A"], true],
      [["B"], false],
    ],
  );
});

const alert = (offset: number, type: string, status = "firing"): ListedAlert => {
  const bytes = Buffer.from(JSON.stringify({ deviceId: "d", message: "m", type, status }));
  return { offset, eventTime: eventTime(MINUTE + offset * 1_000), late: false, alert: SOURCE.codec.parse(bytes, "d") };
};

test("what the list leaves is counted by severity and type, and so is how much of it is over", () => {
  const [a, aOver, b, bOver] = [alert(0, "A"), alert(1, "A", "resolved"), alert(2, "B"), alert(3, "B", "resolved")];
  const all = emptyFold();
  for (const each of [a, aOver, b, bOver]) fold(all, foldedAlert(each), 1);
  const { severity } = a.alert;
  const left = (count: number) => ({ count, bySeverity: { ...emptyFold().bySeverity, [severity]: count } });
  const oneOfA = new Map([["A", { count: 1 }]]);
  assert.deepEqual(without(all, [aOver, b]), { ...left(2), byType: oneOfA, otherTypes: 1, resolved: 1 });
  assert.deepEqual(without(all, [a, aOver]), { ...left(2), byType: new Map(), otherTypes: 2, resolved: 1 });
  assert.deepEqual(without(all, [a]), { ...left(3), byType: oneOfA, otherTypes: 2, resolved: 2 });
});

test("a mail has no field for what there is not", () => {
  const optional = ["all", "onlyTo", "repeats", "mayBeNews", "beside", "part", "toldEarly"];
  const fieldsOf = (more: object, contents = contentsOf("A", "B")): string[] => {
    const digest = composeDigest(contents, { ...SOURCE, maxListed: 2, ...more });
    return optional.filter((name) => name in digest);
  };
  assert.deepEqual(fieldsOf({}), []);
  assert.deepEqual(fieldsOf({ onlyTo: ["kim@example.org"], repeats: 1 }), ["onlyTo", "repeats"]);
  const full = emptyFold();
  fold(full, foldedAlert(alert(0, "A", "resolved")));
  assert.deepEqual(fieldsOf({}, { ...contentsOf("A"), full }), ["all"], "nobody knows what else fires");
});

test("what else fires is asked for where one alert of several is over; since when is said of the worst alone", () => {
  const { entries, ...contents } = contentsOf("X", "Y");
  const says = (status: string) => Buffer.from(JSON.stringify({ deviceId: "d", message: "m", type: "A", status }));
  const mixed = entries.map((entry, index) => ({ ...entry, bytes: says(index === 0 ? "firing" : "resolved") }));
  const firing: Firing[] = [
    { type: 1, worst: "warning", since: 2_000, last: 0 },
    { type: 2, worst: "critical", since: 9_000, last: 0 },
  ];
  const source = { ...SOURCE, maxListed: 100, firingBeside: () => firing };
  const { beside } = composeDigest({ ...contents, entries: mixed }, source);
  assert.deepEqual(beside, { types: 2, worst: "critical", since: 9_000 });
});

test("nobody is asked of a type that no alert has", () => {
  assert.deepEqual([...(composed(contentsOf("A"), 1, () => MINUTE).began ?? [])], [["", MINUTE]]);
});

test("of alerts that are all that there were, a fault began with the first of its type", () => {
  const began = beganAmong([alert(0, "A"), alert(1, "B"), alert(2, "A")]);
  assert.deepEqual([...began].sort(), [
    ["A", MINUTE],
    ["B", MINUTE + 1_000],
  ]);
});
