import assert from "node:assert/strict";
import { test } from "node:test";
import type { Severity, Status } from "#src/core/alert.js";
import { deviceHashes, Faults, type News, typeWord } from "#src/core/faults.js";
import { written } from "#test/support/written.js";

const START = Date.UTC(2026, 10, 21, 10, 16, 34);
const HOUR = 3_600_000;

interface Told {
  readonly device?: string;
  readonly type?: string;
  readonly severity?: Severity;
  readonly status?: Status;
  readonly occurredAt?: string;
  readonly redrives?: number;
  readonly isMuted?: boolean;
}

/** A partition's faults, told by names. */
class Line {
  readonly faults: Faults;
  offset: number;
  #time = Number.NEGATIVE_INFINITY;

  constructor(start: ConstructorParameters<typeof Faults>[1] = { position: 0 }, max?: number) {
    this.faults = new Faults(HOUR, start, max);
    this.offset = start.position;
  }

  /** The next alert, so many seconds after the start. */
  at(seconds: number, told: Told = {}): News {
    const {
      device = "d",
      type = "T",
      severity = "warning",
      status = "firing",
      occurredAt,
      redrives = 0,
      isMuted = false,
    } = told;
    this.#time = Math.max(this.#time, seconds);
    const alert = { offset: this.offset++, eventTime: START + seconds * 1000, redrives, isMuted };
    return this.faults.heardOf(written(device), { ...alert, says: { severity, status, type, occurredAt } });
  }

  /** In seconds after the start: since when the alert at this offset, by default the last one, says that the type fires. */
  began({ device = "d", type = "T", offset = this.offset - 1 } = {}): number | undefined {
    const { hash, more } = deviceHashes(Buffer.from(device));
    const began = this.faults.began(hash, more, typeWord(type), offset);
    return began === undefined ? undefined : (began - START) / 1000;
  }

  /** `type since`, in seconds after the start, and how bad: what fires once the alert at `offset`, by default the last one, was read at `seconds`. */
  firing(seconds: number, offset = this.offset - 1, device = "d"): string[] {
    const { hash, more } = deviceHashes(Buffer.from(device));
    const firing = this.faults.firing(hash, more, offset, START + seconds * 1000);
    return firing.map(({ type, worst, since = Number.NaN }) => {
      const name = ["T", "U", "V"].find((one) => typeWord(one) === type);
      return `${name} ${(since - START) / 1000} ${worst}`;
    });
  }

  /** The types that fire once all was read. */
  types(device = "d"): number[] {
    const { hash, more } = deviceHashes(Buffer.from(device));
    return this.faults.firing(hash, more, this.offset, START + this.#time * 1000).map(({ type }) => type);
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
  assert.deepEqual(line.firing(60), []);
  assert.deepEqual(line.firing(60, 1), ["T 0 warning"], "before it was resolved");
  assert.equal(line.at(61, { status: "resolved" }), "nothing");
  assert.equal(line.at(70), "new");
  assert.equal(line.began(), 70);
});

test("a device's types, and devices, are apart", () => {
  const line = new Line();
  line.at(0);
  assert.equal(line.at(5, { type: "U", severity: "critical" }), "new");
  assert.equal(line.at(6, { device: "e" }), "new");
  assert.deepEqual(line.firing(6), ["T 0 warning", "U 5 critical"]);
  assert.deepEqual(line.firing(6, 0), ["T 0 warning"], "what began later did not fire then");
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
  assert.deepEqual(line.firing(5), ["T 5 info"]);
});

test("what is muted tells nobody anything: it is news when it is mailed of first", () => {
  const line = new Line();
  line.at(0, { isMuted: true });
  line.at(1, { isMuted: true });
  assert.equal(line.at(2), "new");
  line.at(3, { severity: "critical", isMuted: true });
  assert.equal(line.at(4, { severity: "critical" }), "worse");
  line.at(5, { status: "resolved", isMuted: true });
  line.at(6, { status: "resolved", isMuted: true });
  assert.equal(line.at(7, { status: "resolved" }), "resolved");
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
  assert.deepEqual(line.firing(3_600), ["T 0 warning"]);
  assert.deepEqual(line.firing(3_601), []);
});

test("what was resolved once more since was over before; what began anew after a silence fired until then", () => {
  const line = new Line();
  line.at(0);
  line.at(10, { status: "resolved" });
  line.at(11, { type: "U" });
  line.at(12, { status: "resolved" });
  for (const one of [line, line.next(1)]) assert.deepEqual(one.firing(11, 2), ["U 11 warning"]);
  assert.deepEqual(line.firing(9, 0), ["T 0 warning"]);
  assert.deepEqual(line.next(0).firing(9, 0), [], "a restart does not know which alert ended it");
  line.at(13, { type: "V" });
  line.at(8_000);
  line.at(8_000, { type: "U" });
  assert.deepEqual(line.firing(14, 4), ["U 11 warning", "V 13 warning"], "U had not fallen silent");
  assert.deepEqual(line.firing(8_000), ["T 8000 warning", "U 8000 warning"]);
});

test("what only muted alerts tell of fires for nobody", () => {
  const line = new Line();
  line.at(0, { isMuted: true });
  assert.deepEqual(line.firing(0), []);
  line.at(1);
  assert.deepEqual(line.firing(1), ["T 0 warning"]);
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

test("of alerts that come in order the first one says since when, whatever the clock of a later one says", () => {
  const line = new Line();
  line.at(100);
  for (const at of [100, 101]) {
    line.at(at, { occurredAt: new Date(START + 40_000).toISOString() });
    assert.equal(line.began(), 100);
  }
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
  assert.equal(line.faults.count, 4);
});

test("of the types that a device has besides, none is forgotten for one that comes and goes", () => {
  const line = new Line();
  line.at(0, { type: "A" });
  for (let at = 0; at < 5; at++) {
    line.at(at, { type: `over ${at}` });
    line.at(at, { type: `over ${at}`, status: "resolved" });
  }
  line.at(10, { type: "B" });
  for (let at = 0; at < 5; at++) assert.equal(line.began({ type: `over ${at}`, offset: 1 + 2 * at }), at);
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

test("without a checkpoint, a gap where the log begins does not keep it from learning", () => {
  const line = new Line({ position: 7 });
  line.offset = 1000;
  line.at(0);
  assert.notEqual(line.faults.facts(line.offset, line.offset), undefined);
  line.at(3_600, { type: "U" });
  assert.equal(line.began({ type: "U" }), undefined, "it may have been heard of just before");
  line.at(3_601, { type: "V" });
  assert.equal(line.began({ type: "V" }), 3_601);
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

test("a checkpoint says nothing more of what was over, or fell silent, before its position", () => {
  const line = new Line();
  line.at(0);
  line.at(1, { type: "U" });
  line.at(2, { type: "U", status: "resolved" });
  const next = line.next();
  next.at(3_601);
  const [device, ...others] = next.faults.facts(next.offset, 3)?.devices ?? assert.fail("nothing is known");
  assert.deepEqual(others, []);
  assert.deepEqual(
    device?.faults.map(({ from, to }) => [from, to]),
    [[3, undefined]],
  );
});

test("a checkpoint names first what was heard of the longest ago, of devices and of a device's types", () => {
  const line = new Line();
  for (const device of ["a", "b", "a"]) for (const type of ["T", "U"]) line.at(line.offset * 60, { device, type });
  const { devices } = line.faults.facts(line.offset, 0) ?? assert.fail("nothing is known");
  assert.deepEqual(
    devices.map(({ hash, faults }) => [hash, ...faults.map(({ type }) => type)]),
    ["b", "a"].map((id) => [deviceHashes(Buffer.from(id)).hash, typeWord("T"), typeWord("U")]),
  );
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
  line.at(30, { device: "a" });
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
  assert.equal(line.at(101, { device: "c", status: "resolved" }), "resolved");
  assert.equal(line.at(102, { device: "a", status: "resolved" }), "resolved");
  line.at(103, { device: "c" });
  assert.equal(line.began({ device: "c" }), undefined, "it may fire since long ago");
  line.at(104, { device: "a" });
  assert.equal(line.began({ device: "a" }), undefined, "its place was taken");
});

test("what was heard of within five minutes gives its place to no other", () => {
  const line = new Line({ position: 0 }, 2);
  line.at(0, { device: "a" });
  line.at(1, { device: "b" });
  line.at(300, { device: "c" });
  assert.deepEqual([line.types("a").length, line.types("c").length], [1, 0]);
  line.at(301, { device: "c" });
  assert.deepEqual([line.types("a").length, line.types("c").length], [0, 1]);
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
  assert.equal(line.next().at(66, { type: "T0", status: "resolved" }), "nothing", "that it is over is known");
  for (const each of [line.next(), line]) {
    each.at(70, { type: "X" });
    assert.equal(each.began({ type: "X" }), undefined);
    each.at(71, { device: "e" });
    assert.equal(each.began({ device: "e" }), 71);
  }
});

test("where a device has as many types as are kept apart, a new one takes the place of one that is over, or silent", () => {
  for (const leave of [
    (line: Line) => line.at(3_602, { type: "T7", status: "resolved" }),
    (line: Line) => line.at(3_602, { type: "T6" }),
  ]) {
    const line = new Line();
    line.at(1, { type: "T7" });
    line.at(2, { type: "T6" });
    for (let type = 0; type < 64; type++) if (type !== 6 && type !== 7) line.at(100, { type: `T${type}` });
    leave(line);
    line.at(3_603, { type: "X" });
    assert.equal(line.faults.count, 64);
    const types = line.types();
    assert.ok(types.includes(typeWord("X")));
    for (let type = 8; type < 64; type++) assert.ok(types.includes(typeWord(`T${type}`)), `T${type}`);
  }
});

test("of a type that a device has no room for, each resolve is news, and nothing is kept", () => {
  const line = new Line();
  for (let type = 0; type < 64; type++) line.at(type, { type: `T${type}` });
  for (const at of [64, 65]) assert.equal(line.at(at, { type: "X", status: "resolved" }), "resolved");
  assert.equal(line.at(66, { type: "X" }), "new");
  assert.deepEqual([line.faults.count, line.types().length], [64, 64]);
});

test("once a device is forgotten that had more types than are kept apart, nothing is said of those that had no room before a silence could have ended them", () => {
  const line = new Line({ position: 0 }, 65);
  for (let type = 0; type < 64; type++) line.at(0, { type: `T${type}` });
  line.at(399, { type: "X" });
  for (let device = 0; device < 65; device++) line.at(400, { device: `e${device}` });
  assert.deepEqual(line.types(), [], "others took all its places");
  line.at(401, { device: "e0", status: "resolved" });
  line.at(3_700, { type: "X" });
  assert.equal(line.began({ type: "X" }), undefined);
});

test("what is silent twice as long as ends it is kept, since a late alert may be a part of it, and no longer", () => {
  const line = new Line();
  line.at(0);
  line.at(0, { type: "waits" });
  line.faults.facts(line.offset, 1);
  line.at(7_200, { device: "e" });
  assert.equal(line.faults.count, 3);
  line.at(7_201, { device: "e" });
  assert.deepEqual(
    [line.faults.count, line.began({ offset: 0 }), line.began({ type: "waits", offset: 1 })],
    [2, undefined, 0],
  );
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
  line.at(4, { status: "resolved" });
  line.at(5, { redrives: 1 });
  assert.equal(line.began(), undefined, "it is no part of what is over");
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

test("what could not be read may have told of a silence that nobody heard: what comes soon after it is not new for certain", () => {
  const line = new Line();
  line.at(0);
  line.offset = 1000;
  line.faults.missed(1000);
  line.at(0);
  line.at(3_601, { type: "U" });
  assert.equal(line.began({ type: "U" }), undefined);
});

test("a silence before a late alert's successor is none where a checkpoint had no room for what was heard in between", () => {
  const line = new Line();
  line.at(0);
  const next = line.next(line.offset, 0);
  next.at(-3_000);
  next.at(700);
  assert.equal(next.began(), undefined, "the alert at 0 was one of the same fault");
  next.at(4_301);
  assert.equal(next.began(), 4_301, "an hour after everything that may have been");
});
