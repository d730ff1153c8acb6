/** What a mail says: the first line, the summary and the notes, as templates get them and as the built-in text draws them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { composeDocument } from "#src/mail/compose-document.js";
import type { MailDocument } from "#src/mail/document.js";
import { htmlBody } from "#src/mail/html.js";
import { createLocalTime, createNumbers } from "#src/mail/language.js";
import { textBody } from "#src/mail/text-body.js";
import { textsOf } from "#src/mail/texts/index.js";
import type { Digest, ListedAlert, MailContent } from "#src/runtime/ports.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed } from "./digest.js";
import { fleet } from "./fleet.js";

const context = (locale: string) => ({
  texts: textsOf(locale),
  localTime: createLocalTime("Asia/Seoul"),
  numbers: createNumbers(locale),
});
const composed = (content: MailContent, locale = "en", room?: number): MailDocument =>
  composeDocument(content, () => "subject", context(locale), room);
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
    "Critical, still firing since 09:00:05: Too warm (TEMPERATURE_HIGH, 36.2 °C, threshold 35 °C) and 1 other type",
  );
  assert.equal(
    view(firing, "ko").sentence,
    "심각, 09:00:05부터 발생 중: Too warm (TEMPERATURE_HIGH, 36.2 °C, 기준값 35 °C) 외 1개 유형",
  );
  const resolved = {
    listed: [listed(1, HOT), listed(9, { severity: "info", status: "resolved", type: "TEMPERATURE_HIGH" })],
  };
  assert.equal(
    view(resolved).sentence,
    "Critical, resolved at 09:00:09, began at 09:00:01: too warm (TEMPERATURE_HIGH)",
  );
  assert.equal(view(resolved, "ko").sentence, "심각, 09:00:01 발생, 09:00:09 해제: too warm (TEMPERATURE_HIGH)");
});

test("the first line of a folded mail knows how it ended, and names the type where no listed alert says what is wrong", () => {
  const bySeverity = { info: 0, warning: 1, critical: 0 };
  const byType = new Map([["DOOR_OPEN", 1]]);
  const over = { listed: [listed(1, HOT), listed(2, { status: "resolved", type: HOT.type })] };
  const firing = { ...over, folded: foldedAlerts({ count: 1, bySeverity, byType }) };
  assert.equal(view(firing).sentence, "Warning, still firing since 09:00:09: DOOR_OPEN");
  assert.equal(view(firing, "ko").sentence, "경고, 09:00:09부터 발생 중: DOOR_OPEN");
  const untold = foldedAlerts({ count: 1, bySeverity, byType: new Map([["", 1]]) });
  assert.equal(view({ listed: [], folded: untold, count: 1 }).sentence, "Warning, still firing since 09:00:09");
  const word = { offset: 9, since: undefined, worst: "warning", resolvedAt: 9 } as const;
  const ended = foldedAlerts({ count: 1, bySeverity, byType, lastWords: new Map([["DOOR_OPEN", word]]), resolved: 1 });
  const began = new Map([
    ["TEMPERATURE_HIGH", Date.parse("2026-11-20T23:00:01Z")],
    ["DOOR_OPEN", Date.parse("2026-11-21T00:00:09Z")],
  ]);
  const told = view({ ...over, folded: ended, began });
  assert.equal(told.sentence, "Critical, resolved at 09:00:09, began at 08:00:01: too warm (TEMPERATURE_HIGH)");
  assert.equal(fact(told, "Of these"), "2 resolved");
});

test("where all that a mail tells of is over, and something fires since before, the first line says that first", () => {
  const told = { listed: [listed(9, { type: "DOOR", status: "resolved", message: "Door open" })] };
  const since = Date.parse("2026-11-20T23:10:03Z");
  const beside = { types: 1, worst: "critical", since } as const;
  const one = view({ ...told, beside });
  assert.equal(
    one.sentence,
    "Critical, 1 other type still firing since 08:10:03; resolved at 09:00:09: Door open (DOOR)",
  );
  assert.equal(
    view({ ...told, beside }, "ko").sentence,
    "심각, 다른 유형 1개 08:10:03부터 발생 중, 09:00:09 해제: Door open (DOOR)",
  );
  const { state, severity, beside: types, alsoFiring } = one.summary;
  assert.deepEqual([state, severity, types, alsoFiring], ["firing", "critical", 1, 0]);
  const unknown = { types: 2, worst: "info", since: undefined } as const;
  assert.match(
    view({ ...told, beside: unknown }).sentence,
    /^Info, 2 other types still firing; resolved at 09:00:09: /,
  );
  assert.match(view({ ...told, beside: unknown }, "ko").sentence, /^정보, 다른 유형 2개 발생 중, 09:00:09 해제: /);
  const firing = { listed: [...told.listed, listed(10, HOT)], beside: { ...beside, worst: "info" } } as const;
  assert.match(view(firing).sentence, /^Critical, still firing since 09:00:10: /, "what it tells of comes first");
  const devices = composed(fleet([digest({ ...told, beside }), digest({ ...told, deviceId: "other" })]));
  assert.match(devices.sentence, /^freezer-3 and 1 other device: Critical, 1 other type still firing/);
  assert.deepEqual([devices.summary.state, devices.summary.severity], ["firing", "critical"]);
  assert.deepEqual(
    devices.devices.map(({ summary }) => summary.state),
    ["firing", "resolved"],
  );
});

test("where it is not known since when something fires, the first line names the first alert in the mail", () => {
  const firing = { listed: [listed(1, HOT)], began: new Map() };
  assert.match(view(firing).sentence, /^Critical, still firing, first alert in this mail 09:00:01: /);
  assert.match(view(firing, "ko").sentence, /^심각, 발생 중\(이 메일의 첫 알림 09:00:01\): /);
  assert.equal(view(firing).summary.sinceKnown, false);
  const over = { listed: [listed(1, HOT), listed(5, { ...HOT, status: "resolved" })], began: new Map() };
  assert.match(view(over).sentence, /^Critical, resolved at 09:00:05: /);
});

test("alerts that were too long to be kept whole are counted in a note, and their message says how long it was", () => {
  const long = { message: "x".repeat(4_096), cut: { message: 900_000, labels: 12 } };
  const { notes, alerts } = view({ listed: [listed(1, HOT), listed(2, long)] });
  assert.deepEqual(notes, [
    "1 alert was too long to be kept whole: texts and labels are cut here. The whole record is in Kafka.",
  ]);
  assert.match(alerts[1]?.message ?? "", /^x{2000} … \[truncated; 900,000 characters in total\]$/);
  assert.match(view({ listed: [listed(1, long)] }, "ko").notes.join(), /너무 긴 알림 1건/);
});

test("a fault that began before the window, or the day before, says so", () => {
  const firing = (began: string) => view({ listed: [listed(1, HOT)], began: new Map([[HOT.type, Date.parse(began)]]) });
  assert.match(firing("2026-11-20T22:16:34Z").sentence, /^Critical, still firing since 07:16:34: /);
  assert.match(firing("2026-11-20T12:16:34Z").sentence, /^Critical, still firing since 2026-11-20 21:16:34: /);
  assert.equal(firing("2026-11-20T12:16:34Z").summary.sinceAt, "2026-11-20T12:16:34.000Z");
});

test("what is wrong is the message, with its type beside it: either alone where it is alone or both say the same", () => {
  const said = (parts: Partial<Alert>) =>
    view({ listed: [listed(1, parts)] }).sentence.replace(/^.*? 09:00:01(: )?/, "");
  assert.equal(said({ message: "door open" }), "door open");
  assert.equal(said({ message: "door open", type: "DOOR" }), "door open (DOOR)");
  assert.equal(said({ message: "DOOR", type: "DOOR" }), "DOOR");
  assert.equal(said({ message: "", type: "DOOR" }), "DOOR");
  assert.equal(said({ message: "", type: "" }), "");
  assert.equal(said({ message: "DOOR", type: "DOOR", value: 3 }), "DOOR (3)");
});

test("of a long message the first line has what a telephone shows at once: sixty syllables, or twice as many letters", () => {
  const quoted = (message: string) =>
    /: (.*)$/.exec(view({ listed: [listed(1, { message })] }).sentence.slice(30))?.[1];
  assert.equal(quoted("가".repeat(60)), "가".repeat(60));
  assert.equal(quoted("가".repeat(61)), `${"가".repeat(60)}…`);
  assert.equal(quoted("x".repeat(120)), "x".repeat(120));
  assert.equal(quoted("word ".repeat(30)), `${"word ".repeat(24).trimEnd()}…`);
  assert.equal(quoted("words ".repeat(30)), `${"words ".repeat(20).trimEnd()}…`, "no word is cut");
  assert.equal(quoted(`${"가".repeat(59)}😀😀`), `${"가".repeat(59)}😀…`);
});

test("types that fire beside the headline's are counted, those that are over are not", () => {
  const told = (...types: readonly string[]) => types.map((type, index) => listed(index + 1, { ...HOT, type }));
  const alsoFiring = (of: readonly ListedAlert[]) => view({ listed: of }).summary.alsoFiring;
  assert.equal(alsoFiring(told("A", "A")), 0);
  assert.equal(alsoFiring(told("A", "B", "C", "")), 3);
  assert.equal(alsoFiring([...told("A", "B", "C"), listed(9, { type: "B", status: "resolved" })]), 1);
  assert.equal(alsoFiring([listed(9, { type: "B", status: "resolved" })]), 0);
  assert.match(
    view({ listed: told("A", "B", "C") }).sentence,
    /: Too warm \(C, 36\.2 °C, threshold 35 °C\) and 2 other types$/,
  );
  assert.match(view({ listed: told("A", "B", "C") }, "ko").sentence, /\) 외 2개 유형$/);
});

test("a mail of one alert is header, message, value: nothing sums it up, and the HTML says it once", () => {
  const one = view({ listed: [listed(5, HOT)] });
  assert.deepEqual(textBody(one, textsOf("en")).split("\r\n"), [
    "Critical, still firing since 09:00:05: Too warm (TEMPERATURE_HIGH, 36.2 °C, threshold 35 °C)",
    "freezer-3",
    "",
    "1. 2026-11-21 09:00:05 [critical] TEMPERATURE_HIGH",
    "   Too warm",
    "   36.2 °C (threshold 35 °C)",
    "",
    "-- ",
    "Window: 2026-11-21 09:00:00 – 09:00:30 (Asia/Seoul, UTC+09:00)",
    "Device ID: freezer-3",
    "Kafka position: alerts/3/1042-1077",
    "",
  ]);
  const inHtml = (mail: MailDocument, text: string) =>
    (
      htmlBody(mail, textsOf("en"))
        .split("<body")[1]
        ?.replace(/<div style="display:none.*/, "") ?? ""
    ).split(text).length - 1;
  for (const text of ["Too warm", "TEMPERATURE_HIGH", "36.2 °C"]) assert.equal(inHtml(one, text), 1, text);
  const two = view({ listed: [listed(5, HOT), listed(6, HOT)] });
  assert.equal(inHtml(two, "Too warm"), 3);
  // A message that the first line has cut is in the list, whole.
  const long = view({ listed: [listed(5, { ...HOT, message: "too warm ".repeat(20).trim() })] });
  assert.equal(inHtml(long, "too warm ".repeat(20).trim()), 1);
  assert.equal(inHtml(long, "TEMPERATURE_HIGH"), 2);
  // A threshold without a value is not in the first line.
  assert.equal(inHtml(view({ listed: [listed(5, { threshold: 35 })] }), "threshold 35"), 1);
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
  assert.equal(fact(view({ listed: [listed(1)], folded, count: 3 }), "First/last alert"), "08:59:58 – 09:00:29");
  assert.equal(fact(view({ listed: [], folded, count: 2 }), "First/last alert"), "08:59:58 – 09:00:29");
});

test("a time has its date only where it is another day than that of the mail, a span both dates where they differ", () => {
  const midnight = eventTime(Date.parse("2026-11-20T15:00:00Z"));
  const crossing = view({
    windowStart: eventTime(midnight - 15_000),
    windowEnd: eventTime(midnight + 15_000),
    listed: [-5_000, 5_000].map((ms, index) => ({ ...listed(index), eventTime: eventTime(midnight + ms) })),
  });
  assert.equal(fact(crossing, "First/last alert"), "2026-11-20 23:59:55 – 2026-11-21 00:00:05");
  assert.equal(fact(crossing, "Window"), "2026-11-20 23:59:45 – 2026-11-21 00:00:15 (Asia/Seoul, UTC+09:00)");
  const html = htmlBody(crossing, textsOf("en"));
  for (const time of ["2026-11-20 23:59:55", "00:00:05"]) assert.ok(html.includes(`>${time}</span>`), time);
});

test("a mail of several windows, an early one and the rest of a window say so in both languages", () => {
  assert.deepEqual(view({}).notes, []);
  assert.match(view({ windowCount: 3 }).notes[0] ?? "", /combines 3 delayed windows/);
  assert.match(view({ windowCount: 3 }, "ko").notes[0] ?? "", /집계 구간 3개/);
  assert.match(view({ windowCount: 3, repeats: 3 }).notes[0] ?? "", /^Nothing new since the last email.*3 windows/);
  assert.match(
    view({ windowCount: 3, repeats: 3 }, "ko").notes[0] ?? "",
    /^지난 메일 이후 새로운 내용이 없어 집계 구간 3개/,
  );
  assert.match(view({ windowCount: 3, repeats: 2 }).notes[0] ?? "", /^2 windows that told nothing new/);
  assert.match(view({ windowCount: 3, repeats: 1 }).notes[0] ?? "", /^1 window that told nothing new is in this email/);
  assert.match(view({ windowCount: 3, repeats: 2 }, "ko").notes[0] ?? "", /새로운 내용이 없던 집계 구간 2개/);
  assert.deepEqual(view({ windowCount: 1, repeats: 1 }).notes, []);
  for (const parts of [{ mayBeNews: true }, { repeats: 3, mayBeNews: true }] as const) {
    assert.deepEqual(view({ windowCount: 3, ...parts }).notes, ["This email combines 3 windows."]);
    assert.deepEqual(view({ windowCount: 3, ...parts }, "ko").notes, ["집계 구간 3개의 알림을 한 통으로 묶었습니다."]);
  }
  assert.match(view({ part: "early" }).notes[0] ?? "", /^Sent before the window ended/);
  assert.match(view({ part: "early" }, "ko").notes[0] ?? "", /끝나기 전에 먼저/);
  assert.match(
    view({ part: "rest", toldEarly: 2 }).notes[0] ?? "",
    /^The first 2 alerts in this window were sent earlier/,
  );
  assert.match(view({ part: "rest", toldEarly: 2 }, "ko").notes[0] ?? "", /알림 2건은 긴급 메일로 이미/);
  assert.match(view({ part: "rest" }).notes[0] ?? "", /^Earlier alerts in this window were/);
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
  assert.match(short.notes.join(), /within its size limit/);
  assert.doesNotMatch(whole.notes.join(), /within its size limit/);
});

test("a count stays behind its type, also where that is written from right to left", () => {
  const types = view({ listed: [listed(1, { type: "درجة" }), listed(2, { type: "TEMP" })] });
  assert.equal(fact(types, "By type"), "درجة\u200e 1, TEMP 1");
});

test("the value stays behind what is wrong, also where that is written from right to left", () => {
  const [arabic] = [{ ...HOT, type: "", message: "درجة الحرارة مرتفعة" }];
  const hot = view({ listed: [listed(1, arabic)] });
  assert.match(hot.sentence, /: درجة الحرارة مرتفعة\u200e \(36\.2 °C, threshold 35 °C\)$/);
  assert.equal(hot.quote, arabic?.message);
});

test("a document is plain data: nothing in it is lost as JSON", () => {
  const one = view({ listed: [listed(1, HOT, true)], deviceName: "냉동고", windowCount: 2 });
  assert.deepEqual(JSON.parse(JSON.stringify(one)), one);
});

test("a unit stands apart from its number, but for Hangul, percent and degree signs", () => {
  for (const [unit, shown] of [
    ["%", "12%"],
    ["분", "12분"],
    ["℃", "12℃"],
    ["°", "12°"],
    ["°C", "12 °C"],
    ["mm/s", "12 mm/s"],
    ["%RH", "12 %RH"],
  ])
    assert.equal(view({ listed: [listed(1, { value: 12, unit })] }).alerts[0]?.valueText, shown);
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
    links: [],
    asWritten: { severity: "", status: "", value: "", threshold: "", occurredAt: "", labels: "" },
  });
  assert.match(
    textBody(mail, textsOf("en")),
    /TEMP \(resolved, late\)\r\n {3}Too warm\r\n {3}36.2 °C \(threshold 35 °C\)/,
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
  assert.equal(
    seen.sentence,
    "Critical, still firing since 09:00:04: Too warm (TEMPERATURE_HIGH, 36.2 °C, threshold 35 °C)",
  );
  assert.equal(fact(seen, "First/last alert"), "09:00:04 – 09:00:05");
  const [first, second] = seen.alerts;
  assert.deepEqual([first?.time, first?.deviceClock], ["2026-11-21 09:00:04", "1970-01-01T00:00:12Z"]);
  assert.equal(second?.deviceClock, "");
  assert.match(textBody(seen, textsOf("en")), /TEMPERATURE_HIGH \(device clock 1970-01-01T00:00:12Z\)/);
  assert.match(textBody(view(digestOf, "ko"), textsOf("ko")), /\(장치 시각 1970-01-01T00:00:12Z\)/);
  const ahead = view({ listed: [listed(4, { occurredAt: "2027-11-21T00:00:00Z" })] });
  assert.match(ahead.sentence, /since 09:00:04/);
  assert.equal(ahead.alerts[0]?.deviceClock, "2027-11-21T00:00:00Z");
});

test("what could not be read is shown as it was written, and the mail says so once, with how often", () => {
  const written = { severity: "SPAM", value: "--", threshold: "1e400", occurredAt: "yesterday", labels: "a=b" };
  const broken = { ...HOT, severity: "warning", value: undefined, threshold: undefined, asWritten: written } as const;
  const alerts = {
    listed: [listed(1, broken), listed(2, { asWritten: { severity: "P9\r\nBcc: x" } }), listed(3, HOT)],
  };
  const seen = view(alerts);
  const [first, second] = seen.alerts;
  assert.deepEqual(first?.asWritten, { ...written, status: "" });
  assert.deepEqual([first?.valueText, first?.thresholdText, first?.value], ["-- °C", "1e400 °C", null]);
  assert.deepEqual([first?.deviceClock, second?.asWritten.severity], ["yesterday", "P9  Bcc: x"]);
  const text = textBody(seen, textsOf("en"));
  assert.match(text, /\[warning\] TEMPERATURE_HIGH \(device clock yesterday, severity: SPAM, labels: a=b\)/);
  assert.match(text, / -- °C \(threshold 1e400 °C\)/);
  const note =
    "Could not be read and is shown as written: severity (2 alerts), value (1 alert), threshold (1 alert), device clock (1 alert), labels (1 alert).";
  assert.deepEqual(seen.notes, [note]);
  assert.ok(text.includes(note));
  assert.deepEqual(view(alerts, "ko").notes, [
    "읽을 수 없어 레코드에 적힌 그대로 표시한 항목: 심각도 2건, 측정값 1건, 기준값 1건, 장치 시각 1건, 라벨 1건.",
  ]);
  assert.equal(seen.summary.extreme?.value, 36.2, "what is no number is never compared");
});

test("the worst value says of which severity it is where the mail has several", () => {
  const critical = listed(1, { ...HOT, value: 91, threshold: 90 });
  const farther = { ...HOT, value: 92, threshold: 50 };
  const mixed = { listed: [critical, listed(2, { ...farther, severity: "warning" })] };
  assert.equal(fact(view(mixed), "Worst critical value"), "91 °C, threshold 90 °C (TEMPERATURE_HIGH)");
  const label = "기준값에서 가장 벗어난 값";
  assert.equal(fact(view(mixed, "ko"), `${label}\\(심각\\)`), "91 °C, 기준값 90 °C (TEMPERATURE_HIGH)");
  const same = { listed: [critical, listed(2, farther)] };
  assert.equal(fact(view(same), "Worst value"), "92 °C, threshold 50 °C (TEMPERATURE_HIGH)");
  assert.equal(fact(view(same, "ko"), label), "92 °C, 기준값 50 °C (TEMPERATURE_HIGH)");
});

test("a fleet mail's worst value is the worst of all its devices, not the first one's", () => {
  const cell = (deviceId: string, value: number) =>
    digest({ deviceId, listed: [listed(1, { ...HOT, severity: value === 99 ? "warning" : "critical", value })] });
  const mail = composed(fleet([cell("a", 36), cell("b", 41), cell("c", 99)]));
  assert.equal(mail.summary.extreme?.device.id, "b");
});

test("a fleet mail says once what could not be read of all its devices", () => {
  const spam = digest({ listed: [listed(1, { asWritten: { severity: "SPAM" } })] });
  const mail = composed(fleet([spam, digest({ ...spam, deviceId: "pump-2" })]));
  assert.equal(mail.notes.at(-1), "Could not be read and is shown as written: severity (2 alerts).");
});

test("a time without a zone stands in the record's place as it was written, and heads nothing", () => {
  const seen = view({
    listed: [listed(4, { occurredAt: "2026-11-21T08:59:58.5" }), listed(5, { occurredAt: "1970-01-01T00:00:00" })],
  });
  const [first, unset] = seen.alerts;
  assert.deepEqual([first?.time, first?.at], ["2026-11-21 08:59:58.5", "2026-11-21T00:00:04.000Z"]);
  assert.deepEqual([unset?.time, unset?.deviceClock], ["2026-11-21 09:00:05", "1970-01-01T00:00:00"]);
  assert.match(seen.sentence, /since 09:00:04/);
  const [day] = view({ listed: [listed(4, { occurredAt: "2026-11-20" })] }).alerts;
  assert.deepEqual([day?.time, day?.deviceClock], ["2026-11-21 09:00:04", "2026-11-20"], "a date has no time of day");
});

test("alerts with an ID that one before them has are listed, and counted as repeats", () => {
  const ids = ["a", "b", "a", undefined, undefined, "a"];
  const seen = view({ listed: ids.map((alertId, index) => listed(index, { alertId })) });
  assert.equal(seen.alerts.length, 6);
  assert.equal(fact(seen, "Of these"), "2 repeats of an alert ID");
  const over = view({ listed: [listed(1, { alertId: "a" }), listed(2, { alertId: "a", status: "resolved" })] });
  assert.equal(fact(over, "Of these"), "1 resolved", "the end of an alert is no repeat");
});
