/** What a mail says: the first line, the summary and the notes, as templates get them and as the built-in text draws them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTime } from "#src/core/time.js";
import { composeDocument } from "#src/mail/compose-document.js";
import type { MailDocument } from "#src/mail/document.js";
import { htmlBody } from "#src/mail/html-body.js";
import { createLocalTime } from "#src/mail/local-time.js";
import { createNumbers } from "#src/mail/numbers.js";
import { textBody } from "#src/mail/text-body.js";
import { textsOf } from "#src/mail/texts/index.js";
import type { Digest, MailContent } from "#src/runtime/ports.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed } from "./digest.js";
import { fleet } from "./fleet.js";

const context = (locale: string) => ({
  texts: textsOf(locale),
  localTime: createLocalTime("Asia/Seoul"),
  numbers: createNumbers(locale),
});
const composed = (content: MailContent, locale = "en", room?: number): MailDocument =>
  composeDocument(content, "subject", context(locale), room);
const view = (parts: Partial<Digest>, locale = "en", room?: number): MailDocument =>
  composed(digest(parts), locale, room);
/** A line of the built-in text. */
const fact = (mail: MailDocument, label: string): string | undefined =>
  new RegExp(`^${label}: (.*)$`, "m").exec(textBody(mail, textsOf(mail.locale)).replaceAll("\r", ""))?.[1];

const HOT = {
  type: "TEMPERATURE_HIGH",
  severity: "critical",
  message: "Too warm",
  value: 36.2,
  threshold: 35,
  unit: "°C",
} as const;

test("the first line says how bad, whether it goes on, since when and what is wrong", () => {
  const firing = { listed: [listed(1), listed(5, HOT)] };
  assert.equal(
    view(firing).sentence,
    "Critical, still firing since 09:00:05: TEMPERATURE_HIGH (36.2 °C, threshold 35 °C)",
  );
  assert.equal(view(firing, "ko").sentence, "심각, 09:00:05부터 계속 중: TEMPERATURE_HIGH (36.2 °C, 기준값 35 °C)");
  const resolved = {
    listed: [listed(1, HOT), listed(9, { severity: "info", status: "resolved", type: "TEMPERATURE_HIGH" })],
  };
  assert.equal(view(resolved).sentence, "Critical, resolved at 09:00:09, began at 09:00:01: TEMPERATURE_HIGH");
  assert.equal(view(resolved, "ko").sentence, "심각, 09:00:01 발생, 09:00:09 해제됨: TEMPERATURE_HIGH");
});

test("the first line of a folded mail knows how it ended, and names the type where no listed alert says what is wrong", () => {
  const bySeverity = { info: 0, warning: 1, critical: 0 };
  const byType = new Map([["DOOR_OPEN", 1]]);
  const over = { listed: [listed(1, HOT), listed(2, { status: "resolved", type: HOT.type })] };
  const firing = { ...over, folded: foldedAlerts({ count: 1, bySeverity, byType }) };
  assert.equal(view(firing).sentence, "Warning, still firing since 09:00:09: DOOR_OPEN");
  assert.equal(view(firing, "ko").sentence, "경고, 09:00:09부터 계속 중: DOOR_OPEN");
  const untold = foldedAlerts({ count: 1, bySeverity, byType: new Map([["", 1]]) });
  assert.equal(view({ listed: [], folded: untold, count: 1 }).sentence, "Warning, still firing since 09:00:09");
  const word = { offset: 9, since: undefined, worst: "warning", afterResolved: true } as const;
  const ended = foldedAlerts({ count: 1, bySeverity, byType, lastWords: new Map([["DOOR_OPEN", word]]), resolved: 1 });
  assert.equal(
    view({ ...over, folded: ended }).sentence,
    "Critical, resolved at 09:00:09, began at 09:00:01: TEMPERATURE_HIGH",
  );
  assert.equal(fact(view({ ...over, folded: ended }), "Marked"), "2 resolved");
});

test("a name of which nothing can be seen is none: the device goes by its ID, and by a question mark where that is no better", () => {
  for (const name of ["", "  ", "\u200b\u2060", "\u3164\u115f", "\u{e0041}", "\u00ad\ufeff", "\r\n"]) {
    assert.equal(view({ deviceId: "freezer-3", deviceName: name }).device.name, "freezer-3", JSON.stringify(name));
    assert.equal(view({ deviceId: name, deviceName: undefined }).device.name, "?", JSON.stringify(name));
  }
  assert.equal(view({ deviceId: "freezer-3", deviceName: "\u200b펌프" }).device.name, "\u200b펌프");
});

test("the first and the last time are those of all alerts, also of those that are only counted", () => {
  const bySeverity = { info: 0, warning: 2, critical: 0 };
  const [first, last] = [Date.parse("2026-11-20T23:59:58Z"), Date.parse("2026-11-21T00:00:29Z")];
  const folded = foldedAlerts({ count: 2, bySeverity, byType: new Map([["X", 2]]), first, last });
  assert.equal(fact(view({ listed: [listed(1)], folded, count: 3 }), "First and last"), "08:59:58 – 09:00:29");
  assert.equal(fact(view({ listed: [], folded, count: 2 }), "First and last"), "08:59:58 – 09:00:29");
});

test("a time has its date only where it is another day than that of the mail, a span both dates where they differ", () => {
  const midnight = eventTime(Date.parse("2026-11-20T15:00:00Z"));
  const crossing = view({
    windowStart: eventTime(midnight - 15_000),
    windowEnd: eventTime(midnight + 15_000),
    listed: [-5_000, 5_000].map((ms, index) => ({ ...listed(index), eventTime: eventTime(midnight + ms) })),
  });
  assert.equal(fact(crossing, "First and last"), "2026-11-20 23:59:55 – 2026-11-21 00:00:05");
  assert.equal(fact(crossing, "Window"), "2026-11-20 23:59:45 – 2026-11-21 00:00:15 (Asia/Seoul, UTC+09:00)");
  const html = htmlBody(crossing, textsOf("en"));
  for (const time of ["2026-11-20 23:59:55", "00:00:05"]) assert.ok(html.includes(`>${time}</span>`), time);
});

test("a mail of several windows, an early one and the rest of a window say so in both languages", () => {
  assert.deepEqual(view({}).notes, []);
  assert.match(view({ windowCount: 3 }).notes[0] ?? "", /holds 3 windows/);
  assert.match(view({ windowCount: 3 }, "ko").notes[0] ?? "", /집계 구간 3개/);
  assert.match(view({ part: "early" }).notes[0] ?? "", /^Sent before the window's end/);
  assert.match(view({ part: "early" }, "ko").notes[0] ?? "", /끝나기 전에 먼저/);
  assert.match(view({ part: "rest", toldEarly: 2 }).notes[0] ?? "", /^The first 2 alerts of this window came/);
  assert.match(view({ part: "rest", toldEarly: 2 }, "ko").notes[0] ?? "", /알림 2건은 긴급 메일로 먼저/);
  assert.match(view({ part: "rest" }).notes[0] ?? "", /^Earlier alerts of this window came/);
});

test("with room for fewer the summary is still of all, and what is left out is counted with the folded", () => {
  const alerts = Array.from({ length: 10 }, (_, index) => listed(index, index < 4 ? HOT : { type: `T${index}` }));
  const bySeverity = { info: 0, warning: 90, critical: 0 };
  const of = {
    listed: alerts,
    count: 100,
    folded: foldedAlerts({ count: 90, bySeverity, byType: new Map([["T9", 90]]) }),
  };
  const whole = view(of);
  const short = view(of, "en", 2);
  assert.equal(short.alerts.length, 2);
  assert.deepEqual(short.summary, whole.summary);
  assert.equal(short.sentence, whole.sentence);
  assert.equal(short.folded?.count, 98);
  assert.equal(fact(short, "By severity"), "critical 2, warning 96");
  assert.match(textBody(short, textsOf("en")), /^By type: T9 91, TEMPERATURE_HIGH 2, T4 1/m);
  assert.match(short.notes.join(), /below its size limit/);
  assert.doesNotMatch(whole.notes.join(), /below its size limit/);
});

test("a count stays behind its type, also where that is written from right to left", () => {
  const types = view({ listed: [listed(1, { type: "درجة" }), listed(2, { type: "TEMP" })] });
  assert.equal(fact(types, "By type"), "درجة\u200e 1, TEMP 1");
});

test("the value stays behind what is wrong, also where that is written from right to left", () => {
  const [arabic] = [{ ...HOT, type: "درجة الحرارة مرتفعة" }];
  const hot = view({ listed: [listed(1, arabic)] });
  assert.match(hot.sentence, /: درجة الحرارة مرتفعة\u200e \(36\.2 °C, threshold 35 °C\)$/);
  assert.equal(hot.what, arabic?.type);
});

test("a document is plain data: nothing in it is lost as JSON", () => {
  const one = view({ listed: [listed(1, HOT, true)], deviceName: "냉동고", windowCount: 2 });
  assert.deepEqual(JSON.parse(JSON.stringify(one)), one);
});

test("an alert's parts are there one by one", () => {
  const alert = { ...HOT, type: "TEMP", status: "resolved", alertId: "a-1", labels: { site: "busan" } } as const;
  const mail = view({ listed: [listed(7, alert, true)] });
  assert.deepEqual(mail.alerts[0], {
    device: { id: "freezer-3", name: "freezer-3" },
    time: "2026-11-21 09:00:07",
    at: "2026-11-21T00:00:07.000Z",
    severity: "critical",
    severityName: "critical",
    type: "TEMP",
    message: "Too warm",
    value: 36.2,
    threshold: 35,
    unit: "°C",
    valueText: "36.2 °C",
    thresholdText: "35 °C",
    resolved: true,
    late: true,
    deviceClock: "",
    alertId: "a-1",
    labels: { site: "busan" },
  });
  assert.match(
    textBody(mail, textsOf("en")),
    /TEMP \(resolved, late\)\r\n {3}Too warm\r\n {3}value 36.2 °C \/ threshold 35 °C/,
  );
});

test("in a fleet mail a time has no date on the day of the mail, also for a device whose window ended on the day before", () => {
  const midnight = Date.parse("2026-11-20T15:00:00Z");
  const at = (ms: number): Partial<Digest> => ({
    windowStart: eventTime(midnight + ms),
    windowEnd: eventTime(midnight + ms + 30_000),
    listed: [{ ...listed(1, HOT), eventTime: eventTime(midnight + ms) }],
  });
  const mail = composed(
    fleet([digest(at(-60_000)), digest({ ...at(0), deviceId: "pump-2" })], {
      windowStart: eventTime(midnight - 60_000),
      windowEnd: eventTime(midnight + 30_000),
    }),
  );
  assert.deepEqual(
    mail.devices.map(({ status }) => status),
    ["Critical, still firing since 2026-11-20 23:59:00", "Critical, still firing since 00:00:00"],
  );
  assert.equal(mail.sentence.startsWith(`${mail.device.name}: ${mail.devices[0]?.status}`), true);
});

test("a device clock that cannot be right heads nothing; its time stands beside the record's, in the list", () => {
  const digestOf = { listed: [listed(4, { ...HOT, occurredAt: "1970-01-01T00:00:12Z" }), listed(5, HOT)] };
  const seen = view(digestOf);
  assert.equal(seen.sentence, "Critical, still firing since 09:00:04: TEMPERATURE_HIGH (36.2 °C, threshold 35 °C)");
  assert.equal(fact(seen, "First and last"), "09:00:04 – 09:00:05");
  const [first, second] = seen.alerts;
  assert.deepEqual([first?.time, first?.deviceClock], ["2026-11-21 09:00:04", "1970-01-01T00:00:12Z"]);
  assert.equal(second?.deviceClock, "");
  assert.match(textBody(seen, textsOf("en")), /TEMPERATURE_HIGH \(device clock 1970-01-01T00:00:12Z\)/);
  assert.match(textBody(view(digestOf, "ko"), textsOf("ko")), /\(장치 시각 1970-01-01T00:00:12Z\)/);
  const ahead = view({ listed: [listed(4, { occurredAt: "2027-11-21T00:00:00Z" })] });
  assert.match(ahead.sentence, /since 09:00:04/);
  assert.equal(ahead.alerts[0]?.deviceClock, "2027-11-21T00:00:00Z");
});
