import assert from "node:assert/strict";
import { test } from "node:test";
import type { PhaseFigures } from "#test/abuse/figures.js";
import { type AbuseResult, missedGoals, table } from "#test/abuse/table.js";

const MEGABYTE = 2 ** 20;
const BOUNDS = { delayP99Ms: 10_000, delayMostMs: 30_000, livezMs: 1_000, rssBytes: 1_024 * MEGABYTE };

const phase = (changed: Partial<PhaseFigures> = {}): PhaseFigures => ({
  ...{ name: "crowd", seconds: 240, alerts: 4_800, lost: 0, delayP99Ms: 4_120, delayMostMs: 5_480 },
  ...{ pageLivezMs: 420, probeLivezMs: 95, processorShare: 0.5, rssBytes: 210 * MEGABYTE },
  ...changed,
});

const result = (changed: Partial<AbuseResult> = {}): AbuseResult => ({
  ...{ seconds: 3_600, windowSeconds: 30, processors: 2, load: 4.25, phases: [phase()], mails: 2_400, repeated: 0 },
  counted: { written: 200_000, mails: 9_000, lost: 0, repeated: 0 },
  ...{ tooLarge: 90, deadLetters: 90, problems: [], lines: {} },
  ...changed,
});

test("a phase is a row, and what was written and mailed stands above", () => {
  const text = table(result());
  assert.match(text, /^3,600 seconds, windows of 30 s, 2 processors for everything, with a median load of 4\.3\.$/m);
  assert.match(text, /^- ordinary devices: 4,800 alerts in 2,400 mails, 0 lost, 0 repeated$/m);
  assert.match(text, /^- abusers: 200,000 valid alerts in 9,000 mails, 0 lost, 0 repeated$/m);
  assert.match(text, /^- records too large to be read: 90, of which 90 are dead letters$/m);
  assert.match(text, /event streams \| 240 \| 4,800 \| 0 \| 4\.1 \| 5\.5 \| 0\.42 \| 0\.10 \| 50 % \| 210 \|$/m);
  assert.match(table(result({ phases: [phase({ rssBytes: undefined })] })), / \| – \|$/m);
});

test("a run within its bounds misses nothing", () => {
  assert.deepEqual(missedGoals(result(), BOUNDS), []);
});

test("each loss, each repeat and each bound that is passed is a line", () => {
  const missed = (changed: Partial<AbuseResult>): string => {
    const lines = missedGoals(result(changed), BOUNDS);
    assert.equal(lines.length, 1, lines.join("\n"));
    return lines[0] ?? "";
  };
  const ofPhase = (changed: Partial<PhaseFigures>): string => missed({ phases: [phase(changed)] });
  const counted = { written: 10, mails: 1, lost: 0, repeated: 0 };
  assert.equal(ofPhase({ lost: 2 }), "crowd: lost 2 alerts of ordinary devices");
  assert.match(ofPhase({ delayP99Ms: 10_100 }), /one alert in a hundred came 10\.1 s/);
  assert.match(ofPhase({ delayMostMs: 30_100 }), /an alert came 30\.1 s after its window/);
  assert.match(ofPhase({ probeLivezMs: 2_100 }), /\/livez took 2\.10 s with 50 % of the processor, bound 1\.00 s/);
  assert.match(ofPhase({ rssBytes: 1_025 * MEGABYTE }), /1,025 MB resident, bound 1,024 MB/);
  assert.match(missed({ repeated: 3 }), /repeated 3 alerts of ordinary devices/);
  assert.match(missed({ counted: { ...counted, lost: 1 } }), /lost 1 alerts of abusers/);
  assert.match(missed({ counted: { ...counted, repeated: 1 } }), /repeated 1 alerts of abusers/);
  assert.match(missed({ deadLetters: 89 }), /89 dead letters for 90 records/);
  assert.equal(missed({ problems: ["an instance ended"] }), "an instance ended");
});

test("where others run on the processors, too, /livez may take as much longer", () => {
  const missed = (probeLivezMs: number, processorShare: number | undefined): number =>
    missedGoals(result({ phases: [phase({ probeLivezMs, processorShare })] }), BOUNDS).length;
  assert.deepEqual([missed(1_900, 0.5), missed(1_900, 0.6), missed(1_100, undefined)], [0, 1, 1]);
});
