import assert from "node:assert/strict";
import { test } from "node:test";
import { wallTime } from "#src/core/time.js";
import { WaitingRecipients } from "#src/runtime/waiting-recipients.js";
import type { Share } from "#src/runtime/waiting-state.js";
import { failureOf } from "#test/support/delivery-bench.js";

const FULL = "full@example.org";
const OTHER = "other@example.org";
const MINUTE = 60_000;
const BUDGET = 15 * MINUTE;

/** Shares, a clock that the test sets, and pauses of a second that double up to a minute. */
const world = (catchUpAfterMs = 5 * MINUTE) => {
  const waiting = new WaitingRecipients<Share & { readonly name: string }>({ budgetMs: BUDGET, catchUpAfterMs });
  const mails = new Map<string, object>();
  const clock = { at: 0 };
  const now = () => ({ wall: wallTime(clock.at), elapsed: clock.at, worked: clock.at });
  const share = (name: string, lanes: readonly string[], address = FULL, windowEnd = 0, look = "") => {
    const mail = mails.get(name) ?? {};
    mails.set(name, mail);
    const one = { name, address, lanes, mail, look, windowEnd };
    waiting.add(one);
    return one;
  };
  const due = (): string[] =>
    waiting
      .due(now())
      .map((chains) =>
        chains.map((chain) => `${chain[0]?.address[0]}:${chain.map(({ name }) => name).join("+")}`).join(" "),
      );
  const defer = (
    chain: readonly ReturnType<typeof share>[],
    how: { ofRecipient?: boolean; ambiguous?: boolean; startedAt?: number } = {},
  ) =>
    waiting.deferred(
      chain,
      {
        failure: failureOf(FULL, "recipient-deferred"),
        ofRecipient: how.ofRecipient ?? true,
        ambiguous: how.ambiguous ?? false,
        startedAt: how.startedAt ?? clock.at,
      },
      now(),
      (deferrals) => Math.min(MINUTE, 1_000 * 2 ** (deferrals - 1)),
    );
  return { waiting, clock, share, due, defer };
};

test("a recipient that nothing waits for need not wait", () => {
  const { waiting } = world();
  assert.equal(waiting.mustWait(FULL, ["a"]), false);
});

test("behind a share of the same device the next one waits; another device's mail does not, nor another recipient's", () => {
  const { waiting, share } = world();
  share("a1", ["a"]);
  assert.deepEqual(
    [waiting.mustWait(FULL, ["a"]), waiting.mustWait(FULL, ["b"]), waiting.mustWait(OTHER, ["a"])],
    [true, false, false],
  );
});

test("once the server defers the recipient itself, all its mails wait", () => {
  const { waiting, share, defer } = world();
  defer([share("a1", ["a"])]);
  assert.equal(waiting.mustWait(FULL, ["b"]), true);
});

test("a deferred recipient is tried with one mail at a time, after growing pauses, with another device's each time", () => {
  const { clock, share, due, defer, waiting } = world();
  const [a, b] = [share("a1", ["a"]), share("b1", ["b"])];
  defer([a]);
  assert.deepEqual([due(), waiting.nextDueAt], [[], 1_000]);
  clock.at = 1_000;
  assert.deepEqual([due(), due()], [["f:b1"], []]);
  defer([b]);
  assert.equal(waiting.nextDueAt, 3_000);
  clock.at = 3_000;
  assert.deepEqual(due(), ["f:a1"]);
});

test("what several attempts that were under way together say of a recipient counts as one refusal", () => {
  const { clock, share, defer, waiting } = world();
  const [a, b, c] = [share("a1", ["a"]), share("b1", ["b"]), share("c1", ["c"])];
  defer([a], { startedAt: -10 });
  clock.at = 5;
  defer([b], { startedAt: -10 });
  defer([c], { startedAt: -9 });
  assert.equal(waiting.nextDueAt, 1_000);
});

test("when it takes a mail, all its devices go on at once, each in its order", () => {
  const { waiting, clock, share, due, defer } = world();
  const a1 = share("a1", ["a"]);
  defer([a1]);
  for (const name of ["a2", "b1", "b2"]) share(name, [name[0] as string]);
  clock.at = 1_000;
  // Never tried before those that were.
  assert.deepEqual(due(), ["f:b1"]);
  waiting.took(FULL);
  for (const one of [...waiting.shares]) if (one.name === "b1") waiting.through(one);
  assert.deepEqual(due(), ["f:a1", "f:b2"]);
  waiting.through(a1);
  assert.deepEqual(due(), ["f:a2"]);
});

test("what waits behind a share whose window ended long ago leaves with it as one mail", () => {
  const { waiting, clock, share, due, defer } = world();
  const a1 = share("a1", ["a"], FULL, 0);
  defer([a1]);
  share("a2", ["a"], FULL, 30_000);
  share("b1", ["b"], FULL, 30_000);
  share("a3", ["a"], FULL, 60_000, "another language");
  clock.at = 5 * MINUTE + 1;
  waiting.took(FULL);
  assert.deepEqual(due(), ["f:a1+a2", "f:b1"]);
});

test("with windows kept separate none is merged, however long it waited", () => {
  const { waiting, clock, share, due, defer } = world(Number.POSITIVE_INFINITY);
  defer([share("a1", ["a"])]);
  share("a2", ["a"]);
  clock.at = 60 * MINUTE;
  waiting.took(FULL);
  assert.deepEqual(due(), ["f:a1"]);
});

test("a mail that the server may have goes again as it was, with no other window in it", () => {
  const { waiting, clock, share, due, defer } = world();
  const a1 = share("a1", ["a"]);
  assert.deepEqual(due(), ["f:a1"]);
  defer([a1], { ofRecipient: false, ambiguous: true });
  share("a2", ["a"]);
  clock.at = 10 * MINUTE;
  assert.deepEqual(due(), ["f:a1"]);
  waiting.through(a1);
  assert.deepEqual(due(), ["f:a2"]);
});

test("a fleet mail waits until it is the next one in the lane of each of its devices", () => {
  const { waiting, share, due } = world();
  const a1 = share("a1", ["a"]);
  share("fleet", ["a", "b"]);
  share("b2", ["b"]);
  assert.deepEqual(due(), ["f:a1"]);
  waiting.through(a1);
  assert.deepEqual(due(), ["f:fleet"]);
});

test("fleet mails that waited long leave as one, in an order that is right for each device", () => {
  const { clock, share, due } = world();
  share("f1", ["a", "b"]);
  share("f2", ["b", "c"], FULL, 30_000);
  share("c2", ["c"], FULL, 60_000);
  clock.at = 10 * MINUTE;
  assert.deepEqual(due(), ["f:f1+f2"]);
});

test("recipients that wait for the same mail, and are due together, get it in one attempt", () => {
  const { clock, share, due, defer } = world();
  const [full, other] = [share("a1", ["a"]), share("a1", ["a"], OTHER)];
  defer([full]);
  defer([other]);
  clock.at = 1_000;
  assert.deepEqual(due(), ["f:a1 o:a1"]);
});

test("a message that the server defers waits by itself: the recipient's other mails go on", () => {
  const { waiting, clock, share, due, defer } = world();
  const a1 = share("a1", ["a"]);
  due();
  defer([a1], { ofRecipient: false });
  assert.equal(waiting.mustWait(FULL, ["b"]), false);
  share("b1", ["b"]);
  assert.deepEqual([due(), waiting.nextDueAt], [["f:b1"], 1_000]);
  clock.at = 1_000;
  assert.deepEqual(due(), ["f:a1"]);
});

test("a mail's budget runs from its own first refusal, and its last try comes before another mail's", () => {
  const { clock, share, due, defer } = world();
  const [a1, b1] = [share("a1", ["a"]), share("b1", ["b"])];
  defer([a1]);
  clock.at = 10 * MINUTE;
  assert.deepEqual(due(), ["f:b1"]);
  assert.equal(defer([b1]), "waits");
  clock.at = BUDGET;
  assert.deepEqual(due(), ["f:a1"]);
  assert.equal(defer([a1]), "spent");
});

test("a recipient whose budget ran out is waited for no more: each next mail is tried once, until it takes one", () => {
  const { waiting, clock, share, due, defer } = world();
  const [a1, b1, c1] = [share("a1", ["a"]), share("b1", ["b"]), share("c1", ["c"])];
  defer([a1]);
  clock.at = BUDGET;
  due();
  assert.equal(defer([a1]), "spent");
  waiting.through(a1);
  assert.deepEqual([waiting.isExhausted(FULL), waiting.mustWait(FULL, ["d"])], [true, false]);
  // Those that waited: one after the other, without a pause.
  assert.deepEqual([due(), due()], [["f:b1"], []]);
  assert.equal(defer([b1]), "spent");
  waiting.through(b1);
  assert.deepEqual(due(), ["f:c1"]);
  waiting.took(FULL);
  waiting.through(c1);
  assert.equal(waiting.isExhausted(FULL), false);
  assert.equal(defer([share("d1", ["d"])]), "begins");
});

test("time in which the server is unreachable spends no budget", () => {
  const { waiting, share } = world();
  const a1 = share("a1", ["a"]);
  const how = { failure: failureOf(FULL, "recipient-deferred"), ofRecipient: true, ambiguous: false };
  const at = (elapsed: number, worked: number) =>
    waiting.deferred([a1], { ...how, startedAt: elapsed }, { wall: wallTime(elapsed), elapsed, worked }, () => 1_000);
  assert.deepEqual([at(0, 0), at(60 * MINUTE, MINUTE), at(80 * MINUTE, BUDGET)], ["begins", "waits", "spent"]);
});

test("who waits is told with since when and what the server said, the longest first", () => {
  const { waiting, clock, share, defer } = world();
  defer([share("a1", ["a"])]);
  clock.at = 1_000;
  defer([share("a1", ["a"], OTHER)]);
  share("b1", ["b"]);
  assert.deepEqual(
    waiting.waiting().map(({ address, since, failure, shares }) => [address, since, failure.reply, shares.length]),
    [
      [FULL, 0, "450 recipient-deferred", 2],
      [OTHER, 1_000, "450 recipient-deferred", 1],
    ],
  );
});
