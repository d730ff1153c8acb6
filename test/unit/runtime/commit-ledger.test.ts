import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoldId } from "#src/core/commit-frontier.js";
import type { PendingMail } from "#src/core/partition.js";
import { CommitLedger } from "#src/runtime/commit-ledger.js";

const commit = (offset: number) => ({ partition: 0, offset, metadata: `at ${offset}` });
const mail = (deviceId: string, commitFirst = false): PendingMail => ({
  id: 1 as HoldId,
  deviceId,
  windows: [],
  critical: false,
  isFollowUp: false,
  commitFirst,
});

test("an accepted mail is unconfirmed until a commit that was sent after it is confirmed", () => {
  const ledger = new CommitLedger(undefined, 2, true);
  assert.equal(ledger.unconfirmed, 2);
  const first = ledger.send(commit(5), false);
  ledger.accepted();
  ledger.confirm(first);
  assert.equal(ledger.unconfirmed, 1, "this one was accepted behind the commit");
  ledger.confirm(ledger.send(commit(6), false));
  assert.equal(ledger.unconfirmed, 0);
});

test("the answer to a commit confirms what was in that one, whatever was sent since", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  ledger.accepted();
  const first = ledger.send(commit(5), true);
  ledger.accepted();
  ledger.mustWait(mail("boiler", true));
  const second = ledger.send(commit(6), false);
  assert.deepEqual(ledger.confirm(first), []);
  assert.deepEqual([ledger.unconfirmed, ledger.announced, ledger.awaitsCommit], [1, true, true]);
  assert.equal(ledger.confirm(second).length, 1);
  assert.deepEqual([ledger.unconfirmed, ledger.announced, ledger.awaitsCommit], [0, false, false]);
});

test("a commit whose answer never came is an own one; those before the last confirmed one are not", () => {
  const ledger = new CommitLedger(commit(1), 0, true);
  const [, six] = [5, 6, 7].map((offset) => ledger.send(commit(offset), false));
  assert.deepEqual(
    [1, 5, 6, 7].map((offset) => ledger.isOwn(offset, `at ${offset}`)),
    [true, true, true, true],
  );
  ledger.confirm(six ?? assert.fail());
  assert.deepEqual(
    [1, 5, 6, 7].map((offset) => ledger.isOwn(offset, `at ${offset}`)),
    [false, false, true, true],
  );
  assert.equal(ledger.isOwn(7, "another checkpoint"), false);
  assert.equal(ledger.isOwn(6, "at 7"), false, "nor one of another offset");
});

test("no checkpoint is the same as an empty one", () => {
  const ledger = new CommitLedger({ partition: 0, offset: 3, metadata: "" }, 0, true);
  assert.equal(ledger.isOwn(3, null), true);
});

test("a mail that a replay makes only with a checkpoint waits for the next commit, not for one under way", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  const underWay = ledger.send(commit(4), false);
  assert.equal(ledger.mustWait(mail("boiler")), false);
  const merged = mail("boiler", true);
  assert.equal(ledger.mustWait(merged), true);
  assert.deepEqual(ledger.confirm(underWay), []);
  assert.equal(ledger.awaitsCommit, true);
  assert.deepEqual(ledger.confirm(ledger.send(commit(5), false)), [merged]);
  assert.equal(ledger.awaitsCommit, false);
});

test("a device's next mail waits until a commit tells of the one before; other devices' do not", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  ledger.deviceSettled("boiler");
  const next = mail("boiler");
  assert.deepEqual([ledger.mustWait(next), ledger.mustWait(mail("pump"))], [true, false]);
  assert.deepEqual(ledger.confirm(ledger.send(commit(4), false)), [next]);
  assert.equal(ledger.mustWait(mail("boiler")), false);
});

test("where windows are never merged, a device's next mail waits for no commit of the one before", () => {
  const ledger = new CommitLedger(undefined, 0, false);
  ledger.deviceSettled("boiler");
  assert.equal(ledger.mustWait(mail("boiler")), false);
});

test("a commit that was under way when a device's mail was through tells nothing of it: the next mail waits on", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  ledger.deviceSettled("pump");
  const underWay = ledger.send(commit(4), false);
  ledger.deviceSettled("boiler");
  ledger.confirm(underWay);
  assert.deepEqual([ledger.mustWait(mail("pump")), ledger.mustWait(mail("boiler"))], [false, true]);
});

test("what waits for a commit goes once when one that was sent after it is confirmed, or the partition is someone else's", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  const gone: string[] = [];
  const underWay = ledger.send(commit(4), false);
  ledger.onceConfirmed(() => gone.push("first"));
  ledger.mustWait(mail("boiler", true));
  ledger.confirm(underWay);
  assert.deepEqual([gone, ledger.awaitsCommit], [[], true]);
  const next = ledger.send(commit(5), false);
  ledger.onceConfirmed(() => gone.push("second"));
  ledger.confirm(next);
  assert.deepEqual([gone, ledger.awaitsCommit], [["first"], true]);
  ledger.forgetWaiting();
  assert.deepEqual(gone, ["first", "second"]);
  ledger.confirm(ledger.send(commit(6), false));
  assert.deepEqual([gone, ledger.awaitsCommit], [["first", "second"], false]);
});

test("the next owner counts as told of mails in flight once the commit that says so is confirmed", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  const telling = ledger.send(commit(4), true);
  assert.equal(ledger.announced, false);
  ledger.confirm(telling);
  assert.equal(ledger.announced, true);
  ledger.confirm(ledger.send(commit(4), false));
  assert.equal(ledger.announced, false);
});

test("mails that wait are forgotten with the partition", () => {
  const ledger = new CommitLedger(undefined, 0, true);
  ledger.mustWait(mail("boiler", true));
  ledger.forgetWaiting();
  assert.equal(ledger.awaitsCommit, false);
  assert.deepEqual(ledger.confirm(ledger.send(commit(5), false)), []);
});
