import assert from "node:assert/strict";
import { test } from "node:test";
import type { LetterFacts, LetterNews } from "#src/core/letter-news.js";
import { letterFacts } from "#src/runtime/letter-facts.js";
import { LetterMail } from "#src/runtime/letter-mail.js";
import type { RecordDeadLetter, SendOutcome, SmtpFailure } from "#src/runtime/ports.js";
import { quietLog } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const MINUTE = 60_000;
const FAILURE: SmtpFailure = { phase: "connect", reason: "connection-refused", reply: "", code: undefined };
const ACCEPTED: SendOutcome = { kind: "accepted", reply: "250 ok", refused: [], deferred: [] };
const AWAY: SendOutcome = { kind: "unreachable", failure: FAILURE };
const AMBIGUOUS: SendOutcome = { kind: "ambiguous", failure: { ...FAILURE, phase: "sent" }, refused: [] };

const setup = (to: readonly string[] = ["a@x.test", "b@x.test"]) => {
  const clock = new VirtualClock();
  const world = {
    outcome: ACCEPTED as SendOutcome | Promise<SendOutcome>,
    sent: [] as {
      readonly at: number;
      readonly letters: number;
      readonly to: readonly string[];
      readonly id: string;
    }[],
    counted: [] as string[],
  };
  const begun = clock.now();
  const mail = new LetterMail({
    intervalMs: 15 * MINUTE,
    to,
    render: ({ letters, untilMs }: LetterNews) => {
      const id = `${untilMs - begun}`;
      return { messageId: id, subject: "", from: "", raw: Buffer.from(String(letters)) };
    },
    mailer: {
      send: async ({ raw, messageId }, recipients) => {
        world.sent.push({ at: clock.now() - begun, letters: Number(raw), to: recipients, id: messageId });
        return world.outcome;
      },
    },
    metrics: { deadLetterMail: (outcome) => void world.counted.push(outcome) },
    clock,
    log: quietLog,
    random: () => 1,
  });
  const note = (severity: LetterFacts["severity"] = "warning"): void =>
    mail.noteFacts({
      ...{ kind: "window", stage: "smtp", reason: "recipient-refused", deviceId: "d", severity, alerts: 1 },
      ...{ says: "", detail: "", position: undefined, atMs: clock.now() },
    });
  return { clock, mail, note, world };
};

test("at most one mail an interval; a critical letter does not wait for its end", async () => {
  const { clock, note, world } = setup();
  note();
  await clock.advance(14 * MINUTE);
  assert.equal(world.sent.length, 0);
  await clock.advance(MINUTE);
  assert.deepEqual(
    world.sent.map(({ at, letters }) => [at, letters]),
    [[15 * MINUTE, 1]],
  );
  note("critical");
  note();
  await clock.advance(15 * MINUTE);
  await clock.advance(30 * MINUTE);
  note("critical");
  await clock.advance(0);
  await settled();
  assert.deepEqual(
    world.sent.map(({ at, letters }) => [at / MINUTE, letters]),
    [
      [15, 1],
      [30, 2],
      [60, 1],
    ],
  );
  assert.deepEqual(world.counted, ["sent", "sent", "sent"]);
});

test("while the server is away letters gather, and one mail tells of all of them once it is back", async () => {
  const { clock, note, world } = setup();
  world.outcome = AWAY;
  note("critical");
  await clock.advance(20 * MINUTE);
  note("critical");
  assert.ok(world.sent.length > 3, "it tries again");
  assert.deepEqual(world.counted, []);
  world.outcome = ACCEPTED;
  await clock.advance(5 * MINUTE);
  const { letters } = world.sent.at(-1) ?? {};
  assert.equal(letters, 2);
  assert.deepEqual(world.counted, ["sent"]);
  await clock.advance(60 * MINUTE);
  assert.deepEqual(world.counted, ["sent"], "and nothing after that");
});

test("who has it does not get it again because another is deferred", async () => {
  const { clock, note, world } = setup();
  const deferred = { ...FAILURE, address: "b@x.test" };
  world.outcome = { ...ACCEPTED, kind: "accepted", deferred: [deferred] } as SendOutcome;
  note("critical");
  await clock.advance(1);
  world.outcome = ACCEPTED;
  await clock.advance(MINUTE);
  assert.deepEqual(
    world.sent.map(({ to, id }) => [to, id]),
    [
      [["a@x.test", "b@x.test"], world.sent[0]?.id],
      [["b@x.test"], world.sent[0]?.id],
    ],
  );
  assert.deepEqual(world.counted, ["sent"]);
});

test("one whose reply never came is sent again as it was, and taken for delivered after the third time", async () => {
  const { clock, note, world } = setup(["a@x.test"]);
  world.outcome = AMBIGUOUS;
  note("critical");
  await clock.advance(MINUTE);
  assert.equal(world.sent.length, 3);
  assert.equal(new Set(world.sent.map(({ id }) => id)).size, 1);
  assert.deepEqual(world.counted, ["sent"]);
});

test("whom the server deferred before the message is not taken for one who has it", async () => {
  const { clock, note, world } = setup();
  const deferred = { ...FAILURE, address: "b@x.test" };
  world.outcome = { ...AMBIGUOUS, rcpt: { taken: ["a@x.test"], deferred: [deferred] } } as SendOutcome;
  note("critical");
  await clock.advance(20_000);
  assert.deepEqual(world.counted, []);
  world.outcome = ACCEPTED;
  await clock.advance(10 * MINUTE);
  assert.deepEqual(world.sent.at(-1)?.to, ["b@x.test"]);
  assert.deepEqual(world.counted, ["sent"]);
});

test("one that is refused is given up: it is no dead letter, and makes no mail", async () => {
  const { clock, note, world } = setup();
  world.outcome = {
    kind: "refused",
    failure: { ...FAILURE, phase: "rcpt", reason: "recipient-refused" },
    recipients: [],
  };
  note("critical");
  await clock.advance(60 * MINUTE);
  assert.deepEqual([world.sent.length, world.counted], [1, ["failed"]]);
  assert.equal(clock.pending, 0);
});

test("a stop tells what gathered; a server that was away a moment ago does not hold it up", async () => {
  const one = setup();
  one.note();
  await one.mail.drain();
  assert.deepEqual(
    one.world.sent.map(({ letters }) => letters),
    [1],
  );
  const two = setup();
  two.world.outcome = AWAY;
  two.note("critical");
  await two.clock.advance(1);
  const { length } = two.world.sent;
  await two.mail.drain();
  assert.deepEqual([two.world.sent.length, two.clock.pending], [length, 0]);
});

test("of a record that cannot be read what looks like a message and a severity is told, else how it begins", () => {
  const record: RecordDeadLetter = {
    ...{ kind: "record", stage: "decode", reason: "key-mismatch", detail: "d", topic: "alerts", partition: 0 },
    ...{ offset: 7, timestampMs: 0, key: Buffer.from("boiler"), value: Buffer.from("{}") },
  };
  const value = (text: string) => letterFacts({ ...record, value: Buffer.from(text) }, { partition: 2, offset: 9 }, 5);
  const read = value('{"message":"the boiler burns","severity":"CRITICAL"}');
  assert.deepEqual(
    [read.says, read.severity, read.deviceId, read.position, read.atMs],
    ["the boiler burns", "critical", "boiler", "2/9", 5],
  );
  const raw = value(`<alarm>${"x".repeat(100_000)}`);
  assert.deepEqual([raw.says.length, raw.says.slice(0, 8), raw.severity], [200, "<alarm>x", undefined]);
  assert.equal(letterFacts({ ...record, key: null }, undefined, 0).deviceId, undefined);
});
