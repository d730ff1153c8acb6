import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionOptions, PartitionStart, PendingMail } from "#src/core/partition.js";
import { mergePending } from "#src/core/pending-mail.js";
import { PartitionSteps } from "#test/support/partition-steps.js";
import { written } from "#test/support/written.js";

const MINUTE = 60_000;
const INTERVALS = [5 * MINUTE, 15 * MINUTE, 60 * MINUTE];
type Told = Parameters<PartitionSteps["alert"]>[2];

/** A partition whose mails are accepted as soon as they leave, and whose clock is looked at before each alert. */
class Repeating extends PartitionSteps {
  /** How many alerts each mail counts. */
  readonly counts: number[] = [];

  constructor(options: Partial<PartitionOptions> = {}, start: Partial<PartitionStart> = {}) {
    super({ repeatIntervalsMs: INTERVALS, ...options }, start);
  }

  accept(seconds: number): this {
    while (this.counts.length < this.mails.length) {
      const mail = this.mails[this.counts.length] as (typeof this.mails)[0];
      this.counts.push(this.core.mails.contents(mail).count);
      this.settle(mail, seconds);
    }
    return this;
  }

  at(seconds: number): this {
    return this.knownEnd(seconds).accept(seconds);
  }

  says(seconds: number, told: Told = {}, device = "a"): this {
    return this.at(seconds).alert(device, seconds, told).accept(seconds);
  }

  /** An alert every `everyS` seconds. */
  fires(from: number, to: number, everyS = 10, told: Told = { type: "A" }, device = "a"): this {
    for (let at = from; at < to; at += everyS) this.says(at, told, device);
    return this;
  }

  /** From when to when each mail is. */
  get spans(): string[] {
    return this.log.map((line) => line.slice(0, line.indexOf(":")));
  }

  get held(): number {
    return this.core.read.windowsHeld;
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

test("a device that fires for six hours, an alert every 2 s, is 9 mails instead of 720, and each alert is counted in one", () => {
  const hours = 6 * 3600;
  const often = new Repeating({ repeatIntervalsMs: undefined }).fires(0, hours, 2).at(hours + 100);
  const seldom = new Repeating().fires(0, hours, 2).at(hours + 3600);
  assert.deepEqual([often.mails.length, seldom.mails.length], [720, 9]);
  assert.deepEqual([sum(often.counts), sum(seldom.counts)], [10_800, 10_800]);
  assert.deepEqual(seldom.spans, [
    "a 0-30",
    "a 30-330",
    "a 330-1230",
    "a 1230-4830",
    "a 4830-8430",
    "a 8430-12030",
    "a 12030-15630",
    "a 15630-19230",
    "a 19230-21600",
  ]);
  const { frontier, read } = seldom.core;
  assert.deepEqual([frontier, read.windowsPending, read.windowsHeld, read.bufferedAlerts], [10_800, 0, 0, 0]);
});

test("what a held device has in memory is at most what two mails list, however long it fires, and all of it is counted", () => {
  const steps = new Repeating({ maxListed: 20 }).fires(0, 1300, 2);
  let most = 0;
  for (let at = 1300; at < 4800; at += 2) {
    steps.says(at, { type: "A" });
    most = Math.max(most, steps.core.read.bufferedAlerts);
  }
  assert.ok(most <= 3 * 20, `${most} alerts in memory`);
  assert.equal(steps.mails.length, 3);
  steps.says(4800, { type: "B", severity: "critical" }).at(4835);
  assert.equal(sum(steps.counts), 2401);
});

test("what is folded of held windows lists the worst, and counts each severity and type", () => {
  const steps = new Repeating({ maxListed: 3 }).fires(0, 60, 10, { severity: "critical", type: "A" });
  steps.fires(60, 90, 10, { severity: "critical", type: "A" }).fires(90, 180, 5, { severity: "info", type: "A" });
  assert.equal(steps.held, 4);
  steps.at(181).letGo();
  const { entries, full, count } = steps.core.mails.contents(steps.mails.at(-1) as (typeof steps.mails)[0]);
  assert.equal(count, 6 + 12);
  const critical = entries.filter(({ offset }) => offset >= 3 && offset < 9).length;
  assert.equal(critical, 3, "as many of the critical ones as a mail lists");
  assert.ok(entries.length <= 2 * 3);
  assert.ok(entries.every(({ counted, untimed }) => counted && untimed));
  assert.deepEqual(full?.bySeverity, { info: 12, warning: 0, critical: 6 });
  assert.equal(full?.byType.get("A")?.count, 18);
});

test("a new type, a worse severity and the end of a fault leave at once, with what was held", () => {
  for (const news of [{ type: "B" }, { type: "A", severity: "critical" }, { type: "A", resolved: true }] as const) {
    const steps = new Repeating().fires(0, 120);
    assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 2]);
    steps.says(125, news).at(152);
    assert.deepEqual(steps.spans.slice(1), ["a 30-150"], JSON.stringify(news));
    assert.equal(steps.held, 0);
    assert.deepEqual(
      steps.closed.map(({ untimed }) => untimed),
      [false, true, true, true, false],
    );
  }
});

test("an urgent alert leaves before its window ends, with what was held, and is never held itself", () => {
  const steps = new Repeating().fires(0, 125).says(125, { type: "A", urgent: true });
  assert.deepEqual(steps.spans, ["a 0-30", "a 30-150 early"], "no older window is open by then");
  steps.fires(130, 150).says(151, { type: "A", urgent: true });
  assert.equal(steps.spans.length, 2, "what followed in the same window is open still");
  steps.at(152);
  assert.deepEqual(
    steps.spans.slice(2),
    ["a 120-180 early"],
    "the early mail of the next one, with the rest of the one before",
  );
});

test("what was resolved already, or fires less badly, tells nothing new", () => {
  const steps = new Repeating().fires(0, 30, 10, { type: "A", severity: "critical" }).fires(30, 90, 10, { type: "A" });
  steps.at(92);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 2]);
  steps.says(95, { type: "A", resolved: true }).at(122);
  assert.deepEqual(steps.spans.slice(1), ["a 30-120"]);
  steps.fires(125, 200, 10, { type: "A", resolved: true }).at(212);
  assert.deepEqual([steps.spans.length, steps.held], [2, 3]);
});

test("a device that falls silent is told of when its time has come, and one that fires again later, at once", () => {
  const steps = new Repeating().fires(0, 60).at(331);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 1]);
  steps.at(332);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "a 30-60"], 0]);
  steps.says(2000, { type: "A" }).at(2100);
  assert.deepEqual(steps.spans.slice(2), ["a 1980-2010"]);
  assert.equal(steps.closed.at(-1)?.untimed, true);
});

test("other devices are other faults", () => {
  const steps = new Repeating().fires(0, 90, 10, { type: "A" }, "a").says(95, { type: "A" }, "b").at(122);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "b 90-120"], 2]);
});

test("held windows have no age and are not under way; the frontier stands at the oldest of them", () => {
  const steps = new Repeating().fires(0, 120).at(152);
  const { read } = steps.core;
  assert.deepEqual([read.oldestUnsettledEventTime, read.oldestPendingWindowEnd], [undefined, undefined]);
  assert.deepEqual([read.windowsPending, read.windowsDue, read.pendingAlerts, read.bufferedAlerts], [3, 0, 0, 9]);
  assert.equal(steps.core.frontier, 3);
  steps.knownEnd(400);
  assert.deepEqual([read.oldestUnsettledEventTime, read.oldestPendingWindowEnd], [330_000, 330_000], "let go at 330 s");
  assert.deepEqual([read.windowsDue, read.pendingAlerts], [3, 9]);
  steps.accept(400);
  assert.deepEqual([read.oldestUnsettledEventTime, read.oldestPendingWindowEnd], [undefined, undefined]);
});

test("while a mail is under way the next windows are held or wait as their time says, and wait with an age once it has come", () => {
  const steps = new Repeating().alert("a", 1).alert("a", 31).alert("a", 61).knownEnd(92);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 2]);
  steps.knownEnd(400);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 0]);
  steps.settle(steps.mails[0], 400);
  assert.deepEqual(steps.spans, ["a 0-30", "a 30-90"]);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 330_000);
  steps.pass(steps.mails[1], 400);
  assert.equal(steps.core.read.oldestPendingWindowEnd, undefined);
  steps.settle(steps.mails[1], 400);
  assert.equal(steps.core.frontier, 3);
});

test("what waits behind an early mail, whose window is not over, has an age as well", () => {
  const steps = new Repeating().urgent("a", 31).alert("a", 29, { severity: "info" }).knownEnd(33);
  assert.deepEqual([steps.spans, steps.held], [["a 30-60 early"], 1]);
  steps.letGo();
  assert.equal(steps.core.read.oldestPendingWindowEnd, 31_000);
  steps.settle(steps.mails[0], 33).settle(steps.mails[1], 33);
  assert.equal(steps.core.read.oldestPendingWindowEnd, undefined);
});

test("without room those that were held for longest leave before their time, and their intervals go on", () => {
  const steps = new Repeating().fires(0, 90, 10, { type: "A" }, "a").fires(95, 180, 10, { type: "A" }, "b").at(182);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "b 90-120"], 4]);
  steps.letGo(6).accept(182);
  assert.deepEqual([steps.spans.slice(2), steps.held], [["a 30-90"], 2]);
  steps.letGo(Number.POSITIVE_INFINITY).accept(182);
  assert.deepEqual([steps.spans.slice(3), steps.held], [["b 120-180"], 0]);
  // From when it left on, and the same interval as before.
  steps.says(185, { type: "A" }).at(479);
  assert.deepEqual([steps.spans.length, steps.held], [4, 1]);
  steps.at(482);
  assert.deepEqual(steps.spans.slice(4), ["a 180-210"]);
});

test("where a restart would have to read too many records again, what is held leaves", () => {
  const steps = new Repeating().fires(0, 60).at(62);
  assert.equal(steps.held, 1);
  steps.gap(500_003).at(65);
  assert.equal(steps.held, 1, "as many as may be");
  steps.gap(500_004).at(66);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "a 30-60"], 0]);
});

test("what is held stays so where it is something else that a restart would have to read much for", () => {
  const steps = new Repeating().fires(0, 30, 10, { type: "A" }, "stuck").at(30).knownEnd(32);
  assert.equal(steps.mails.length, 1, "under way, and it stays so");
  steps.gap(600_000).alert("a", 40).alert("a", 70).knownEnd(92).settle(steps.mails[1], 92).alert("a", 95).knownEnd(122);
  assert.deepEqual([steps.core.frontier, steps.held, steps.spans.slice(1)], [0, 2, ["a 30-60"]]);
  steps.gap(600_001 + 500_000).knownEnd(123);
  assert.equal(steps.held, 2, "as many as may be");
  steps.gap(600_001 + 500_001).knownEnd(123);
  assert.equal(steps.held, 0);
});

test("of what a route mutes nobody is told: the first alert like it that is mailed is news, and so is what follows a mail that nobody has", () => {
  const muted = (steps: Repeating, at: number): Repeating => {
    const device = written("a");
    const says = { severity: "warning", status: "firing", type: "B" } as const;
    steps.core.step({
      kind: "muted",
      offset: steps.core.position,
      eventTime: (at * 1000) as never,
      hold: undefined,
      device,
      says,
    });
    return steps;
  };
  const steps = muted(new Repeating().fires(0, 60), 61).fires(65, 90).says(91, { type: "B" }).at(122);
  assert.deepEqual(steps.spans, ["a 0-30", "a 30-120"]);

  const lost = new Repeating().says(1).knownEnd(32);
  lost.giveUp(lost.mails[0], 40).alert("a", 41).knownEnd(62);
  assert.deepEqual(lost.spans, ["a 0-30", "a 30-60"]);
});

test("where nobody got a device's mail, what was held meanwhile leaves at once, and is no repeat of anything that somebody knows", () => {
  const steps = new Repeating().alert("a", 1).alert("a", 31).alert("a", 61).knownEnd(92);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 2]);
  steps.giveUp(steps.mails[0], 100);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "a 30-90"], 0]);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 90_000, "it waits since then");
  steps.giveUp(steps.mails[1], 110).alert("a", 111).knownEnd(122).settle(steps.mails[2], 130);
  steps.alert("a", 131).knownEnd(152).knownEnd(422);
  assert.deepEqual([steps.spans.slice(2), steps.core.read.windowsHeld], [["a 90-120", "a 120-150"], 0]);
  assert.deepEqual(
    steps.mails.map(({ isFollowUp }) => isFollowUp),
    [false, false, false, true],
  );
});

test("what is held of another device stays so, and so does what some have", () => {
  const steps = new Repeating().alert("a", 1).alert("b", 1).alert("b", 31).knownEnd(62);
  steps.giveUp(steps.mails[0], 62);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "b 0-30"], 1]);
});

test("a restart finds what was held, and sends it as one mail: nothing again, and its Message-ID is that of the mail that was under way", () => {
  const before = new Repeating().fires(0, 300).at(302);
  assert.deepEqual([before.spans, before.held], [["a 0-30"], 9]);
  const started = before.core.checkpoint();
  assert.equal(started.position, 3);
  before.knownEnd(400);
  const underWay = before.core.mails.contents(before.mails[1] as (typeof before.mails)[0]);
  assert.equal(before.mails[1]?.commitFirst, true);
  for (const checkpoint of [started, before.core.checkpoint()]) {
    const after = new Repeating({}, checkpoint);
    for (let at = 30; at < 300; at += 10) after.alert("a", at, { type: "A" });
    after.gap(30, 400).knownEnd(400);
    const [mail] = after.mails;
    const again = after.core.mails.contents(mail as (typeof after.mails)[0]);
    assert.deepEqual([again.idOffset, again.windowStart, again.count], [underWay.idOffset, 30_000, 27]);
    assert.deepEqual([after.spans, after.held], [["a 30-300"], 0]);
    assert.deepEqual(new Set(after.closed.map(({ untimed }) => untimed)), new Set([true]), "what was held is not late");
    assert.ok(again.entries.every(({ untimed }) => untimed));
    assert.deepEqual(
      new Set(mail?.windows.map(({ repeats }) => repeats)),
      new Set([false]),
      "nor known to be nothing new",
    );
    after.accept(400).fires(405, 470).at(482);
    assert.deepEqual([after.spans.length, after.held], [1, 3], "what fired before goes on telling nothing new");
  }
});

test("where a window that closes after its time is seen before those whose time had come, they wait since then", () => {
  const graceMs = 400_000;
  const steps = new Repeating({ graceMs }).alert("a", 1).alert("a", 31).alert("a", 361).knownEnd(430);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 0]);
  steps.knownEnd(800);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 30_000, "the mail under way");
  steps.pass(steps.mails[0], 800);
  assert.deepEqual(steps.spans, ["a 0-30", "a 30-390"]);
  assert.equal(steps.core.read.oldestPendingWindowEnd, 330_000);
});

test("a window that ends after its device's time leaves at once, also where the next one is open by then", () => {
  const steps = new Repeating().says(1).at(32).alert("a", 340).alert("a", 361).knownEnd(362);
  assert.deepEqual([steps.spans.slice(1), steps.held], [["a 330-360"], 0]);
});

test("a mail with news begins the intervals anew, whatever was held leaves with it", () => {
  const steps = new Repeating().fires(0, 400);
  assert.deepEqual(steps.spans, ["a 0-30", "a 30-330"], "the next would leave 15 minutes later");
  steps.says(401, { type: "B" }).at(422);
  assert.deepEqual(steps.spans.slice(2), ["a 330-420"]);
  steps.says(430, { type: "B" }).at(721);
  assert.deepEqual([steps.spans.length, steps.held], [3, 1]);
  steps.at(722);
  assert.deepEqual(steps.spans.slice(3), ["a 420-450"]);
});

test("what is held is listed in full where one mail has room for it, and counted where it has not", () => {
  for (const alerts of [3, 4]) {
    const steps = new Repeating({ maxListed: 3 }).says(1, { type: "A" });
    for (let at = 31; at < 31 + alerts * 30; at += 30) steps.says(at, { type: "A" });
    steps.at(200);
    assert.equal(steps.held, alerts);
    const before = steps.core.read.bufferedAlerts;
    steps.letGo();
    const { entries, full, count } = steps.core.mails.contents(steps.mails.at(-1) as (typeof steps.mails)[0]);
    assert.deepEqual(
      [count, full?.count, entries.length, before],
      [alerts, alerts > 3 ? alerts : undefined, alerts, alerts],
    );
  }
});

test("windows that were let go twice behind a mail under way leave as one, and their interval begins when the last of them was", () => {
  const steps = new Repeating().alert("a", 1).alert("a", 31).knownEnd(62).letGo();
  steps.alert("a", 65).knownEnd(92);
  assert.equal(steps.held, 1);
  steps.knownEnd(152).letGo().accept(152);
  assert.deepEqual([steps.spans, steps.held], [["a 0-30", "a 30-90"], 0]);
  steps.says(160).at(451);
  assert.deepEqual([steps.spans.length, steps.held], [2, 1]);
  steps.at(452);
  assert.deepEqual(steps.spans.slice(2), ["a 150-180"]);
});

test("held windows that some recipients have leave apart from those that nobody has, one mail after the other, when their time has come, with news, and without room", () => {
  const has = [{ recipients: [1], runs: [[2, 2] as const] }];
  const ways: readonly (readonly [(steps: Repeating) => unknown, readonly string[]])[] = [
    [(steps) => steps.at(332), []],
    [(steps) => steps.says(125, { type: "B" }).at(152), ["150"]],
    [(steps) => steps.letGo().accept(125), []],
  ];
  for (const [leave, [end = "120"]] of ways) {
    for (const maxListed of [1, 200]) {
      const steps = new Repeating({ maxListed }, { delivered: has });
      for (const at of [1, 31, 61, 91]) steps.says(at, { type: "A" });
      steps.at(122);
      assert.deepEqual([steps.spans, steps.held], [["a 0-30"], 3]);
      leave(steps);
      assert.deepEqual(steps.spans.slice(1), ["a 30-60", "a 60-90", `a 90-${end}`]);
      assert.deepEqual(steps.counts, [1, 1, 1, end === "120" ? 1 : 2]);
      assert.deepEqual(
        steps.mails.map(({ windows }) => [...(windows[0]?.delivered.tags ?? [])]),
        [[], [], [1], []],
      );
      const { windowsHeld, windowsDue, pendingAlerts } = steps.core.read;
      assert.deepEqual([windowsHeld, windowsDue, pendingAlerts], [0, 0, 0]);
    }
  }
});

test("without REPEAT_INTERVALS nothing is held that could leave before its time", () => {
  const steps = new Repeating({ repeatIntervalsMs: undefined }).fires(0, 60).letGo();
  assert.deepEqual(steps.spans, ["a 0-30"]);
});

test("mails that left one by one are no early mail together, whatever the last one is", () => {
  const steps = new Repeating({ repeatIntervalsMs: [1_000] }).says(1).at(32).alert("a", 35).knownEnd(62);
  steps.alert("a", 65, { urgent: true, severity: "critical" }).pass(steps.mails.at(-1), 65);
  assert.deepEqual(steps.spans.slice(1), ["a 30-60", "a 60-90 early"]);
  const [, repeat, early] = steps.mails as [PendingMail, PendingMail, PendingMail];
  const together = steps.core.mails.contents(mergePending([repeat, early]));
  assert.deepEqual([together.part, together.count], [undefined, 2]);
});

test("the end of a mail lets nothing go that is held behind it, however many windows that is", () => {
  const one = new Repeating();
  for (const at of [0, 30, 60, 90]) one.alert("a", at, { type: "A" });
  one.alert("b", 125);
  assert.deepEqual([one.spans, one.held], [["a 0-30"], 3]);
  one.settle(one.mails[0], 126);
  assert.deepEqual([one.spans, one.held], [["a 0-30"], 3]);
});
