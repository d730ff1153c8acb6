/** G7: the lines of each mail, exactly. The integration test asks them "why did I not get this mail?". */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { DeliveryOptions } from "#src/runtime/delivery-deps.js";
import { MailHistory, MailLog } from "#src/runtime/mail-log.js";
import type { Digest, SmtpReason } from "#src/runtime/ports.js";
import { createRecipientView, type RecipientMode } from "#src/runtime/recipient-view.js";
import type { ServerAddress } from "#src/runtime/server-trouble.js";
import { DeliveryBench, failure, failureOf, outcomes } from "#test/support/delivery-bench.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const { accepted, ambiguous, deferred, refused, unreachable } = outcomes;

/** Lines as they arrive at pino: fields without a value are not written. */
const recordingLog = () => {
  const lines: Record<string, unknown>[] = [];
  const at =
    (level: string) =>
    (fields: object, msg: string): void => {
      lines.push({ level, msg, ...JSON.parse(JSON.stringify(fields)) });
    };
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
};

const setup = (options: Partial<DeliveryOptions> = {}, recipients?: RecipientMode) => {
  const { lines, log } = recordingLog();
  const bench = new DeliveryBench(options, { log, ...(recipients && { recipients }) });
  bench.recipients = ["kim@example.org", "lee@example.org"];
  return { bench, lines };
};

const ABOUT = {
  device: "boiler",
  window: ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:30.000Z"],
  windows: 1,
  topic: "alerts",
  partition: 0,
  offsets: [0, 0],
  alerts: 0,
  messageId: "<boiler>",
};

test("an accepted mail is one line: what it was, who has it, what the server said, how long it took", async () => {
  const { bench, lines } = setup();
  await bench.clock.advance(32_000);
  bench.submit("boiler");
  await bench.clock.advance(250);
  await bench.attempts[0]?.end(accepted());
  assert.deepEqual(lines, [
    {
      level: "info",
      msg: "mail accepted",
      outcome: "accepted",
      ...ABOUT,
      recipients: ["k***@example.org", "l***@example.org"],
      recipientCount: 2,
      attempts: 1,
      latencyMs: 250,
      reply: "250 OK",
      sinceWindowEndMs: 2_250,
    },
  ]);
});

test("a mail that was deferred says so, and its last line says what came before", async () => {
  const { bench, lines } = setup();
  bench.recipients = ["kim@example.org"];
  bench.answer = () => (bench.clock.elapsed() < 4_000 ? deferred() : accepted());
  bench.submit("boiler");
  await bench.clock.advance(60_000);
  const { reply, reason, phase, code } = failure();
  const said = { phase, reason, code, reply };
  const shown = { ...ABOUT, recipients: [], recipientCount: 0, attempts: 1, latencyMs: 0 };
  assert.deepEqual(lines[0], {
    level: "warn",
    msg: "mail not accepted yet; will be tried again",
    outcome: "deferred",
    ...shown,
    ...said,
    pending: ["k***@example.org"],
    retryInMs: 1_000,
    suppressed: 0,
  });
  const last = lines.at(-1);
  assert.deepEqual(
    [last?.["msg"], last?.["attempts"], last?.["recipients"]],
    ["mail accepted", 4, ["k***@example.org"]],
  );
  assert.deepEqual(last?.["earlier"], [{ outcome: "deferred", ...said, times: 3 }]);
});

test("of a server that defers everything each mail has one line; that it does so again, one line a second", async () => {
  const { bench, lines } = setup({ connections: 100, retryMaxMs: 1_000, retryBudgetMs: 10_000 });
  bench.answer = () => deferred();
  bench.submit(...Array.from({ length: 50 }, (_, i) => `d${i}`));
  assert.equal(lines.length, 0);
  await bench.clock.advance(0);
  assert.equal(lines.length, 50);
  await bench.clock.advance(9_500);
  const again = lines.slice(50);
  assert.equal(bench.attempts.length, 500);
  assert.equal(again.length, 9);
  assert.deepEqual(
    again.map((line) => line["suppressed"]),
    again.map(() => 49),
  );
  await bench.clock.advance(10_000);
  const final = lines.filter(({ outcome }) => outcome === "dead_lettered");
  assert.equal(new Set(final.map(({ device }) => device)).size, 50, "no mail's end is left out");
  assert.equal(final.length, 50);
});

test("a mail that ends in another way than before has a line at once, whatever others ended in", async () => {
  const { bench, lines } = setup();
  const ends = [deferred(), ambiguous(), deferred(), accepted()];
  bench.answer = () => ends.shift();
  bench.submit("boiler");
  await bench.clock.advance(2_000);
  assert.deepEqual(
    lines.map(({ outcome, reason }) => [outcome, reason]),
    [
      ["deferred", "message-deferred"],
      ["ambiguous", "timeout"],
    ],
  );
  await bench.clock.advance(300_000);
  const earlier = lines.at(-1)?.["earlier"] as readonly Record<string, unknown>[];
  assert.deepEqual(
    earlier.map(({ outcome, reason, times }) => [outcome, reason, times]),
    [
      ["deferred", "message-deferred", 2],
      ["ambiguous", "timeout", 1],
    ],
  );
});

test("a mail that some got and some never will is accepted; the line says who failed and what was said of them", async () => {
  const { bench, lines } = setup();
  bench.submit("boiler");
  const reply = "550 5.1.1 <lee@example.org>: unknown";
  await bench.attempts[0]?.end(
    accepted({ refused: [{ ...failureOf("lee@example.org", "recipient-refused"), phase: "rcpt", code: 550, reply }] }),
  );
  const { failed, ...line } = lines[0] ?? {};
  assert.deepEqual(
    [lines.length, line["level"], line["msg"], line["outcome"], line["recipients"], line["stage"], line["reason"]],
    [
      1,
      "warn",
      "mail accepted, not for everybody; the rest is a dead letter",
      "accepted",
      ["k***@example.org"],
      "smtp",
      "recipient-refused",
    ],
  );
  const masked = "550 5.1.1 <l***@example.org>: unknown";
  assert.equal(line["detail"], masked);
  assert.deepEqual(failed, [
    { recipient: "l***@example.org", phase: "rcpt", reason: "recipient-refused", code: 550, reply: masked },
  ]);
});

test("a mail refused for everybody, one without recipients and one that cannot be rendered each have a line that says why", async () => {
  const { bench, lines } = setup();
  bench.submit("boiler");
  await bench.attempts[0]?.end(refused());
  bench.recipients = [];
  bench.submit("nobody");
  await bench.clock.advance(0);
  bench.recipients = ["kim@example.org"];
  bench.renderError = new Error("no template");
  bench.submit("broken");
  await bench.clock.advance(0);
  assert.ok(
    lines.every(({ level, msg }) => level === "warn" && msg === "mail not delivered; it becomes a dead letter"),
  );
  assert.deepEqual(
    lines.map((line) => ["device", "outcome", "stage", "reason", "detail", "attempts"].map((name) => line[name])),
    [
      ["boiler", "dead_lettered", "smtp", "message-refused", "550 5.1.1 message-refused", 1],
      ["nobody", "dead_lettered", "route", "no-recipient", "no recipient: no route matches and MAIL_TO is empty", 0],
      ["broken", "dead_lettered", "render", "render-failed", "no template", 0],
    ],
  );
});

test("an unreachable server is said at once and then twice a minute; when it is back, for how long it was away, and of each mail how long it waited for it", async () => {
  const { bench, lines } = setup({ connections: 1 });
  const away = 10 * 60_000;
  bench.answer = () => (bench.clock.elapsed() < away ? unreachable() : accepted());
  bench.submit("boiler");
  await bench.clock.advance(5 * 60_000);
  bench.submit("later");
  await bench.clock.advance(6 * 60_000);
  const told = lines.filter(({ msg }) => String(msg).startsWith("SMTP server unreachable"));
  assert.ok(told.length >= 19 && told.length <= 20, `${told.length} lines`);
  assert.ok(Number(told.at(-1)?.["suppressed"]) >= 4);
  const back = lines.find(({ msg }) => msg === "SMTP server reachable again") ?? {};
  assert.ok(Math.abs(Number(back["unreachableMs"]) - away) <= 5_000);
  const of = (name: string) => lines.find(({ device, msg }) => device === name && msg === "mail accepted") ?? {};
  const waited = (name: string) => Number(of(name)["serverUnreachableMs"]);
  assert.equal(waited("boiler"), Number(back["unreachableMs"]));
  assert.equal(waited("later"), waited("boiler") - 5 * 60_000);
  const [tried] = (of("boiler")["earlier"] ?? []) as { outcome: string; reason: string }[];
  assert.deepEqual([tried?.outcome, tried?.reason], ["unreachable", "connection-refused"]);
});

test("what a server says while it cannot be used names nobody in full either", async () => {
  const { bench, lines } = setup();
  bench.submit("boiler");
  const reply = "550 5.7.1 <kim@example.org>: relaying denied";
  await bench.attempts[0]?.end({ kind: "unreachable", failure: { ...failure("auth"), reply } });
  assert.deepEqual(
    lines.map((line) => [line["reason"], line["reply"]]),
    [["auth", "550 5.7.1 <k***@example.org>: relaying denied"]],
  );
});

test("a mail whose remaining recipients are no recipients any more has its line too", async () => {
  const { bench, lines } = setup();
  bench.have = bench.recipients;
  bench.submit("boiler");
  await bench.clock.advance(0);
  assert.deepEqual(
    lines.map(({ msg, outcome, attempts, recipientCount }) => [msg, outcome, attempts, recipientCount]),
    [["mail accepted before; nobody is left to send it to", "accepted", 0, 2]],
  );
});

test("LOG_RECIPIENTS=full shows addresses as they are, none shows only how many", async () => {
  for (const [mode, shown] of [
    ["full", ["kim@example.org", "lee@example.org"]],
    ["none", undefined],
  ] as const) {
    const { bench, lines } = setup({}, mode);
    bench.answer = () => accepted();
    bench.submit("boiler");
    await bench.clock.advance(0);
    assert.deepEqual([lines[0]?.["recipients"], lines[0]?.["recipientCount"]], [shown, 2]);
  }
});

/** The log of mails alone, five seconds in. */
const alone = async (server?: ServerAddress) => {
  const { lines, log } = recordingLog();
  const clock = new VirtualClock(0);
  await clock.advance(5_000);
  return { lines, clock, mails: new MailLog({ log, clock, recipients: createRecipientView("masked"), server }) };
};

const KIM = "kim@example.org";
const { reply, reason, phase, code } = failure();
const SAID = { phase, reason, code, reply };

test("a recipient that waits, is given up or takes mail again has a line with what was said, or how long it waited", async () => {
  const { lines, mails } = await alone();
  mails.recipientWaits(KIM, failure());
  mails.recipientGivenUp(KIM, failure());
  mails.recipientTakesAgain(KIM, 2_000);
  mails.recipientTakesAgain(KIM, 9_000);
  const recipient = "k***@example.org";
  const takes = "the server takes mail for the recipient again; what waited for it leaves";
  assert.deepEqual(lines, [
    {
      level: "warn",
      msg: "the server defers a recipient; its mails wait for it alone, the others get theirs",
      recipient,
      ...SAID,
    },
    {
      level: "warn",
      msg: "a recipient was deferred too long; until it takes one, each of its mails is tried once",
      recipient,
      ...SAID,
    },
    { level: "info", msg: takes, recipient, waitedMs: 3_000 },
    { level: "info", msg: takes, recipient, waitedMs: 0 },
  ]);
});

test("a server that refuses us has a line of its own, one that is away a line with what is wrong; back, it says how long it was away", async () => {
  const address = { host: "mail.example.org", port: 587, login: "none" } as const;
  const policy = { ...SAID, reason: "policy", reply: "450 policy", probeInMs: 100, suppressed: 0 };
  const refuses = { level: "warn", msg: "SMTP server refuses us; mails wait, none is given up" };
  const nameless = await alone();
  nameless.mails.unreachable(new MailHistory(), failure("policy"), 99.9);
  assert.deepEqual(nameless.lines, [{ ...refuses, ...policy }]);
  const { lines, clock, mails } = await alone(address);
  mails.reachable();
  mails.unreachable(new MailHistory(), failure("policy"), undefined);
  assert.deepEqual(lines, [], "nor is anything said while a probe is waited for");
  mails.unreachable(new MailHistory(), failure("policy"), 99.9);
  mails.unreachable(new MailHistory(), failure("dns"), 100);
  await clock.advance(2_000);
  mails.reachable();
  assert.deepEqual(lines[0], { ...refuses, ...policy, host: "mail.example.org", port: 587 });
  assert.deepEqual(
    ["host", "port", "trouble", "msg"].map((name) => lines[1]?.[name]),
    ["mail.example.org", 587, "name-unknown", "SMTP server unreachable; mails wait, none is given up"],
  );
  assert.deepEqual(lines.slice(2), [{ level: "info", msg: "SMTP server reachable again", unreachableMs: 2_000 }]);
});

test("a mail of several devices that is presumed delivered says to whom; one that only some have is deferred", async () => {
  const digest: Partial<Digest> = { deviceId: "boiler", windowCount: 1, topic: "alerts", partition: 0, count: 0 };
  Object.assign(digest, { windowStart: 0, windowEnd: 30_000, firstOffset: 0, lastOffset: 0 });
  const mail = {
    digest: digest as Digest,
    devices: 2,
    messageId: "<boiler>",
    attempts: 1,
    latencyMs: undefined,
    history: new MailHistory(),
    serverUnreachableMs: 0,
    reached: [],
    presumed: [KIM],
  };
  const { lines, mails } = await alone();
  mails.presumed(mail, { ...failure(), detail: "for kim@example.org" });
  const shown = { ...ABOUT, devices: 2, recipients: [], recipientCount: 0, attempts: 1 };
  assert.deepEqual(lines, [
    {
      level: "warn",
      msg: "mail presumed delivered: its end was sent, no reply ever came",
      outcome: "presumed",
      ...shown,
      presumed: ["k***@example.org"],
      ...SAID,
      detail: "for k***@example.org",
      sinceWindowEndMs: 0,
    },
  ]);
  mails.willRetry(mail, "accepted", failure(), { pending: [KIM], retryInMs: 1_000 });
  assert.equal(lines[1]?.["outcome"], "deferred");
  assert.deepEqual(
    mail.history.entries.map(({ outcome }) => outcome),
    ["deferred"],
  );
});

test("the history of a mail has an entry for each outcome and reason, eight at most", () => {
  const history = new MailHistory();
  const fresh = (...reasons: SmtpReason[]) => reasons.map((each) => history.note("deferred", failure(each)));
  assert.deepEqual(fresh("auth", "policy"), [true, true]);
  assert.equal(history.note("ambiguous", failure("auth")), true);
  assert.deepEqual(fresh("policy", "dns", "timeout", "tls"), [false, true, true, true]);
  assert.deepEqual(fresh("connection-lost", "connection-refused", "greeting", "greeting"), [true, true, false, false]);
  assert.deepEqual(
    history.entries.map(({ times }) => times),
    [1, 2, 1, 1, 1, 1, 1, 1],
  );
});

test("docs/logs.md names every message and every field of these lines", async () => {
  const docs = readFileSync(new URL("../../../docs/logs.md", import.meta.url), "utf8");
  const { bench, lines } = setup({ connections: 1, retryBudgetMs: 5_000 });
  const ends = [
    unreachable(),
    deferred(),
    accepted({ refused: [{ ...failureOf("lee@example.org", "recipient-refused"), detail: "seen" }] }),
    refused(),
  ];
  bench.answer = () => ends.shift() ?? accepted();
  bench.submit("half");
  await bench.clock.advance(60_000);
  bench.submit("never");
  await bench.clock.advance(0);
  bench.submit("through");
  await bench.clock.advance(0);
  bench.have = bench.recipients;
  bench.submit("before");
  await bench.clock.advance(0);
  const nested = lines.flatMap((line) => [
    line,
    ...["failed", "earlier"].flatMap((name) => (line[name] ?? []) as Record<string, unknown>[]),
  ]);
  const messages = new Set(lines.map(({ msg }) => String(msg)));
  assert.equal(messages.size, 7, [...messages].join("; "));
  const fields = new Set(nested.flatMap((line) => Object.keys(line)));
  for (const name of [...messages, ...fields]) assert.ok(docs.includes(`\`${name}\``), name);
});
