import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULTS } from "#test/chaos/faults.js";
import { matrix } from "#test/chaos/matrix.js";
import { missedGoals, type PhaseResult } from "#test/chaos/phase.js";
import { withSection } from "#test/support/page-section.js";

const result = (some: Partial<PhaseResult>): PhaseResult => ({
  fault: "kill",
  seed: 1,
  brokers: 1,
  rounds: 2,
  alerts: 1_000,
  mails: 90,
  deadLetters: 0,
  lost: [],
  repeated: [],
  repeatedSameId: 0,
  repeatedMails: 0,
  outOfOrder: [],
  lostByBroker: [],
  unknown: [],
  recoverySeconds: 3,
  faultSeconds: 1,
  allowedRepeatedMails: 0,
  revived: 0,
  missed: [],
  logs: new Map(),
  ...some,
});

test("runs of one fault make one row: sums, and the longest times", () => {
  const runs = [
    result({ repeated: ["A1"], repeatedSameId: 1, repeatedMails: 1 }),
    result({ lost: ["A2"], recoverySeconds: 4.26 }),
  ];
  const text = matrix(runs, new Map([["kill", "`kill -9`"]]));
  assert.equal(text.split("\n")[2], "| `kill -9` | 4 | 2,000 | 1 | 1 | 1 | 1 | 0 | 1.0 | 4.3 |");
});

test("the matrix replaces what stands between the marks and nothing else", () => {
  const page = "before\n<!-- chaos:begin -->\nold\n<!-- chaos:end -->\nafter\n";
  assert.equal(
    withSection("chaos", page, "| new |\n"),
    "before\n<!-- chaos:begin -->\n| new |\n<!-- chaos:end -->\nafter\n",
  );
  assert.equal(withSection("chaos", "no marks", "| new |\n"), undefined);
});

test("losses, disorder and repeats beyond the mails in flight miss the goals", () => {
  assert.deepEqual(missedGoals(result({}), 0), []);
  assert.equal(missedGoals(result({ lost: ["A1"] }), 8).length, 1);
  assert.equal(missedGoals(result({ outOfOrder: ["a"] }), 8).length, 1);
  const repeated = { repeated: ["A1", "A2"], repeatedMails: 1 };
  assert.deepEqual(missedGoals(result({ ...repeated, repeatedSameId: 2 }), 8), []);
  assert.equal(missedGoals(result({ ...repeated, repeatedSameId: 2 }), 0).length, 1);
  assert.equal(missedGoals(result({ ...repeated, repeatedSameId: 1 }), 8).length, 1);
});

test("where the log is another than the one that was read repeats are no goal, a loss is; what the brokers lost is theirs", () => {
  const elsewhere = { repeats: "free" } as const;
  const repeated = result({ repeated: ["A1", "A2"], repeatedMails: 9, repeatedSameId: 0 });
  assert.deepEqual(missedGoals(repeated, 0, elsewhere), []);
  assert.equal(missedGoals(result({ lost: ["A1"] }), 0, elsewhere).length, 1);
  const gone = result({ lostByBroker: ["A1"], unknown: ["A1"] });
  assert.equal(missedGoals(gone, 0, elsewhere).length, 2);
  assert.deepEqual(missedGoals(gone, 0, { ...elsewhere, losesRecords: true }), []);
  assert.equal(missedGoals(result({ lost: ["A1"] }), 0, { ...elsewhere, losesRecords: true }).length, 1);
});

test("each fault has one name, and the four of the log are among them", () => {
  const names = FAULTS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of ["unclean-election", "open-transaction", "quota", "mirrored-group"])
    assert.ok(names.includes(name));
});
