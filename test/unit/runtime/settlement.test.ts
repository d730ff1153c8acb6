import assert from "node:assert/strict";
import { test } from "node:test";
import type { SentMail } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { DeliveryBench, failureOf, outcomes } from "#test/support/delivery-bench.js";
import { settled } from "#test/support/virtual-clock.js";

const [A, B, C] = ["a@example.org", "b@example.org", "c@example.org"];

/** Records are written when the test says so. */
const setup = () => {
  const records: SentMail[] = [];
  const written: (() => void)[] = [];
  const sent = {
    record: (mail: SentMail) => {
      records.push(mail);
      return new Promise<void>((resolve) => written.push(resolve));
    },
  };
  return { bench: new DeliveryBench({}, { sent }), records, written };
};

test("a record says what the server said, under which Message-IDs, and how many seconds the last attempt took", async () => {
  const { bench, records } = setup();
  bench.route = () => [everybody(A), { ...everybody(B), look: { locale: "ko" } }];
  bench.submit("boiler");
  await settled();
  await bench.clock.advance(500);
  await bench.attempts[0]?.end(outcomes.accepted());
  await bench.clock.advance(250);
  await bench.attempts[1]?.end(outcomes.accepted());
  assert.deepEqual(
    records.map(({ messageId, otherMessageIds, recipients }) => [messageId, otherMessageIds, recipients]),
    [
      ["<boiler>", [], [A]],
      ["<boiler-ko>", ["<boiler>"], [B]],
    ],
  );
  assert.deepEqual(
    records.map(({ seconds, reply, outcome }) => [seconds, reply, outcome]),
    [
      [0.5, "250 OK", "accepted"],
      [0.25, "250 OK", "accepted"],
    ],
  );
});

test("a mail is settled once all of its records are written, in whatever order that comes", async () => {
  const { bench, written } = setup();
  bench.route = () => [everybody(A), { ...everybody(B), look: { locale: "ko" } }];
  bench.answer = () => outcomes.accepted();
  bench.submit("boiler");
  await bench.clock.advance(1_000);
  assert.equal(written.length, 2);
  written[1]?.();
  await settled();
  assert.deepEqual(bench.accepted, [], "the first one is not written yet");
  written[0]?.();
  await settled();
  assert.deepEqual(bench.accepted, ["boiler"]);
});

test("of a mail that nobody gets the record says how long its last attempt took; without any attempt, nothing", async () => {
  const { bench, records } = setup();
  bench.submit("boiler");
  await bench.clock.advance(500);
  await bench.attempts[0]?.end(outcomes.refused([failureOf(A, "recipient-refused")]));
  bench.recipients = [];
  bench.submit("pump");
  await settled();
  assert.deepEqual(
    records.map(({ outcome, seconds }) => [outcome, seconds]),
    [
      ["dead_lettered", 0.5],
      ["dead_lettered", undefined],
    ],
  );
});

test("of a mail that is presumed to have come, the record says what was seen last", async () => {
  const { bench, records, written } = setup();
  const silence = { phase: "sent", reason: "timeout", reply: "", code: undefined, detail: "no reply" } as const;
  bench.answer = () => {
    const index = bench.attempts.length - 1;
    const end = () => void bench.attempts[index]?.end({ kind: "ambiguous", failure: silence, refused: [] });
    bench.clock.after(1_500, end);
    return undefined;
  };
  bench.submit("boiler");
  await bench.clock.advance(3_600_000);
  assert.deepEqual(
    records.map(({ outcome, reply, presumed, seconds }) => [outcome, reply, presumed, seconds]),
    [["presumed", "no reply", [A], 1.5]],
  );
  written[0]?.();
  await settled();
  assert.deepEqual([bench.presumed, bench.counted], [["boiler"], ["boiler"]]);
});

test("each record names somebody: a message that is deferred adds none to that of the others", async () => {
  const { bench, records, written } = setup();
  bench.route = () => [everybody(A), { ...everybody(B), look: { locale: "ko" } }];
  bench.answer = (_, to) => (to.includes(B) && bench.clock.elapsed() < 500 ? outcomes.deferred() : outcomes.accepted());
  bench.submit("boiler");
  await bench.clock.advance(100);
  assert.deepEqual([bench.passed, bench.underWay.size], [[], 1], "who has it is not on record yet");
  written[0]?.();
  await settled();
  assert.deepEqual([bench.passed, bench.underWay.size], [["boiler"], 0]);
  await bench.clock.advance(5_000);
  assert.deepEqual(
    records.map(({ messageId, recipients }) => [messageId, recipients]),
    [
      ["<boiler>", [A]],
      ["<boiler-ko>", [B]],
    ],
  );
  written[1]?.();
  await settled();
  assert.deepEqual([bench.accepted, bench.presumed, bench.underWay.size], [["boiler"], [], 0]);
});

test("whom the server refused is on record, also where a deferred message ends what is sent for now", async () => {
  const { bench, records, written } = setup();
  bench.route = () => [
    everybody(A),
    { ...everybody(B), look: { locale: "ko" } },
    { ...everybody(C), look: { locale: "ko", timeZone: "Asia/Seoul" } },
  ];
  bench.answer = (_, to) => {
    if (to.includes(B)) return outcomes.refused([failureOf(B, "recipient-refused")]);
    return to.includes(C) && bench.clock.elapsed() < 500 ? outcomes.deferred() : outcomes.accepted();
  };
  bench.submit("boiler");
  await bench.clock.advance(100);
  for (const write of written) write();
  await settled();
  await bench.clock.advance(5_000);
  assert.deepEqual(
    records.map(({ recipients, failed }) => [recipients, failed.map(({ address }) => address)]),
    [
      [[A], []],
      [[], [B]],
      [[C], []],
    ],
  );
});

test("who never answered is presumed on its own record, and not on those of the others; the mail is presumed, and counts", async () => {
  const { bench, records, written } = setup();
  bench.route = () => [everybody(A), { ...everybody(B), look: { locale: "ko" } }];
  let left = 5;
  bench.answer = () => (left-- > 0 ? outcomes.ambiguous() : outcomes.accepted());
  bench.submit("boiler");
  await bench.clock.advance(3_600_000);
  assert.deepEqual(
    records.map(({ outcome, recipients, presumed }) => [outcome, recipients, presumed]),
    [
      ["presumed", [A], [A]],
      ["presumed", [B], []],
    ],
  );
  for (const write of written) write();
  await settled();
  assert.deepEqual([bench.presumed, bench.counted], [["boiler"], ["boiler"]]);
});
