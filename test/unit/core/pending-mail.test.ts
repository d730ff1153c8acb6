import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePending } from "#src/core/pending-mail.js";
import { PartitionSteps } from "#test/support/partition-steps.js";

test("passed mails of a device are read as one, with the name of the first, and settled one by one", () => {
  const steps = new PartitionSteps()
    .alert("a", 1)
    .alert("a", 31)
    .alert("a", 2)
    .alert("a", 62, { severity: "critical" });
  steps.alert("b", 95);
  for (let mail = 0; mail < 3; mail++) {
    steps.core.step({
      kind: "reached",
      id: steps.mails[mail]?.id ?? assert.fail(),
      recipients: mail === 1 ? [5, 7] : [5, 6],
    });
    steps.pass(steps.mails[mail]);
  }
  assert.deepEqual(steps.log, ["a 0-30: 0 2", "a 30-60: 1", "a 60-90: 3"]);
  const { core } = steps;
  const merged = mergePending(steps.mails);
  assert.deepEqual([merged.id, merged.deviceId, merged.critical, merged.commitFirst], [0, "a", true, true]);
  const { windowStart, windowEnd, idOffset, firstOffset, lastOffset, entries, part } = core.mails.contents(merged);
  assert.deepEqual([windowStart, windowEnd, idOffset, firstOffset, lastOffset, part], [0, 90_000, 0, 0, 3, undefined]);
  assert.deepEqual(
    entries.map(({ offset }) => offset),
    [0, 1, 2, 3],
  );
  assert.deepEqual(core.mails.offsetRuns(merged), [[0, 3]]);
  assert.deepEqual([...core.mails.deliveredTo(merged)], [5], "who has all of them");
  for (const mail of steps.mails) steps.settle(mail);
  assert.equal(core.frontier, 4);
});

test("one mail is itself; no mail, or mails of several devices, are a mistake", () => {
  const steps = new PartitionSteps().alert("a", 1).alert("b", 2).alert("b", 40);
  const [a, b] = steps.mails;
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(mergePending([a]), a);
  assert.throws(() => mergePending([]), /no mail/);
  assert.throws(() => mergePending([a, b]), /several devices/);
});
