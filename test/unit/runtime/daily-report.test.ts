import assert from "node:assert/strict";
import { test } from "node:test";
import { type RepairsReport, type Report, ReportSums } from "#src/core/report.js";
import type { ReportPeriod } from "#src/core/report-times.js";
import { zoneOf } from "#src/core/zone.js";
import { DailyReport } from "#src/runtime/daily-report.js";
import type { SendOutcome, SentReport } from "#src/runtime/ports.js";
import { failureOf, outcomes } from "#test/support/delivery-bench.js";
import { recordingMetrics } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const DUE = Date.parse("2026-11-21T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The machine's clock shows a later hour at once: it looks every second, and hours in which nothing is due have many. */
const skip = (clock: VirtualClock, hours: number): void => clock.set(hours * HOUR);

/** What several instances have in common: the record, the mail server, the clock. */
const setup = (startMs: number, { to = ["a@example.org"], maxRecipients = 100 } = {}) => {
  const clock = new VirtualClock(startMs);
  const { metrics, calls } = recordingMetrics();
  const world = {
    clock,
    calls,
    lines: [] as string[],
    reads: [] as string[],
    /** What a mail of the period is on record. */
    mails: 1,
    unreadable: false,
    records: [] as SentReport[],
    rendered: [] as Report[],
    repairs: undefined as RepairsReport | undefined,
    /** `recipients at minutes after DUE`. */
    sends: [] as string[],
    answer: (_to: readonly string[]): SendOutcome | Promise<SendOutcome> => outcomes.accepted(),
    sent: (): number => calls.filter((call) => call === "report sent").length,
    failed: (): number => calls.filter((call) => call === "report failed").length,
    instance(isOurs: () => boolean = () => true): DailyReport {
      const line = (level: string) => (_: unknown, text: string) => void world.lines.push(`${level} ${text}`);
      const report = new DailyReport({
        schedule: { atMinute: 0, zone: zoneOf("UTC") },
        to,
        maxRecipients,
        isOurs,
        source: { read: async (period, stopped) => world.read(period, stopped) },
        repairs: { take: () => world.repairs },
        render: (content) => {
          world.rendered.push(content);
          return { messageId: `<${content.period.day}>`, subject: "", from: "", raw: Buffer.alloc(0) };
        },
        mailer: {
          send: async (_, recipients) => {
            world.sends.push(`${recipients.join(" ")} at ${(clock.now() - DUE) / MINUTE}`);
            return world.answer(recipients);
          },
        },
        record: async (done) => void world.records.push(done),
        metrics,
        clock,
        log: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") },
        random: () => 1,
      });
      report.start();
      return report;
    },
    read(period: ReportPeriod, _stopped: () => boolean) {
      world.reads.push(period.day);
      if (world.unreadable) throw new Error("no right to read");
      const sums = new ReportSums();
      const mail = { deviceId: "boiler", deviceName: undefined, critical: 0, accepted: true, deadLettered: false };
      for (let index = 0; index < world.mails; index++) sums.mail({ ...mail, alerts: 3, devices: 1, seconds: 2 });
      return { sums, reported: world.records.some(({ period: { day } }) => day === period.day) };
    },
  };
  return world;
};

test("it is sent once a day, some seconds after it is due, and put on record", async () => {
  const world = setup(DUE - 10 * MINUTE);
  world.instance();
  await world.clock.advance(10 * MINUTE + 4_000);
  // The report of the day before was due while nobody was there; that one is sent as well.
  assert.deepEqual(
    world.records.map(({ period }) => period.day),
    ["2026-11-20"],
  );
  await world.clock.advance(3_000);
  assert.deepEqual(
    world.records.map(({ period }) => period.day),
    ["2026-11-20", "2026-11-21"],
  );
  skip(world.clock, 22);
  await world.clock.advance(HOUR);
  assert.equal(world.sent(), 2);
  await world.clock.advance(HOUR);
  assert.equal(world.sent(), 3);
  const { period, alerts, outcome, recipients, messageId, attempts } = world.records[1] as SentReport;
  assert.deepEqual([period.fromMs, period.toMs], [DUE - 24 * HOUR, DUE]);
  assert.deepEqual(
    [alerts, outcome, recipients, messageId, attempts],
    [3, "accepted", ["a@example.org"], "<2026-11-21>", 1],
  );
  assert.equal(world.failed(), 0);
});

test("it names the fields that were not written as documented, where there are any", async () => {
  const world = setup(DUE - MINUTE);
  world.repairs = { sinceMs: DUE - HOUR, fields: [{ field: "severity", count: 2 }] };
  world.instance();
  await world.clock.advance(2 * MINUTE);
  assert.deepEqual(world.rendered.at(-1)?.repairs, world.repairs);
});

test("one that starts late sends what nobody sent, unless nothing happened; one that was there says that nothing did", async () => {
  const late = setup(DUE + 9 * HOUR);
  late.instance();
  await late.clock.advance(MINUTE);
  assert.deepEqual([late.sent(), late.sends.length], [1, 1]);

  const quiet = setup(DUE + 9 * HOUR);
  quiet.mails = 0;
  quiet.instance();
  await quiet.clock.advance(HOUR);
  skip(quiet.clock, 8);
  await quiet.clock.advance(HOUR);
  assert.deepEqual([quiet.sent(), quiet.reads], [0, ["2026-11-21"]]);
  skip(quiet.clock, 4);
  await quiet.clock.advance(2 * HOUR);
  assert.deepEqual(
    quiet.records.map(({ period }) => period.day),
    ["2026-11-22"],
  );
});

test("of several instances one sends it, and a takeover does not repeat it", async () => {
  const world = setup(DUE - MINUTE);
  let owner = 1;
  for (const number of [1, 2, 3]) world.instance(() => owner === number);
  await world.clock.advance(2 * MINUTE);
  const before = world.sent();
  for (const next of [2, 3, 1]) {
    owner = next;
    await world.clock.advance(2 * MINUTE);
  }
  assert.equal(world.sent(), before);
  assert.equal(new Set(world.records.map(({ messageId }) => messageId)).size, world.records.length);
});

test("who loses it between reading and sending sends nothing; the next owner does", async () => {
  const world = setup(DUE + HOUR);
  let owner = 1;
  const read = world.read;
  world.read = (period, stopped) => {
    owner = 2;
    return read(period, stopped);
  };
  world.instance(() => owner === 1);
  await world.clock.advance(MINUTE);
  assert.deepEqual(world.sends, []);
  world.instance(() => owner === 2);
  await world.clock.advance(MINUTE);
  assert.equal(world.sent(), 1);
});

test("a failed one is tried again with growing pauses until the next one is due", async () => {
  const world = setup(DUE + MINUTE);
  world.answer = () => outcomes.unreachable();
  world.instance();
  await world.clock.advance(HOUR);
  assert.ok(world.sends.length >= 8 && world.sends.length <= 14, world.sends.join(", "));
  assert.deepEqual([world.records, world.sent(), world.failed()], [[], 0, 0]);
  skip(world.clock, 22);
  await world.clock.advance(HOUR);
  assert.equal(world.failed(), 1);
  world.answer = () => outcomes.accepted();
  await world.clock.advance(HOUR);
  assert.deepEqual(
    world.records.map(({ period }) => period.day),
    ["2026-11-22"],
  );
  assert.ok((world.records[0]?.attempts ?? 99) < 8, "the attempts of the other report are not its own");
});

test("it is overdue from when it is due until it is through, where it is to be sent", async () => {
  const world = setup(DUE - MINUTE);
  world.mails = 0;
  let ours = true;
  const report = world.instance(() => ours);
  const other = world.instance(() => false);
  await world.clock.advance(30_000);
  assert.equal(report.overdueMs, 0, "that of the day before has nothing to say");
  world.mails = 1;
  world.answer = () => outcomes.deferred();
  await world.clock.advance(30_000 + HOUR);
  assert.deepEqual([report.overdueMs, other.overdueMs], [HOUR, 0]);
  ours = false;
  assert.equal(report.overdueMs, 0);
  ours = true;
  world.answer = () => outcomes.accepted();
  await world.clock.advance(20 * MINUTE);
  assert.deepEqual([report.overdueMs, world.sent()], [0, 1]);
});

test("a record that cannot be read is asked for again, and said", async () => {
  const world = setup(DUE + MINUTE);
  world.unreadable = true;
  world.instance();
  await world.clock.advance(5 * MINUTE);
  assert.ok(world.reads.length >= 3 && world.reads.length <= 8, `${world.reads.length} reads`);
  assert.ok(world.lines.includes("warn daily report cannot be made yet"));
  world.unreadable = false;
  await world.clock.advance(10 * MINUTE);
  assert.equal(world.sent(), 1);
});

test("who has it does not get it again while others are deferred, and it is on record at once", async () => {
  const world = setup(DUE + MINUTE, { to: ["a@example.org", "b@example.org", "c@example.org"] });
  world.answer = () =>
    outcomes.accepted({
      deferred: [failureOf("b@example.org", "recipient-deferred")],
      refused: [failureOf("c@example.org", "recipient-refused")],
    });
  world.instance();
  await world.clock.advance(7_000);
  assert.deepEqual(
    world.records.map(({ recipients, failed }) => [recipients, failed.map(({ address }) => address)]),
    [[["a@example.org"], ["c@example.org"]]],
  );
  world.answer = () => outcomes.accepted();
  await world.clock.advance(MINUTE);
  assert.deepEqual(
    world.sends.map((send) => send.replace(/ at .*/, "")),
    ["a@example.org b@example.org c@example.org", "b@example.org"],
  );
  assert.deepEqual(world.records.at(-1)?.recipients, ["a@example.org", "b@example.org"]);
  assert.equal(world.sent(), 1);
});

test("refused for good by everybody is on record too, and not tried again", async () => {
  const world = setup(DUE + MINUTE);
  world.answer = () => outcomes.refused();
  world.instance();
  await world.clock.advance(HOUR);
  assert.deepEqual([world.sends.length, world.failed(), world.records[0]?.outcome], [1, 1, "dead_lettered"]);
  world.instance();
  await world.clock.advance(HOUR);
  assert.equal(world.sends.length, 1);
});

test("more recipients than a transaction takes get it in several", async () => {
  const to = ["a", "b", "c", "d", "e"].map((name) => `${name}@example.org`);
  const world = setup(DUE + MINUTE, { to, maxRecipients: 2 });
  world.instance();
  await world.clock.advance(MINUTE);
  assert.deepEqual(
    world.sends.map((send) => send.replace(/ at .*/, "")),
    ["a@example.org b@example.org", "c@example.org d@example.org", "e@example.org"],
  );
  assert.deepEqual([world.sent(), world.records.at(-1)?.recipients], [1, to]);
});

test("a stop waits for a mail under way and begins nothing", async () => {
  const world = setup(DUE + MINUTE);
  let end: (outcome: SendOutcome) => void = () => undefined;
  world.answer = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  const report = world.instance();
  await world.clock.advance(MINUTE);
  assert.equal(world.sends.length, 1);
  let stopped = false;
  const stop = report.drain().then(() => {
    stopped = true;
  });
  await world.clock.advance(MINUTE);
  assert.ok(!stopped);
  end(outcomes.accepted());
  await stop;
  assert.equal(world.records.length, 1);
  assert.equal(world.clock.pending, 0);
  await world.instance().drain();
  await world.clock.advance(HOUR);
  assert.equal(world.sends.length, 1);
});
