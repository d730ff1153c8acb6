import assert from "node:assert/strict";
import { test } from "node:test";
import type { Severity, Status } from "#src/core/alert.js";
import { deviceHashes, Faults, type News, typeWord } from "#src/core/faults.js";

const START = Date.UTC(2026, 10, 21, 10, 16, 34);
const HOUR = 3_600_000;

interface Told {
  readonly device?: string;
  readonly type?: string;
  readonly severity?: Severity;
  readonly status?: Status;
  readonly occurredAt?: string;
  readonly redrives?: number;
}

/** A partition's faults, told by names. */
class Line {
  readonly faults: Faults;
  offset: number;

  constructor(start: ConstructorParameters<typeof Faults>[1] = { position: 0 }, max?: number) {
    this.faults = new Faults(HOUR, start, max);
    this.offset = start.position;
  }

  /** The next alert, so many seconds after the start. */
  at(seconds: number, told: Told = {}): News {
    const { device = "d", type = "T", severity = "warning", status = "firing", occurredAt, redrives = 0 } = told;
    const alert = { offset: this.offset++, eventTime: START + seconds * 1000, redrives };
    return this.faults.heardOf(Buffer.from(device), { ...alert, says: { severity, status, type, occurredAt } });
  }

  /** In seconds after the start: since when the alert at this offset, by default the last one, says that the type fires. */
  began({ device = "d", type = "T", offset = this.offset - 1 } = {}): number | undefined {
    const { hash, more } = deviceHashes(Buffer.from(device));
    const began = this.faults.began(hash, more, typeWord(type), offset);
    return began === undefined ? undefined : (began - START) / 1000;
  }

  firing(device = "d"): object[] {
    const { hash, more } = deviceHashes(Buffer.from(device));
    return this.faults.firing(hash, more);
  }

  /** Whoever comes after, from the frontier on. */
  next(frontier = this.offset, max?: number): Line {
    return new Line({ position: frontier, faults: this.faults.facts(this.offset, frontier, max) });
  }
}

test("a fault goes on since its first alert, until one resolves it", () => {
  const line = new Line();
  assert.equal(line.at(0), "new");
  assert.equal(line.at(40), "nothing");
  assert.equal(line.began(), 0);
  assert.equal(line.at(60, { status: "resolved" }), "resolved");
  assert.equal(line.began(), 0);
  assert.deepEqual(line.firing(), []);
  assert.equal(line.at(61, { status: "resolved" }), "nothing");
  assert.equal(line.at(70), "new");
  assert.equal(line.began(), 70);
});

test("a device's types, and devices, are apart", () => {
  const line = new Line();
  line.at(0);
  assert.equal(line.at(5, { type: "U", severity: "critical" }), "new");
  assert.equal(line.at(6, { device: "e" }), "new");
  assert.deepEqual(line.firing(), [
    { type: typeWord("T"), worst: "warning", since: START },
    { type: typeWord("U"), worst: "critical", since: START + 5_000 },
  ]);
  assert.equal(line.began({ device: "e" }), 6);
});

test("a worse severity is news, a milder one is not, and a new fault begins with its own", () => {
  const line = new Line();
  line.at(0, { severity: "info" });
  assert.equal(line.at(1, { severity: "critical" }), "worse");
  assert.equal(line.at(2, { severity: "info" }), "nothing");
  assert.equal(line.at(3, { severity: "critical" }), "nothing");
  line.at(4, { status: "resolved" });
  line.at(5, { severity: "info" });
  assert.deepEqual(line.firing(), [{ type: typeWord("T"), worst: "info", since: START + 5_000 }]);
});

test("a silence ends a fault, by event time, and not before it is over", () => {
  const line = new Line();
  line.at(0);
  assert.equal(line.at(3_600), "nothing");
  assert.equal(line.began(), 0);
  assert.equal(line.at(7_201), "new");
  assert.equal(line.began(), 7_201);
  // The window that has the alert before may be mailed later.
  assert.equal(line.began({ offset: 1 }), 0);
});

test("a silent fault fires no more", () => {
  const line = new Line();
  line.at(0);
  line.at(3_601, { device: "e" });
  assert.deepEqual(line.firing(), []);
});

test("it begins when the device saw it, and a late alert moves that, but not over a silence", () => {
  const line = new Line();
  line.at(100, { occurredAt: new Date(START + 90_000).toISOString() });
  assert.equal(line.began(), 90);
  line.at(60);
  assert.equal(line.began(), 60);
  line.at(-3_600);
  assert.equal(line.began(), 60);
});

test("whoever asks for an earlier alert gets the fault that it is part of", () => {
  const line = new Line();
  for (const at of [0, 10, 20]) {
    line.at(at);
    line.at(at + 5, { status: "resolved" });
  }
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((offset) => line.began({ offset })),
    [0, 0, 10, 10, 20, 20],
  );
});

test("of a type that comes and goes few are kept, and of the others nothing is said", () => {
  const line = new Line();
  for (let at = 0; at < 1_000; at += 10) {
    line.at(at);
    line.at(at + 5, { status: "resolved" });
  }
  assert.equal(line.began({ offset: 0 }), undefined);
  assert.equal(line.began(), 990);
  assert.ok(line.faults.count <= 5);
});

test("without a checkpoint in the middle of a log, nothing is said before a silence could have ended it", () => {
  const line = new Line({ position: 7 });
  assert.equal(line.at(0), "new");
  assert.equal(line.began(), undefined);
  line.at(3_000, { type: "U" });
  assert.equal(line.began({ type: "U" }), undefined);
  for (let offset = 0; offset < 40; offset++) line.at(3_001);
  assert.equal(line.began(), undefined);
  line.at(6_700, { type: "V" });
  assert.equal(line.began({ type: "V" }), 6_700);
});

test("without a checkpoint, what was resolved begins with its next alert", () => {
  const line = new Line({ position: 7 });
  line.at(0);
  line.at(1, { status: "resolved" });
  line.at(2);
  assert.equal(line.began(), 2);
});

test("a late first record does not make believe that the log was silent", () => {
  const line = new Line({ position: 7 });
  line.at(-7_200);
  line.at(0, { type: "U" });
  assert.equal(line.began({ type: "U" }), undefined);
});

test("a restart goes on with what the checkpoint knows", () => {
  const line = new Line();
  line.at(0, { severity: "critical" });
  line.at(1, { device: "e" });
  line.at(2, { device: "e", status: "resolved" });
  const next = line.next();
  assert.equal(next.at(50), "nothing");
  assert.equal(next.began(), 0);
  assert.equal(next.at(51, { device: "e" }), "new");
  assert.equal(next.began({ device: "e" }), 51);
  assert.equal(next.at(52, { device: "f" }), "new");
  assert.equal(next.began({ device: "f" }), 52);
});

test("what is read again changes nothing, and its windows say what they said", () => {
  const line = new Line();
  line.at(0);
  line.at(1, { status: "resolved" });
  line.at(2);
  line.at(3, { status: "resolved" });
  line.at(4);
  const next = line.next(1);
  const tells = [next.at(1, { status: "resolved" }), next.at(2), next.at(3, { status: "resolved" }), next.at(4)];
  assert.deepEqual(tells, ["counted", "counted", "counted", "counted"]);
  assert.deepEqual(
    [1, 2, 3, 4].map((offset) => next.began({ offset })),
    [0, 2, 2, 4],
  );
  assert.equal(next.at(5), "nothing");
  assert.equal(next.began(), 4);
});

test("a restart of a restart that has not read as far still knows what the first one had counted", () => {
  const line = new Line();
  line.at(0);
  line.at(10);
  const next = line.next(0);
  next.at(0);
  const last = next.next(0);
  assert.deepEqual([last.at(0), last.at(10)], ["counted", "counted"]);
  last.at(20);
  assert.equal(last.began(), 0);
});

test("facts that end below the position do not count: what was between them was read by nobody", () => {
  const line = new Line();
  line.at(0);
  const next = new Line({ position: 5, faults: line.faults.facts(1, 1) });
  assert.equal(next.at(60), "new");
  assert.equal(next.began(), undefined);
});

test("what has no room in a checkpoint is not known afterwards, and nothing false is said of it", () => {
  const line = new Line();
  line.at(0, { device: "a" });
  line.at(1, { device: "b" });
  line.at(2, { device: "c" });
  const next = line.next(line.offset, 2);
  next.at(10, { device: "a" });
  assert.equal(next.began({ device: "a" }), undefined);
  next.at(11, { device: "b" });
  assert.equal(next.began({ device: "b" }), 1);
  next.at(12, { device: "d" });
  assert.equal(next.began({ device: "d" }), undefined);
  next.at(3_700, { device: "x" });
  assert.equal(next.began({ device: "x" }), 3_700);
});

test("where there are too many, what was heard of the longest ago goes first, and is not known afterwards", () => {
  const line = new Line({ position: 0 }, 2);
  line.at(0, { device: "a" });
  line.at(1, { device: "b" });
  line.at(40, { device: "a" });
  line.at(400, { device: "c" });
  assert.equal(line.faults.count, 2);
  assert.equal(line.began({ device: "a", offset: 2 }), 0);
  line.at(800, { device: "b" });
  assert.equal(line.began({ device: "b" }), undefined);
  line.at(4_800, { device: "e" });
  assert.equal(line.began({ device: "e" }), 4_800);
});

test("where more fire at once than there is room for, those that are known stay, and of the others nothing is said", () => {
  const line = new Line({ position: 0 }, 2);
  for (let at = 0; at < 100; at += 10) for (const device of ["a", "b", "c", "d"]) line.at(at, { device });
  assert.equal(line.began({ device: "a", offset: 36 }), 0);
  assert.equal(line.began({ device: "d" }), undefined);
  line.at(101, { device: "c", status: "resolved" });
  assert.equal(line.at(102, { device: "a", status: "resolved" }), "resolved");
  line.at(103, { device: "c" });
  assert.equal(line.began({ device: "c" }), undefined, "it may fire since long ago");
  line.at(104, { device: "a" });
  assert.equal(line.began({ device: "a" }), undefined, "its place was taken");
});

test("a type that begins anew takes the place of its fault before, where there is no other", () => {
  const line = new Line({ position: 0 }, 2);
  line.at(0, { device: "a" });
  line.at(1, { device: "b" });
  line.at(2, { device: "a", status: "resolved" });
  line.at(3, { device: "a" });
  assert.equal(line.began({ device: "a" }), 3);
  assert.equal(line.faults.count, 2);
});

test("a device with more types than are kept apart says nothing of the others, also after a restart", () => {
  const line = new Line();
  for (let type = 0; type < 64; type++) line.at(type, { type: `T${type}` });
  assert.equal(line.at(64, { type: "X" }), "new");
  assert.equal(line.began({ type: "X" }), undefined);
  assert.equal(line.began({ type: "T0", offset: 0 }), 0);
  line.at(65, { type: "T0", status: "resolved" });
  for (const each of [line.next(), line]) {
    each.at(70, { type: "X" });
    assert.equal(each.began({ type: "X" }), undefined);
    each.at(71, { device: "e" });
    assert.equal(each.began({ device: "e" }), 71);
  }
});

test("what is long silent is forgotten, once no window that waits may ask for it", () => {
  const line = new Line();
  for (let device = 0; device < 100; device++) line.at(0, { device: `d${device}` });
  line.at(7_201);
  assert.equal(line.began({ device: "d5", offset: 5 }), 0);
  line.faults.facts(line.offset, line.offset);
  line.at(7_202);
  assert.equal(line.faults.count, 1);
  line.at(7_202, { device: "d5" });
  assert.equal(line.began({ device: "d5" }), 7_202);
});

test("what comes back from the dead letters is old: it begins and ends nothing", () => {
  const line = new Line();
  assert.equal(line.at(0, { redrives: 1 }), "new");
  assert.equal(line.began(), undefined);
  line.at(1);
  line.at(2, { redrives: 1, status: "resolved" });
  assert.equal(line.at(3), "nothing");
  assert.equal(line.began(), 1);
});

test("a resolve of what is not known is news once", () => {
  const line = new Line();
  assert.equal(line.at(0, { status: "resolved" }), "resolved");
  assert.equal(line.at(1, { status: "resolved" }), "nothing");
});

test("types are told apart as a mail tells them apart", () => {
  assert.equal(typeWord(undefined), typeWord(""));
  assert.equal(typeWord("x".repeat(101)), typeWord(`${"x".repeat(100)}y`));
  assert.notEqual(typeWord("온도"), typeWord("습도"));
});

test("what fired before records that nobody could read may be over: since when is not said, until what begins is new for certain", () => {
  const line = new Line();
  line.at(0);
  line.at(1, { type: "over" });
  line.at(2, { type: "over", status: "resolved" });
  line.offset = 1000;
  line.faults.missed(1000);
  assert.equal(line.next(1000).at(10), "new", "nor by whoever comes after");
  assert.equal(line.at(10), "new", "it may have ended and begun anew");
  assert.equal(line.at(11, { type: "over" }), "new");
  assert.deepEqual([line.began({ offset: 1000 }), line.began({ type: "over" })], [undefined, undefined]);
  for (let second = 12; second < 60; second++) line.at(second);
  line.at(3700, { type: "later" });
  assert.equal(line.began({ type: "later" }), 3700);
});
