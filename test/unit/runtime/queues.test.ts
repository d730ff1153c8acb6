import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailJob, MailOwner } from "#src/runtime/mail-job.js";
import { MailQueue } from "#src/runtime/queues.js";

interface Item {
  readonly name: string;
  readonly job: MailJob;
}

/** A partition whose mails may start, and is wanted, until the test says otherwise. */
const partition = () => {
  const world = { wanted: true, mayStart: true };
  const owner: MailOwner = {
    isWanted: () => world.wanted,
    mayStart: () => world.mayStart,
    mayGoOn: () => true,
    attemptStarted: () => undefined,
    attemptEnded: () => undefined,
    onceCommitted: () => undefined,
  };
  return Object.assign(world, {
    mail: (name: string, critical = false): Item => ({ name, job: { owner, critical } as MailJob }),
  });
};

const newQueue = () => {
  const queue = new MailQueue<Item>();
  const push = (...items: readonly Item[]): void => {
    for (const item of items) queue.push(item);
  };
  /** Takes up to `count` of what may start. */
  const take = (count = 100): string => {
    const names: string[] = [];
    for (let item = queue.next(); item !== undefined; item = names.length < count ? queue.next() : undefined)
      names.push(item.name);
    return names.join(" ");
  };
  return { queue, push, take };
};

test("within a partition first come, first served; one that comes back goes before the others", () => {
  const { queue, push, take } = newQueue();
  const { mail } = partition();
  push(mail("a"), mail("b"), mail("c"));
  const first = queue.next() as Item;
  queue.putBack(first);
  assert.equal(take(), "a b c");
  assert.equal(queue.next(), undefined);
});

test("partitions take turns, so one with much to say holds back no other", () => {
  const { push, take } = newQueue();
  const [p, q, r] = [partition(), partition(), partition()];
  push(p.mail("p1"), p.mail("p2"), p.mail("p3"), p.mail("p4"), q.mail("q1"), r.mail("r1"), r.mail("r2"));
  assert.equal(take(), "p1 q1 r1 p2 r2 p3 p4");
});

test("mails with critical alerts leave before others, of whatever partition, each partition in turn", () => {
  const { push, take } = newQueue();
  const [p, q] = [partition(), partition()];
  push(p.mail("p1"), p.mail("p2"), q.mail("q1"), p.mail("P3", true), q.mail("Q2", true));
  assert.equal(take(2).split(" ").toSorted().join(" "), "P3 Q2");
  assert.equal(take().split(" ").toSorted().join(" "), "p1 p2 q1");
});

test("after three critical mails in a row one other leaves, the oldest of the partition whose turn it is, however many critical ones wait", () => {
  const { push, take } = newQueue();
  const { mail } = partition();
  push(mail("a"), mail("b"), mail("c"));
  for (let n = 0; n < 3; n++) {
    push(mail("X", true), mail("Y", true), mail("Z", true), mail("W", true));
    assert.match(take(4), /^[WXYZ] [WXYZ] [WXYZ] [abc]$/);
  }
  assert.equal(take(), "Y Z W", "those that were passed over are still there");
});

test("critical mails among themselves wait for nobody, and an other one that comes later than three of them is not owed more than one turn", () => {
  const { push, take } = newQueue();
  const { mail } = partition();
  push(...Array.from({ length: 9 }, (_, n) => mail(`X${n}`, true)));
  assert.equal(take(6), "X0 X1 X2 X3 X4 X5");
  push(mail("a"), mail("b"));
  assert.equal(take(), "a X6 X7 X8 b");
});

test("one that was taken and could not start has had no turn", () => {
  const { queue, push, take } = newQueue();
  const { mail } = partition();
  push(...Array.from({ length: 6 }, (_, n) => mail(`X${n}`, true)), mail("a"), mail("b"));
  assert.equal(take(3), "X0 X1 X2");
  for (let tries = 0; tries < 5; tries++) {
    const item = queue.next() as Item;
    assert.equal(item.name, "a");
    queue.putBack(item);
  }
  assert.equal(take(2), "a X3");
  for (let tries = 0; tries < 5; tries++) queue.putBack(queue.next() as Item);
  assert.equal(take(), "X4 X5 b");
});

test("a partition that may not start any holds back no other and keeps its mails; one that is lost loses them", () => {
  const { push, take } = newQueue();
  const [p, q] = [partition(), partition()];
  push(p.mail("P1", true), p.mail("p2"), q.mail("q1"));
  p.mayStart = false;
  assert.equal(take(), "q1");
  p.mayStart = true;
  assert.equal(take(), "P1 p2");
  push(p.mail("p3"), q.mail("q2"));
  p.wanted = false;
  assert.equal(take(), "q2");
  p.wanted = true;
  assert.equal(take(), "");
});
