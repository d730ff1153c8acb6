import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "#src/http/page/browser/format.js";
import {
  commonestRepairs,
  fullestWindows,
  lastDeadLetters,
  lastMails,
  latestMutes,
  recentDeadLetters,
  unownedPartitions,
} from "#src/http/page/browser/group.js";
import { serverTroubleText, TEXTS } from "#src/http/page/browser/texts.js";
import { createVerdict } from "#src/http/page/browser/verdict.js";
import type { InstanceStatus, ShownInstance } from "#src/http/status-shape.js";
import {
  deadLetterStatus,
  groupStatus,
  instanceStatus,
  mailStatus,
  NOW,
  partitionStatus,
  windowStatus,
} from "#test/browser/support/group-status.js";

const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();
/** The level of the verdict, then its problems. */
const kinds = (instances: readonly ShownInstance[]) => {
  const { level, problems } = createVerdict()(groupStatus({ instances }));
  return [level, ...problems.map(({ kind }) => kind)];
};

test("a usual day has no problem", () => {
  assert.deepEqual(createVerdict()(groupStatus()), { level: "ok", problems: [], onlyOwn: undefined });
});

test("a partition that changes hands is no problem; one that is nobody's for 15 seconds is", () => {
  const judge = createVerdict();
  const two = [instanceStatus(0), instanceStatus(1)];
  assert.deepEqual(unownedPartitions(groupStatus({ instances: two })), [8, 9, 10, 11]);
  assert.deepEqual(judge(groupStatus({ instances: two })).problems, []);
  assert.deepEqual(judge(groupStatus({ instances: two, time: at(14) })).problems, []);
  const { level, problems } = judge(groupStatus({ instances: two, time: at(15) }));
  assert.deepEqual([level, problems], ["bad", [{ kind: "unowned", partitions: [8, 9, 10, 11] }]]);
  judge(groupStatus({ time: at(16) }));
  assert.deepEqual(judge(groupStatus({ instances: two, time: at(20) })).problems, []);
});

test("an instance that the group does not know is shown, and adds nothing to sums, lists, owners or the verdict", () => {
  const usual = [instanceStatus(0), instanceStatus(1)];
  const parts = {
    partitions: [8, 9, 10, 11].map((partition) => partitionStatus({ partition, lagSeconds: 9_999 })),
    mails: [mailStatus(1)],
    deadLetters: [deadLetterStatus({ at: at(-1) })],
    repairs: [{ field: "severity", count: 7 }],
    lastPollAgeSeconds: 99,
  };
  const tell = (isMember: boolean | null) => {
    const status = groupStatus({ instances: [...usual, { ...instanceStatus(2, parts), isMember }] });
    const lists = [lastMails(status), lastDeadLetters(status), commonestRepairs(status)].map(({ length }) => length);
    return [createVerdict()(status).level, unownedPartitions(status).length, ...lists, recentDeadLetters(status).count];
  };
  const without = groupStatus({ instances: usual });
  const own = lastMails(without).length;
  assert.deepEqual(tell(false), ["ok", 4, own, 0, commonestRepairs(without).length, 0]);
  assert.deepEqual(tell(true), ["bad", 0, own + 1, 1, 1, 1]);
  assert.deepEqual(tell(null), tell(true), "who cannot know the members believes all");
});

test("while others cannot be known, their partitions are not called nobody's, nor well", () => {
  const judge = createVerdict();
  const alone = { sharing: "off", instances: [instanceStatus(0)] } as const;
  judge(groupStatus(alone));
  assert.deepEqual(judge(groupStatus({ ...alone, time: at(60) })), { level: "ok", problems: [], onlyOwn: 4 });
});

test("late is above window, grace and ten seconds, and says where the oldest alert waits", () => {
  const waits = (partition: object, windows: object = {}) => {
    const instance = instanceStatus(0, { partitions: [partitionStatus({ lagSeconds: 42.1, ...partition })] });
    const status = {
      sharing: "off",
      instances: [{ ...instance, windows: { ...instance.windows, ...windows } }],
    } as const;
    const [problem] = createVerdict()(groupStatus(status)).problems;
    return problem?.kind === "late" ? problem.waits : problem?.kind;
  };
  assert.equal(waits({ lagSeconds: 42 }), undefined);
  const patient = groupStatus({
    windowSeconds: 60,
    graceSeconds: 5,
    instances: [instanceStatus(0, { partitions: [partitionStatus({ lagSeconds: 75 })] })],
  });
  assert.equal(
    createVerdict()(patient).problems.some(({ kind }) => kind === "late"),
    false,
  );
  assert.equal(waits({}), "window");
  assert.equal(waits({ position: 1 }), "kafka");
  assert.equal(waits({ paused: ["buffer"] }), "paused");
  assert.equal(waits({ position: 1 }, { pending: 3, oldestPendingAgeSeconds: 8 }), "mail");
  // Another partition's window, which ended long after this alert came.
  assert.equal(waits({ lagSeconds: 90, position: 1 }, { pending: 3, oldestPendingAgeSeconds: 8 }), "kafka");
  assert.equal(waits({ lagSeconds: 90 }, { pending: 3, oldestPendingAgeSeconds: 8 }), "mail");
});

test("a transaction that has been open for ten seconds is told with all that lies behind it, before it makes anything late", () => {
  const behind = (partition: number, seconds: number, parts: object = {}) =>
    partitionStatus({ partition, openTransaction: { records: 6, seconds }, position: 184_200, ...parts });
  const judge = (...partitions: ReturnType<typeof partitionStatus>[]) =>
    createVerdict()(groupStatus({ sharing: "off", instances: [instanceStatus(0, { partitions })] }));
  assert.deepEqual(judge(behind(0, 10)).problems, []);
  const open = { kind: "open-transaction", partitions: [2, 3], records: 12, seconds: 20 };
  const early = judge(behind(3, 20), behind(1, 4), behind(2, 11));
  assert.deepEqual([early.level, early.problems], ["watch", [open]]);
  const late = judge(behind(2, 68, { lagSeconds: 68 }));
  assert.deepEqual(
    [late.level, ...late.problems.map((problem) => (problem.kind === "late" ? problem.waits : problem.kind))],
    ["bad", "open-transaction", "transaction"],
  );
  const alsoUnread = judge(behind(2, 68, { lagSeconds: 68, position: 184_000 })).problems.at(-1);
  assert.equal(alsoUnread?.kind === "late" && alsoUnread.waits, "kafka");
});

test("the cause comes before its consequences, and dead letters alone are to be watched", () => {
  const smtp = { ...instanceStatus(1).smtp, circuitOpen: true, circuitSince: at(-60) };
  const slow = instanceStatus(1, { smtp, partitions: [partitionStatus({ lagSeconds: 99 })] });
  const recent = instanceStatus(2, { deadLetters: [deadLetterStatus({ at: at(-3_500) })] });
  assert.deepEqual(kinds([instanceStatus(0, { lastPollAgeSeconds: 31 }), slow, recent]), [
    "bad",
    "circuit-open",
    "kafka-silent",
    "late",
    "dead-letters",
  ]);
  assert.deepEqual(kinds([instanceStatus(0), instanceStatus(1), recent]), ["watch", "dead-letters"]);
});

test("what is wrong with the mail server is told by name, with its address, also before any mail has met it", () => {
  const trouble = { kind: "password", said: "535 no" };
  const away = { reachable: false, since: at(-60), trouble };
  const smtp = { ...instanceStatus(1).smtp, ...away, circuitSince: at(-20) };
  const [problem] = createVerdict()(
    groupStatus({ instances: [instanceStatus(0), instanceStatus(1, { smtp })] }),
  ).problems;
  assert.deepEqual(problem, {
    kind: "circuit-open",
    refusesUs: false,
    hosts: [instanceStatus(1).host],
    since: at(-60),
    cause: "535 no",
    trouble: "password",
    server: "mail.example.com:587",
  });
  const later = { ...smtp, trouble: { kind: "of a later version", said: "?" } };
  const [unknown] = createVerdict()(groupStatus({ instances: [instanceStatus(1, { smtp: later })] })).problems;
  const named = unknown?.kind === "circuit-open" ? unknown.trouble : undefined;
  assert.deepEqual([named, serverTroubleText(TEXTS.en, named)], ["of a later version", undefined]);
  assert.equal(serverTroubleText(TEXTS.en, trouble.kind)?.short, TEXTS.en.serverTrouble.password.short);
});

test("a server that refuses every mail is told apart from one that is away, with its words", () => {
  const told = (reason: string) => {
    const lastFailure = { at: at(-60), phase: "rcpt", reason, reply: "554 5.7.1 Relay access denied" };
    const smtp = { ...instanceStatus(1).smtp, circuitOpen: true, circuitSince: at(-60), lastFailure };
    const [problem] = createVerdict()(groupStatus({ instances: [instanceStatus(1, { smtp })] })).problems;
    return problem?.kind === "circuit-open" && [problem.refusesUs, problem.cause];
  };
  assert.deepEqual(told("policy"), [true, "rcpt, policy: 554 5.7.1 Relay access denied"]);
  assert.deepEqual(told("timeout"), [false, "rcpt, timeout: 554 5.7.1 Relay access denied"]);
});

test("lists of all instances are merged, bounded, and have a key for each row", () => {
  const many = Array.from({ length: 50 }, (_, index) => windowStatus(0, { alerts: index, deviceId: `d${index % 40}` }));
  const mails = Array.from({ length: 30 }, (_, index) => mailStatus(index));
  const instance = instanceStatus(0, { windows: { ...instanceStatus(0).windows, top: many }, mails });
  const status = groupStatus({ instances: [instance, instanceStatus(1, { mails })] });
  const windows = fullestWindows(status);
  assert.equal(windows.length, 20);
  assert.equal(new Set(windows.map(({ key }) => key)).size, 20);
  const times = lastMails(status).map(({ item }) => item.at);
  assert.deepEqual(times, [...times].sort().reverse());
});

test("dead letters of the last hour are counted; a list that is cut off within it makes it a lower bound", () => {
  const deadLetters = [
    deadLetterStatus({ at: at(-10), position: "3/3" }),
    deadLetterStatus({ at: at(-20), position: "3/2" }),
  ];
  const totals = { ...instanceStatus(0).totals, deadLetters: 400 };
  const of = (parts: object) => recentDeadLetters(groupStatus({ instances: [instanceStatus(0, parts)] }));
  assert.deepEqual(of({ deadLetters, totals: { ...totals, deadLetters: 2 } }), {
    count: 2,
    atLeast: false,
    since: null,
  });
  assert.deepEqual(of({ deadLetters, totals }), { count: 2, atLeast: true, since: null });
  const old = deadLetterStatus({ position: "3/1" });
  assert.deepEqual(of({ deadLetters: [...deadLetters, old], totals }), { count: 2, atLeast: false, since: null });
});

test("numbers, durations and times are in the reader's language and zone", () => {
  const options = { timeZone: "Asia/Seoul", now: () => new Date(NOW) };
  const en = createFormat("en", options);
  const ko = createFormat("ko", options);
  assert.deepEqual([0, 9.94, 9.96, 119, 121, 7_199, 7_260, 200_000].map(en.duration), [
    "0.0 s",
    "9.9 s",
    "10 s",
    "119 s",
    "2 min 1 s",
    "119 min 59 s",
    "2 h 1 min",
    "2 d 7 h",
  ]);
  assert.equal(ko.duration(121), "2분 1초");
  assert.deepEqual([en.latency(0.0844), en.latency(1.234), ko.latency(0.5)], ["84 ms", "1.23 s", "500ms"]);
  assert.deepEqual([en.time(at(0)), en.time("nonsense")], ["14:20:18", "?"]);
  assert.match(en.time(at(-90_000)), /Nov 21.*13:20:18/);
  assert.equal(en.numbers([0, 1, 2, 3, 7, 9, 10]), "0–3, 7, 9–10");
  assert.equal(ko.numbers([0, 1, 2, 3, 7]), "0~3, 7");
  for (const { list } of [en, ko]) assert.equal(list(["a", "b", "c"]), "a, b, c");
  assert.equal(en.number(null), "?");
  assert.equal(en.bytes(268_435_456), "256 MB");
});

test("an instance that is out of the group is bad, is said once, and comes before the partitions that nobody reads", () => {
  const out = instanceStatus(0, {
    outOfGroup: true,
    lastHeartbeatAgeSeconds: 17,
    notReady: "out of the consumer group",
    partitions: [],
  });
  const judge = createVerdict();
  const status = { sharing: "off", instances: [out] } as const;
  const { level, problems } = judge(groupStatus(status));
  assert.equal(level, "bad");
  assert.deepEqual(
    problems.filter(({ kind }) => kind !== "unowned"),
    [{ kind: "out-of-group", host: out.host, seconds: 17 }],
  );
  const dead = { ...out, notAlive: "a watchdog fired" };
  assert.deepEqual(
    judge(groupStatus({ ...status, instances: [dead] })).problems.map(({ kind }) => kind),
    ["not-alive"],
  );
});

test("an instance that a quota holds back is to be watched; that it fetches nothing meanwhile is no other problem", () => {
  const held = (throttledSeconds: number) => instanceStatus(1, { throttledSeconds, lastPollAgeSeconds: 45 });
  const judge = (throttledSeconds: number) =>
    createVerdict()(groupStatus({ instances: [instanceStatus(0), held(throttledSeconds), instanceStatus(2)] }));
  const { level, problems } = judge(40);
  assert.deepEqual(
    problems.filter(({ kind }) => kind !== "dead-letters"),
    [{ kind: "throttled", host: held(40).host, seconds: 40 }],
  );
  assert.equal(level, "watch");
  assert.equal(judge(4.9).problems[0]?.kind, "kafka-silent");
});

test("a letter that several instances know from before their start counts once; since when is said where it is no hour", () => {
  const letter = deadLetterStatus({ at: at(-300), position: "3/7" });
  const totals = { ...instanceStatus(0).totals, deadLetters: 0 };
  const both = [0, 1].map((index) =>
    instanceStatus(index, {
      totals,
      deadLetters: [letter],
      startedAt: at(-60),
      deadLettersSince: at(-3_660),
      deadLettersBefore: 1,
    }),
  );
  const [first] = both;
  assert.ok(first);
  const of = (...instances: ShownInstance[]) => recentDeadLetters(groupStatus({ instances }));
  assert.deepEqual(of(...both), { count: 1, atLeast: false, since: null });
  assert.equal(lastDeadLetters(groupStatus({ instances: both })).length, 1);
  // One that could not read the topic knows them from its start on, and so does the page.
  const blind = { ...first, deadLetters: [], deadLettersSince: at(-600) };
  assert.deepEqual(of(blind), { count: 0, atLeast: false, since: at(-600) });
  assert.equal(of(first, { ...blind, deadLettersSince: null, startedAt: at(-500) }).since, at(-500));
  assert.deepEqual(of({ ...first, deadLettersBefore: 40 }), { count: 1, atLeast: true, since: null });
});

test("a recipients database that is away is a problem while mails wait for it, and to be watched before; so are old routes", () => {
  const away = (waiting: number) => instanceStatus(1, { recipientsDatabase: { up: false, waiting } });
  const others = [instanceStatus(0), instanceStatus(2)];
  assert.deepEqual(kinds([...others, away(3)]), ["bad", "recipients-away"]);
  assert.deepEqual(kinds([...others, away(0)]), ["watch", "recipients-cached"]);
  assert.deepEqual(kinds([...others, instanceStatus(1, { recipientsDatabase: { up: true, waiting: 3 } })]), ["ok"]);
  assert.deepEqual(kinds([...others, instanceStatus(1, { routesStale: true })]), ["watch", "routes-stale"]);
});

test("somebody whom the mail server defers is to be watched: one line each, and how many more there are", () => {
  const first = Array.from({ length: 7 }, (_, i) => ({
    recipient: `${i}***@example.com`,
    since: "2026-11-21T00:00:00.000Z",
    mails: i,
    othersHaveIt: true,
    reason: "recipient-deferred",
    reply: "452 mailbox full",
  }));
  const waits = instanceStatus(1, { waitingRecipients: { first, count: 40 } });
  const { level, problems } = createVerdict()(
    groupStatus({ instances: [instanceStatus(0), waits, instanceStatus(2)] }),
  );
  assert.equal(level, "watch");
  assert.deepEqual(
    problems.map((problem) => problem.kind === "recipient-waits" && [problem.recipient, problem.others]),
    [
      ["0***@example.com", 0],
      ["1***@example.com", 0],
      ["2***@example.com", 0],
      ["3***@example.com", 0],
      ["4***@example.com", 35],
    ],
  );
});

test("of fields that were not written as documented the page names the three commonest, in all instances", () => {
  const one = (repairs: InstanceStatus["repairs"]) => instanceStatus(0, { repairs });
  const instances = [
    one([
      { field: "value", count: 3 },
      { field: "unit", count: 2 },
    ]),
    one([
      { field: "severity", count: 4 },
      { field: "unit", count: 2 },
      { field: "type", count: 1 },
    ]),
  ];
  assert.deepEqual(commonestRepairs(groupStatus({ instances })), [
    { field: "severity", count: 4 },
    { field: "unit", count: 4 },
    { field: "value", count: 3 },
  ]);
});

test("routes that mute are added up over all instances, the latest first, three of them by name", () => {
  const one = (mutes: InstanceStatus["mutes"]) => instanceStatus(0, { mutes });
  const mute = (route: number, alerts: number, second: number, name: string | null = null) =>
    ({ route, name, how: "mute", alerts, at: `2026-11-22T05:20:0${second}.000Z` }) as const;
  const instances = [
    one([mute(1, 3, 1, "night"), mute(2, 1, 2)]),
    one([mute(4, 9, 4), mute(3, 1, 3), mute(1, 4, 5, "night")]),
  ];
  const { shown, all } = latestMutes(groupStatus({ instances }));
  assert.deepEqual(
    shown.map(({ route, alerts }) => [route, alerts]),
    [
      [1, 7],
      [4, 9],
      [3, 1],
    ],
  );
  assert.equal(all, 4);
});
