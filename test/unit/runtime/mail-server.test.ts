import assert from "node:assert/strict";
import { test } from "node:test";
import { Circuit, MailServer, Pace, ServerMemory } from "#src/runtime/mail-server.js";
import type { Mailer, ProbeOutcome, SendOutcome } from "#src/runtime/ports.js";
import { DeliveryBench, failure, outcomes } from "#test/support/delivery-bench.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const setup = (retryMaxMs = 60_000) => {
  const clock = new VirtualClock(0);
  const halfOpens: number[] = [];
  const circuit = new Circuit({
    clock,
    retryInitialMs: 1_000,
    retryMaxMs,
    random: () => 1,
    onHalfOpen: () => halfOpens.push(clock.elapsed()),
  });
  return { clock, circuit, halfOpens };
};

/** Probes until the pauses between them are known. */
const pauses = async (
  reason: "connection-refused" | "auth" | "policy",
  retryMaxMs?: number,
): Promise<(number | undefined)[]> => {
  const { clock, circuit } = setup(retryMaxMs);
  const all: (number | undefined)[] = [];
  for (let probe = 0; probe < 8; probe++) {
    const pause = circuit.open(failure(reason));
    all.push(pause);
    await clock.advance(pause ?? 0);
    assert.equal(circuit.tryStart(), true);
  }
  return all;
};

test("closed, everything may start; open, nothing; half-open, one probe", async () => {
  const { clock, circuit, halfOpens } = setup();
  assert.deepEqual([circuit.tryStart(), circuit.tryStart(), circuit.isOpen], [true, true, false]);
  assert.equal(circuit.open(failure()), 1_000);
  assert.equal(circuit.open(failure()), undefined, "the next probe is waited for already");
  assert.deepEqual([circuit.tryStart(), circuit.isOpen], [false, true]);
  await clock.advance(1_000);
  assert.deepEqual(halfOpens, [1_000]);
  assert.deepEqual([circuit.tryStart(), circuit.tryStart()], [true, false]);
  circuit.probeWithdrawn();
  assert.equal(circuit.tryStart(), true);
  circuit.answered(false);
  assert.deepEqual([circuit.tryStart(), circuit.tryStart(), circuit.isOpen], [true, true, false]);
});

test("probes come at most 5 s apart, at wrong logins as far apart as retries of a mail", async () => {
  assert.deepEqual(await pauses("connection-refused"), [1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000]);
  assert.deepEqual(await pauses("auth"), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assert.deepEqual(
    await pauses("policy"),
    [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000],
    "a server that refuses us is not asked again and again",
  );
  assert.deepEqual((await pauses("connection-refused", 2_000)).slice(0, 3), [1_000, 2_000, 2_000]);
});

test("a server that says 421 instead of its greeting is probed at growing distances, up to minutes", async () => {
  const { clock, circuit } = setup();
  const busy = { phase: "greeting", reason: "service-unavailable", code: 421, reply: "421 4.3.2 too many" } as const;
  const all: (number | undefined)[] = [];
  for (let probe = 0; probe < 11; probe++) {
    const pause = circuit.open(busy);
    all.push(pause);
    await clock.advance(pause ?? 0);
    assert.equal(circuit.tryStart(), true);
  }
  assert.deepEqual(
    all,
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1_000),
  );
});

test("unreachable time is counted while it lasts and kept afterwards, whatever is done to the machine's clock", async () => {
  const { clock, circuit } = setup();
  await clock.advance(500);
  assert.equal(circuit.unreachableMs(), 0);
  circuit.open(failure());
  await clock.advance(700);
  clock.set(-3_600_000);
  assert.equal(circuit.unreachableMs(), 700);
  circuit.answered(false);
  await clock.advance(10_000);
  assert.equal(circuit.unreachableMs(), 700);
  circuit.open(failure());
  await clock.advance(300);
  assert.equal(circuit.unreachableMs(), 1_000);
});

test("after an answer the pauses begin anew, and no old timer opens a probe", async () => {
  const { clock, circuit, halfOpens } = setup();
  circuit.open(failure());
  circuit.answered(false);
  await clock.advance(10_000);
  assert.deepEqual(halfOpens, []);
  assert.equal(circuit.open(failure()), 1_000);
});

test("once stopped it sets no timer any more", async () => {
  const { clock, circuit } = setup();
  circuit.stop();
  assert.equal(circuit.open(failure()), undefined);
  assert.equal(circuit.tryStart(), false);
  assert.equal(clock.pending, 0);
});

test("a server that refuses us is told apart from one that is away; a probe that tells nothing is repeated after the same pause", async () => {
  const { clock, circuit, halfOpens } = setup();
  circuit.open(failure());
  assert.equal(circuit.refusesUs, false);
  await clock.advance(1_000);
  circuit.tryStart();
  assert.equal(circuit.open(failure("policy")), 1_000, "its pauses begin anew");
  assert.equal(circuit.refusesUs, true);
  await clock.advance(1_000);
  assert.deepEqual([circuit.mayStart, circuit.tryStart(), circuit.mayStart], [true, true, false]);
  circuit.inconclusive();
  assert.deepEqual([circuit.isOpen, circuit.mayStart], [true, false]);
  await clock.advance(1_000);
  assert.deepEqual(halfOpens, [1_000, 2_000, 3_000]);
  assert.equal(circuit.answered(false), false, "only a mail that it accepts shows that it is there again");
  assert.deepEqual([circuit.isOpen, circuit.refusesUs], [true, true]);
  assert.equal(circuit.answered(true), true);
  assert.deepEqual([circuit.isOpen, circuit.refusesUs], [false, false]);
});

test("only a greeting of 421 means that connections are counted: other greetings, and 421 later on, are probed as often as any outage", async () => {
  for (const [phase, code] of [
    ["greeting", 554],
    ["mail", 421],
  ] as const) {
    const { clock, circuit } = setup();
    for (const expected of [1_000, 2_000, 4_000, 5_000]) {
      assert.equal(circuit.open({ phase, reason: "service-unavailable", code, reply: `${code} no` }), expected);
      await clock.advance(expected);
      circuit.tryStart();
    }
  }
});

test("what comes late changes nothing: a withdrawn probe of a closed circuit, a failure while the next probe may start, an answer without a probe", async () => {
  const { clock, circuit, halfOpens } = setup();
  circuit.probeWithdrawn();
  assert.deepEqual([circuit.isOpen, circuit.tryStart(), circuit.tryStart()], [false, true, true]);
  circuit.open(failure("policy"));
  circuit.inconclusive();
  await clock.advance(1_000);
  assert.deepEqual([halfOpens, clock.pending], [[1_000], 0]);
  assert.equal(circuit.open(failure("policy")), undefined);
  assert.equal(circuit.mayStart, true);
});

const overloaded: SendOutcome = {
  kind: "deferred",
  failure: { phase: "mail", reason: "service-unavailable", reply: "421 4.3.2 overloaded", code: 421 },
  refused: [],
};

test("each 421 halves how many mails may be in flight, down to one and no further", () => {
  const pace = new Pace(8);
  const limits = Array.from({ length: 6 }, () => {
    pace.note(overloaded);
    return pace.limit;
  });
  assert.deepEqual(limits, [4, 2, 1, 1, 1, 1]);
});

test("what the server takes makes it one more a round, up to all connections", () => {
  const pace = new Pace(3);
  for (let i = 0; i < 5; i++) pace.slowDown();
  const limits = Array.from({ length: 8 }, () => {
    pace.note(outcomes.accepted());
    return pace.limit;
  });
  assert.deepEqual(limits, [2, 2, 2, 3, 3, 3, 3, 3]);
});

test("other answers change nothing", () => {
  const pace = new Pace(4);
  const away = outcomes.unreachable("service-unavailable");
  for (const outcome of [outcomes.refused(), outcomes.deferred(), outcomes.unreachable(), away]) pace.note(outcome);
  assert.equal(pace.limit, 4);
});

test("a server that answers 421 twelve times and then recovers gets every mail", async () => {
  const bench = new DeliveryBench({ connections: 8 });
  let left = 12;
  bench.answer = () => (left-- > 0 ? overloaded : outcomes.accepted());
  const devices = Array.from({ length: 10 }, (_, index) => `d${index}`);
  bench.submit(...devices);
  await bench.clock.advance(600_000);
  assert.deepEqual(new Set(bench.accepted), new Set(devices));
});

test("whether the server is there is told by what mails and probes end in, but for a 421 while it talks to other connections", async () => {
  const ends: (SendOutcome | ProbeOutcome)[] = [];
  let busy = 1;
  let isClosed = false;
  const mailer = {
    send: async () => ends.shift() as SendOutcome,
    probe: async () => ends.shift() as ProbeOutcome,
    connections: () => ({ busy, idle: 2 }),
    close: async () => {
      isClosed = true;
    },
  } satisfies Mailer;
  const server = new MailServer(new VirtualClock(0));
  const watched = server.watching(mailer);
  const tooMany = { kind: "unreachable", failure: { ...failure("service-unavailable"), code: 421 } } as const;
  const after = async (outcome: SendOutcome | ProbeOutcome, isProbe = false): Promise<boolean | undefined> => {
    ends.push(outcome);
    assert.equal(await (isProbe ? watched.probe() : watched.send({} as never, [])), outcome);
    return server.state?.reachable;
  };
  assert.equal(await after(tooMany), undefined);
  assert.equal(await after(outcomes.ambiguous()), true, "it took the whole message");
  assert.equal(await after(outcomes.unreachable()), false, "it is away for the others, too");
  assert.equal(await after({ kind: "reachable", loginOffered: false }, true), true);
  busy = 0;
  assert.equal(await after(tooMany), false);
  await watched.close();
  assert.deepEqual([watched.connections(), isClosed], [{ busy: 0, idle: 2 }, true]);
});

test("who made a server refuse a message is remembered for an hour, of 1,000 such recipients", async () => {
  let now = 5_000_000;
  const memory = new ServerMemory(() => now);
  for (let each = 0; each < 1_000; each++) memory.blame(`${each}`);
  assert.deepEqual([memory.isCulprit("0"), memory.isCulprit("999")], [true, true]);
  memory.blame("one more");
  assert.deepEqual([memory.isCulprit("0"), memory.isCulprit("1")], [false, true]);
  now += 3_599_999;
  assert.equal(memory.isCulprit("1"), true);
  now++;
  assert.equal(memory.isCulprit("1"), false);
});
