import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerMemory } from "#src/runtime/mail-server.js";
import type { RecipientFailure, SendOutcome, SmtpFailure, SmtpReason } from "#src/runtime/ports.js";
import { Transactions } from "#src/runtime/transactions.js";

type Ended = Exclude<SendOutcome, { kind: "unreachable" }>;

const failure = (phase: SmtpFailure["phase"], reason: SmtpReason, reply: string): SmtpFailure => ({
  phase,
  reason,
  reply,
  code: reply === "" ? undefined : Number(reply.slice(0, 3)),
});
const closing = (phase: SmtpFailure["phase"] = "rcpt") => failure(phase, "service-unavailable", "421 too many errors");
const lost = (phase: SmtpFailure["phase"] = "rcpt") => failure(phase, "connection-lost", "");
const timeout = (phase: SmtpFailure["phase"] = "rcpt") => failure(phase, "timeout", "");
const full = failure("rcpt", "recipient-deferred", "452 4.2.2 mailbox full");
const unknown = failure("rcpt", "recipient-refused", "550 5.1.1 unknown");
const surplus = failure("rcpt", "too-many-recipients", "452 4.5.3 too many recipients");
const notThat = failure("sent", "message-refused", "554 transaction failed: invalid address");

const of =
  (failed: SmtpFailure) =>
  (address: string): RecipientFailure => ({ ...failed, address });
const people = (count: number, name = "p"): string[] => Array.from({ length: count }, (_, i) => `${name}${i}`);
const setup = (to: readonly string[], most = 100) => {
  let now = 0;
  const memory = new ServerMemory(() => now);
  const again = (addresses: readonly string[]) => new Transactions(addresses, { most, memory });
  return { memory, transactions: again(to), again, pass: (ms: number) => (now += ms) };
};

/** A server that says `at` of each recipient, in order, closes after so many of them that are not 250, and judges the message by who is left. */
interface Server {
  readonly at?: (address: string, taken: number) => SmtpFailure | undefined;
  readonly errorsMax?: number;
  readonly atData?: (taken: readonly string[], rejected: number) => SmtpFailure | undefined;
  readonly message?: (taken: readonly string[]) => SmtpFailure | undefined;
  /** A reset that swallows what it had said. */
  readonly swallows?: boolean;
}

const answer = (to: readonly string[], server: Server): Ended => {
  const taken: string[] = [];
  const refused: RecipientFailure[] = [];
  const deferred: RecipientFailure[] = [];
  for (const address of to) {
    const said = server.at?.(address, taken.length);
    if (said === undefined) taken.push(address);
    else if ((said.code ?? 0) >= 500) refused.push({ ...said, address });
    else deferred.push({ ...said, address });
    const errors = refused.length + deferred.filter(({ reason }) => reason !== "too-many-recipients").length;
    if (errors < (server.errorsMax ?? Number.POSITIVE_INFINITY)) continue;
    if (server.swallows)
      return { kind: "deferred", failure: lost("mail"), refused: [], rcpt: { taken: [], deferred: [] } };
    return { kind: "deferred", failure: closing(), refused, rcpt: { taken, deferred } };
  }
  if (taken.length === 0) {
    const [first] = deferred;
    if (first === undefined) return { kind: "refused", failure: refused[0] ?? unknown, recipients: refused };
    return { kind: "deferred", failure: first, refused, rcpt: { taken, deferred } };
  }
  const no = server.atData?.(taken, to.length - taken.length) ?? server.message?.(taken);
  if (no === undefined) return { kind: "accepted", reply: "250", refused, deferred };
  return { kind: "refused", failure: no, recipients: refused, rcpt: { taken, deferred } };
};

/** Until the next pause. */
const round = (transactions: Transactions, server: Server) => {
  const reached: string[] = [];
  const refused: string[] = [];
  const sent: (readonly string[])[] = [];
  for (let to = transactions.next(); to !== undefined; to = transactions.next()) {
    sent.push(to);
    assert.ok(sent.length < 1_000, "it ends");
    const end = transactions.note(to, answer(to, server));
    reached.push(...end.reached);
    refused.push(...end.refused.map(({ address }) => address));
  }
  return { reached, refused, sent };
};

test("as many as are allowed go in one transaction, in order, and each once", () => {
  const { transactions } = setup(people(5), 2);
  const { sent, reached } = round(transactions, {});
  assert.deepEqual(sent, [["p0", "p1"], ["p2", "p3"], ["p4"]]);
  assert.deepEqual(reached, people(5));
  assert.deepEqual([transactions.pending, transactions.hasMore], [[], false]);
});

test("25 of 40 with a full mailbox, and a server that closes after 20 errors: the 15 others have it before any pause", () => {
  const bad = new Set(people(40).filter((_, i) => i % 8 < 5));
  const { transactions } = setup(people(40));
  const { reached, refused, sent } = round(transactions, {
    at: (one) => (bad.has(one) ? full : undefined),
    errorsMax: 20,
  });
  assert.deepEqual([reached.length, refused.length, transactions.deferred.size], [15, 0, 25]);
  assert.ok(reached.every((one) => !bad.has(one)));
  assert.equal(new Set(reached).size, 15, "nobody twice");
  const taken = sent[1] ?? [];
  assert.ok(taken.length > 0 && taken.every((one) => !bad.has(one)), "those that were answered 250 first");
  assert.deepEqual(transactions.deferred.get("p0"), { ...full }, "each with its own words");
});

for (const bad of [5, 25, 60]) {
  for (const errorsMax of [3, 10, 20]) {
    for (const swallows of [false, true]) {
      const how = `closes after ${errorsMax} errors${swallows ? " and swallows what it said" : ""}`;
      test(`${bad} unknown of 100 and a server that ${how}: all others have it before any pause`, () => {
        const to = people(100);
        const isBad = (one: string) => (Number(one.slice(1)) * 37) % 100 < bad;
        const { transactions } = setup(to);
        // A transaction for one is answered whatever it is.
        const server = { at: (one: string) => (isBad(one) ? unknown : undefined), errorsMax, swallows };
        const { reached, refused, sent } = round(transactions, server);
        assert.equal(new Set(reached).size, 100 - bad);
        assert.equal(reached.length, 100 - bad);
        assert.equal(refused.length, bad);
        assert.ok(sent.length <= 200, `${sent.length} transactions`);
      });
    }
  }
}

test("60 greylisted recipients and a server that closes after 20 errors: all are answered for before the pause, and have it after it", () => {
  const { transactions } = setup(people(60));
  const grey = round(transactions, {
    at: () => failure("rcpt", "recipient-deferred", "450 4.2.0 greylisted"),
    errorsMax: 20,
  });
  assert.deepEqual([grey.reached, transactions.deferred.size], [[], 60]);
  assert.ok(grey.sent.length <= 20, `${grey.sent.length} transactions`);
  transactions.again();
  assert.equal(round(transactions, {}).reached.length, 60);
});

test("a recipient that ends its transaction is at last alone, and waits by itself while the others have the mail", () => {
  for (const end of [closing(), lost(), timeout()]) {
    const { transactions } = setup(people(16));
    const reached: string[] = [];
    let count = 0;
    for (let to = transactions.next(); to !== undefined; to = transactions.next()) {
      assert.ok(++count < 50);
      const at = to.indexOf("p5");
      const outcome: Ended =
        at < 0
          ? { kind: "accepted", reply: "250", refused: [], deferred: [] }
          : { kind: "deferred", failure: end, refused: [], rcpt: { taken: to.slice(0, at), deferred: [] } };
      reached.push(...transactions.note(to, outcome).reached);
    }
    assert.equal(reached.length, 15, end.reason);
    assert.deepEqual([...transactions.deferred.keys()], ["p5"]);
    transactions.again();
    assert.deepEqual(transactions.next(), ["p5"]);
    transactions.leave(["p5"]);
    assert.deepEqual(transactions.pending, []);
  }
});

test("a server that never answers costs few attempts before each pause, whoever is alone", () => {
  for (const phase of ["mail", "rcpt"] as const) {
    const { transactions } = setup(people(100));
    for (let pause = 0; pause < 3; pause++) {
      let sent = 0;
      for (let to = transactions.next(); to !== undefined; to = transactions.next(), sent++)
        transactions.note(to, {
          kind: "deferred",
          failure: timeout(phase),
          refused: [],
          rcpt: { taken: [], deferred: [] },
        });
      assert.ok(sent <= 10, `${sent} attempts at ${phase}`);
      assert.equal(transactions.deferred.size, 100);
      transactions.again();
    }
  }
});

test("where the connection ends at DATA and all were answered 250 it is none of them: the whole waits", () => {
  const { transactions } = setup(people(4));
  const to = transactions.next() ?? [];
  const end = transactions.note(to, {
    kind: "deferred",
    failure: lost("data"),
    refused: [],
    rcpt: { taken: to, deferred: [] },
  });
  assert.deepEqual([end.cut, transactions.deferred.size, transactions.hasMore], [false, 4, false]);
});

test("a limit on recipients: the rest goes at once, in transactions of that size, and so do the next mails", () => {
  const { transactions, again, pass } = setup(people(100));
  const limited: Server = { at: (_, taken) => (taken >= 30 ? surplus : undefined) };
  const { sent, reached, refused } = round(transactions, limited);
  assert.deepEqual([reached.length, refused.length, transactions.deferred.size], [100, 0, 0]);
  assert.deepEqual(
    sent.map((to) => to.length),
    [100, 30, 30, 10],
  );
  assert.equal(again(people(50)).next()?.length, 30, "remembered");
  pass(3_600_000);
  assert.equal(again(people(50)).next()?.length, 50, "and forgotten after a while");
});

test("a limit is forgotten once the server takes more", () => {
  const { memory, again } = setup([]);
  memory.limited(10);
  const both = again(people(40));
  memory.took(11);
  assert.equal(both.next()?.length, 40);
});

test("a limit that refuses the whole at DATA: those that were taken alone, the rest after them (Exim's recipients_max_reject)", () => {
  const { transactions } = setup(people(25));
  const server: Server = {
    at: (_, taken) => (taken >= 10 ? surplus : undefined),
    atData: (_, rejected) => (rejected > 0 ? failure("data", "message-refused", "554 too many recipients") : undefined),
  };
  const { reached, refused, sent } = round(transactions, server);
  assert.deepEqual([reached, refused], [people(25), []]);
  assert.deepEqual(
    sent.map((to) => to.length),
    [25, 10, 10, 5],
  );
});

test("the first recipient alone is no limit: it waits for the pause", () => {
  const { transactions } = setup(people(3));
  round(transactions, { at: () => surplus });
  assert.equal(transactions.deferred.size, 3);
});

test("a message refused after its end because of one recipient: halves, until that one is alone; the others have it", () => {
  const { transactions, memory, again } = setup(people(100));
  const server: Server = { message: (taken) => (taken.includes("p77") ? notThat : undefined) };
  const { reached, refused, sent } = round(transactions, server);
  assert.deepEqual([reached.length, refused], [99, ["p77"]]);
  assert.ok(sent.length <= 16, `${sent.length} transactions`);
  assert.equal(memory.isCulprit("p77"), true);
  assert.deepEqual(
    round(again(people(100)), server)
      .sent.map((to) => to.length)
      .sort(),
    [1, 99],
    "next time alone",
  );
});

test("several because of whom a message is refused are found as well, wherever they stand", () => {
  for (const bad of [["p0", "p1", "p2", "p3", "p4"], ["p0", "p99"], people(100).filter((_, i) => i % 4 === 0)]) {
    const { transactions } = setup(people(100));
    const isBad = new Set(bad);
    const { reached, refused } = round(transactions, {
      message: (to) => (to.some((one) => isBad.has(one)) ? notThat : undefined),
    });
    assert.deepEqual(refused.toSorted(), bad.toSorted());
    assert.equal(reached.length, 100 - bad.length);
  }
});

test("a message that nobody may get is refused for all after a handful of tries, and not looked into again", () => {
  const { transactions } = setup(people(100));
  const { sent, refused } = round(transactions, { message: () => notThat });
  assert.equal(refused.length, 100);
  assert.ok(sent.length <= 15, `${sent.length} transactions`);
  transactions.takeBack(refused.map(of(notThat)), true);
  transactions.again();
  assert.equal(round(transactions, { message: () => notThat }).sent.length, 1);
});

test("a message that is too large is refused for all at once", () => {
  const { transactions } = setup(people(8));
  const { sent, refused } = round(transactions, { message: () => failure("sent", "too-large", "552 5.3.4 too big") });
  assert.deepEqual([sent.length, refused.length], [1, 8]);
});

test("culprits are remembered for an hour, and no more than a thousand of them", () => {
  const { memory, pass } = setup([]);
  for (const one of people(1_001)) memory.blame(one);
  assert.deepEqual([memory.isCulprit("p0"), memory.isCulprit("p1000")], [false, true]);
  pass(3_600_000);
  assert.equal(memory.isCulprit("p1000"), false);
});
