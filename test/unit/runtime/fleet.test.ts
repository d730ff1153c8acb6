import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { worstOf } from "#src/mail/compose-document.js";
import { FleetGathering, type FleetOptions } from "#src/runtime/fleet.js";
import { type MailJob, onlyOf, type Undeliverable } from "#src/runtime/mail-job.js";
import {
  type Addressing,
  type Because,
  type Digest,
  digestsOf,
  type FleetDigest,
  type MailContent,
} from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { VirtualClock } from "#test/support/virtual-clock.js";
import { digest, listed } from "../mail/digest.js";

const END = 30_000;
const WHY: Undeliverable = {
  stage: "smtp",
  reason: "message-refused",
  detail: "550 no",
  attempts: 1,
  messageId: "<m>",
  recipients: [],
  failure: undefined,
};

const world = (options: Partial<FleetOptions> = {}) => {
  const clock = new VirtualClock(0);
  const folded: number[] = [];
  const settled: string[] = [];
  const told: string[] = [];
  const handedOn: { job: MailJob; to: readonly Addressing[] }[] = [];
  const gathering = new FleetGathering(
    { by: "device", maxMails: 2, gatherMs: 500, listed: 3, ...options },
    { clock, onFolded: (mails) => folded.push(mails), onSettled: (outcome) => settled.push(outcome) },
  );
  const job = (deviceId: string, parts: Partial<Digest> & { windowEndMs?: number; have?: readonly string[] } = {}) => {
    const state = { wanted: true, mayStart: true, started: 0 };
    const { windowEndMs = END, have = [], ...rest } = parts;
    const one: MailJob = {
      owner: {
        isWanted: () => state.wanted,
        mayStart: () => state.mayStart,
        mayGoOn: () => state.wanted,
        attemptStarted: () => state.started++,
        attemptEnded: () => state.started--,
        onceCommitted: (go) => go(),
      },
      deviceId,
      windowEnd: windowEndMs,
      critical: false,
      compose: () => digest({ deviceId, windowEnd: eventTime(windowEndMs), ...rest }),
      offsetRuns: () => [[1, 2]],
      size: () => ({ alerts: 1, bytes: 100 }),
      passed: () => told.push(`${deviceId} passed`),
      missing: (recipients) => recipients.filter((address) => !have.includes(address)),
      reached: (addresses) => told.push(`${deviceId} reached ${addresses.join(" ")}`),
      accepted: (_, counts = true) => told.push(`${deviceId} accepted${counts ? "" : " uncounted"}`),
      undeliverable: (_, why, acceptedBySome, counts = true) =>
        told.push(
          `${deviceId} ${why.reason}${acceptedBySome ? " by some" : ""}${counts ? "" : " uncounted"}: ${why.recipients.map(({ address }) => address).join(" ")}`,
        ),
    };
    return Object.assign(one, { state });
  };
  const offer = (one: MailJob, ...to: Addressing[]): void =>
    gathering.offer(one, to, (handed, addressings) => handedOn.push({ job: handed, to: addressings }));
  const fleet = (): FleetDigest => {
    const content = handedOn[0]?.job.compose();
    assert.ok(content !== undefined && "devices" in content);
    return content;
  };
  const names = (content: MailContent): string =>
    digestsOf(content)
      .map(({ deviceId }) => deviceId)
      .join("+");
  const leaving = (): string[] =>
    handedOn.map(
      ({ job: one, to }) => `${names(one.compose())} to ${to.flatMap((a) => [...a.to, ...a.cc, ...a.bcc]).join(" ")}`,
    );
  return { clock, offer, job, leaving, fleet, handedOn, folded, settled, told };
};

test("as many mails as a reader may get leave one by one", async () => {
  const { clock, offer, job, leaving, folded } = world({ maxMails: 2 });
  offer(job("a"), everybody("x"));
  offer(job("b"), everybody("x"));
  assert.deepEqual(leaving(), [], "they wait for each other a moment");
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a to x", "b to x"]);
  assert.deepEqual(folded, []);
});

test("more than a reader may get become one mail, and it says why", async () => {
  const { clock, offer, job, leaving, handedOn, folded, told, settled, fleet: composed } = world({ maxMails: 2 });
  for (const device of ["a", "b", "c"]) offer(job(device), everybody("x", "y"));
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a+b+c to x y"]);
  assert.deepEqual(folded, [3]);
  const [fleet] = handedOn;
  assert.equal(composed().reason, "storm");
  fleet?.job.accepted(fleet.job.compose());
  assert.deepEqual(told, ["a accepted uncounted", "b accepted uncounted", "c accepted uncounted"]);
  assert.deepEqual(settled, ["accepted"], "it counts as one mail");
});

test("mails of windows that ended at different times, and leave at one moment, are counted and folded together", async () => {
  const { clock, offer, job, leaving } = world({ maxMails: 2 });
  for (const [at, device] of ["a", "b", "c"].entries())
    offer({ ...job(device, { windowEndMs: END * (at + 1) }), leavesWith: END * 9 }, everybody("x"));
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a+b+c to x"]);
});

test("only the reader who would get too many gets a fleet mail; a device is settled when everybody has it", async () => {
  const { clock, offer, job, leaving, handedOn, told } = world({ maxMails: 2 });
  offer(job("a"), everybody("x", "boss"));
  offer(job("b"), everybody("y", "boss"));
  offer(job("c"), everybody("y", "boss"));
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a+b+c to boss", "a to x", "b to y", "c to y"]);
  const again = handedOn.map(({ job: one }) => digestsOf(one.compose()).map((each) => each.again ?? false));
  assert.deepEqual(
    again,
    [[false, false, false], [true], [true], [true]],
    "each device's alerts are counted in one of them",
  );
  for (const { job: one } of handedOn) one.accepted(one.compose());
  assert.deepEqual(told, [
    "a reached boss",
    "b reached boss",
    "c reached boss",
    "a accepted",
    "b accepted",
    "c accepted",
  ]);
});

test("a fleet mail that is refused is a dead letter of each device, of those readers only", async () => {
  const { clock, offer, job, handedOn, told, settled } = world({ maxMails: 1 });
  offer(job("a"), everybody("x", "boss"));
  offer(job("b"), everybody("y", "boss"));
  await clock.advance(500);
  const [fleet, ...singles] = handedOn;
  for (const { job: one } of singles) one.accepted(one.compose());
  const recipients = [
    { address: "boss", phase: "data", reason: "message-refused", reply: "550 no", code: 550 },
  ] as const;
  fleet?.job.undeliverable(fleet.job.compose(), { ...WHY, recipients }, false);
  assert.deepEqual(told, [
    "a reached x",
    "b reached y",
    "a message-refused by some: boss",
    "b message-refused by some: boss",
  ]);
  assert.deepEqual(settled, ["dead_lettered"]);
});

test("who has a half-delivered fleet mail is told of at once", async () => {
  const { clock, offer, job, handedOn, told } = world({ by: "recipient" });
  offer(job("a"), everybody("x", "y"));
  offer(job("b"), everybody("x", "y"));
  await clock.advance(500);
  handedOn[0]?.job.compose();
  handedOn[0]?.job.reached(["x"]);
  assert.deepEqual(told, ["a reached x", "b reached x"]);
});

test("who has it is told before the rest becomes a dead letter, whatever comes last", async () => {
  const { clock, offer, job, handedOn, told } = world({ maxMails: 1 });
  offer(job("a"), everybody("x", "boss"));
  offer(job("b"), everybody("boss"));
  await clock.advance(500);
  const [fleet, single] = handedOn;
  fleet?.job.undeliverable(fleet.job.compose(), WHY, false);
  single?.job.accepted(single.job.compose());
  assert.deepEqual(told, ["b message-refused uncounted: ", "a reached x", "a message-refused by some: "]);
});

test("what a window has had already counts, and its late ones fold", async () => {
  const { clock, offer, job, leaving } = world({ maxMails: 2 });
  offer(job("a"), everybody("x"));
  offer(job("b"), everybody("x"));
  await clock.advance(500);
  offer(job("c"), everybody("x"));
  offer(job("d"), everybody("x"));
  await clock.advance(500);
  offer(job("e"), everybody("x"));
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a to x", "b to x", "c+d to x", "e to x"]);
});

test("each window is counted for itself, and so is each look", async () => {
  const { clock, offer, job, leaving } = world({ maxMails: 1 });
  offer(job("a"), everybody("x"));
  offer(job("a2", { windowEndMs: 2 * END }), everybody("x"));
  offer(job("b"), { ...everybody("y"), look: { locale: "en" } });
  await clock.advance(500);
  assert.deepEqual(leaving().toSorted(), ["a to x", "a2 to x", "b to y"]);
});

test("with DIGEST_BY=recipient whoever is told of several devices gets one mail, also of two", async () => {
  const { clock, offer, job, leaving, fleet } = world({ by: "recipient", maxMails: undefined });
  offer(job("a"), everybody("x", "y"));
  offer(job("b"), everybody("x"));
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a+b to x", "a to y"]);
  assert.equal(fleet().reason, "asked");
});

test("who has a mail from a previous owner is not told of it again in a fleet mail", async () => {
  const { clock, offer, job, leaving } = world({ by: "recipient" });
  offer(job("a", { have: ["x"] }), everybody("x", "y"));
  offer(job("b"), everybody("x", "y"));
  offer(job("c"), everybody("x", "y"));
  await clock.advance(500);
  assert.deepEqual(leaving().toSorted(), ["a+b+c to y", "b+c to x"]);
});

test("copies stay copies", async () => {
  const { clock, offer, job, handedOn } = world({ by: "recipient" });
  const to: Addressing = { look: {}, to: ["x"], cc: ["y"], bcc: ["z"] };
  offer(job("a"), to);
  offer(job("b"), to);
  await clock.advance(500);
  assert.deepEqual(
    handedOn.map((one) => one.to),
    [[to]],
  );
});

test("who is hidden in the mail of one device is hidden in a fleet mail that has it", async () => {
  const { clock, offer, job, handedOn } = world({ by: "recipient" });
  offer(job("a"), everybody("x", "y", "z"));
  offer(job("b"), { look: {}, to: ["z"], cc: [], bcc: ["x", "y"] });
  await clock.advance(500);
  assert.deepEqual(
    handedOn.map((one) => one.to),
    [[{ look: {}, to: ["z"], cc: [], bcc: ["x", "y"] }]],
  );
});

test("a fleet mail says every reason for which each of its readers gets one of its devices, each once; a single mail its own", async () => {
  const { clock, offer, job, handedOn } = world({ by: "recipient" });
  const route = (number: number, name?: string) => ({ kind: "route", number, name }) as const;
  const to = (because: readonly Because[], ...who: string[]): Addressing => ({ ...everybody(...who), because });
  offer(job("a"), to([route(1, "heating")], "x", "y", "z"));
  offer(job("b"), to([route(1, "heating"), route(2)], "x", "y"));
  offer(job("c"), to([{ kind: "database" }, route(1, "heating")], "x", "y"));
  await clock.advance(500);
  assert.deepEqual(
    handedOn.map((one) => one.to.map(({ because }) => because)),
    [[[route(1, "heating"), route(2), { kind: "database" }]], [[route(1, "heating")]]],
  );
});

test("readers of one fleet mail who have different reasons are told of none of the others' reasons", async () => {
  const { clock, offer, job, handedOn } = world({ by: "recipient" });
  const [ops, plant] = ["ops", "plant"].map((name, at) => ({ kind: "route", number: at + 1, name }) as const);
  const both = [
    { ...everybody("x"), because: [ops as Because] },
    { ...everybody("y"), because: [plant as Because] },
  ];
  for (const device of ["a", "b"]) offer(job(device), ...both);
  offer(job("c"), { ...everybody("z"), because: [ops as Because, plant as Because] });
  offer(job("d"), { ...everybody("z"), because: [ops as Because] });
  await clock.advance(500);
  assert.deepEqual(
    handedOn.map((one) => one.to.map(({ to, because }) => [to, because])),
    [[[["x", "y"], [{ kind: "several" }]]], [[["z"], [ops, plant]]]],
  );
});

test("the mails of a partition that is lost go away; one that stays alone is the mail it would have been", async () => {
  const { clock, offer, job, leaving, handedOn, told } = world({ by: "recipient" });
  const [a, b, c] = [job("a"), job("b"), job("c")];
  for (const one of [a, b, c]) offer(one, everybody("x"));
  c.state.wanted = false;
  await clock.advance(500);
  assert.deepEqual(leaving(), ["a+b to x"]);
  b.state.wanted = false;
  const [fleet] = handedOn;
  assert.equal(fleet?.job.owner.isWanted(), true);
  assert.ok(!("devices" in (fleet?.job.compose() ?? {})));
  fleet?.job.accepted(fleet.job.compose());
  assert.deepEqual(told, ["a accepted uncounted"]);
});

test("a fleet mail starts when each of its partitions may start one, and is under way for each", async () => {
  const { clock, offer, job, handedOn } = world({ by: "recipient" });
  const [a, b] = [job("a"), job("b")];
  offer(a, everybody("x"));
  offer(b, everybody("x"));
  await clock.advance(500);
  const owner = handedOn[0]?.job.owner;
  b.state.mayStart = false;
  assert.equal(owner?.mayStart(), false);
  b.state.mayStart = true;
  assert.equal(owner?.mayStart(), true);
  owner?.attemptStarted();
  b.state.wanted = false;
  assert.deepEqual([a.state.started, b.state.started, owner?.mayGoOn()], [1, 1, false]);
  owner?.attemptEnded();
  assert.deepEqual([a.state.started, b.state.started], [0, 0]);
});

test("the device with the worst alerts comes first, all of them are counted and few of each are listed", async () => {
  const { clock, offer, job, fleet } = world({ by: "recipient" });
  const many = Array.from({ length: 9 }, (_, i) => listed(i));
  offer(job("many", { listed: many }), everybody("x"));
  offer(job("bad", { listed: [listed(1, { severity: "critical" })] }), everybody("x"));
  offer(job("worse", { listed: [1, 2].map((i) => listed(i, { severity: "critical" })) }), everybody("x"));
  await clock.advance(500);
  assert.deepEqual(
    fleet().devices.map((one) => [one.digest.deviceId, one.summary.count, one.digest.listed.length]),
    [
      ["worse", 2, 2],
      ["bad", 1, 1],
      ["many", 9, 3],
    ],
  );
  assert.equal(fleet().count, 12);
});

test("a device whose trouble goes on comes before a worse one whose trouble is over, as in the headline", async () => {
  const { clock, offer, job, fleet } = world({ by: "recipient" });
  const hot = { severity: "critical", type: "HOT" } as const;
  offer(job("over", { listed: [listed(1, hot), listed(2, { ...hot, status: "resolved" })] }), everybody("x"));
  offer(job("mild", { listed: [listed(1, { severity: "warning", type: "DOOR" })] }), everybody("x"));
  await clock.advance(500);
  const { devices } = fleet();
  assert.deepEqual(
    devices.map((one) => one.digest.deviceId),
    ["mild", "over"],
  );
  assert.equal(worstOf(devices), devices[0], "the headline's device is the first of the list");
});

test("of devices that were as bad those come first that still are, then those that still fire", async () => {
  const { clock, offer, job, fleet } = world({ by: "recipient" });
  const hot = { severity: "critical", type: "HOT" } as const;
  const fine = { severity: "info", type: "HOT", status: "resolved" } as const;
  const alerts = {
    over: [listed(1, hot), listed(2, hot), listed(3, hot), listed(4, fine)],
    better: [listed(1, hot), listed(2, hot), listed(3, fine), listed(4, { type: "DOOR" })],
    firing: [listed(1, hot)],
  };
  for (const [device, each] of Object.entries(alerts)) offer(job(device, { listed: each }), everybody("x"));
  await clock.advance(500);
  assert.deepEqual(
    fleet().devices.map((one) => one.digest.deviceId),
    ["firing", "better", "over"],
  );
});

test("offsets are those of a mail that is of one device: of several they say nothing", () => {
  const [one, other] = [{ deviceId: "a" } as MailJob, { deviceId: "b" } as MailJob];
  assert.deepEqual([onlyOf([one]), onlyOf([one, other]), onlyOf([])], [one, undefined, undefined]);
});
