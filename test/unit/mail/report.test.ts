import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { type Report, ReportSums } from "#src/core/report.js";
import { createReportRenderer, type ReportRendererOptions } from "#src/mail/report.js";

const PERIOD = {
  day: "2026-11-21",
  fromMs: Date.parse("2026-11-19T15:00:00Z"),
  toMs: Date.parse("2026-11-20T15:00:00Z"),
};

const OPTIONS: ReportRendererOptions = {
  from: { name: "Alerts", address: "alerts@example.com" },
  replyTo: undefined,
  envelopeFrom: undefined,
  hideRecipients: "never",
  locale: "en",
  timezone: "Asia/Seoul",
  group: "alert-digest",
};

const MAIL = {
  deviceName: undefined,
  alerts: 1,
  critical: 0,
  accepted: true,
  deadLettered: false,
  devices: 1,
  seconds: 2,
};

const someReport = (): Report => {
  const sums = new ReportSums();
  sums.mail({ ...MAIL, deviceId: "boiler", deviceName: "Boiler 1", alerts: 12, critical: 3, seconds: 12.34 });
  sums.mail({ ...MAIL, deviceId: "pump", accepted: false, deadLettered: true });
  sums.unreadableRecord("not-json");
  return sums.report(PERIOD);
};

const rendered = async (report: Report, options: Partial<ReportRendererOptions> = {}, to = ["a@example.org"]) => {
  const mail = createReportRenderer({ ...OPTIONS, ...options }).render(report, to);
  const parsed = await PostalMime.parse(mail.raw);
  const header = (key: string): string | undefined => parsed.headers.find((one) => one.key === key)?.value;
  return { ...mail, parsed, header, text: parsed.text ?? "", html: parsed.html ?? "" };
};

test("it is of the same list as the other mails, and says how to leave it where that is configured", async () => {
  const { header } = await rendered(someReport());
  assert.deepEqual([header("list-id"), header("list-unsubscribe")], ["<alert-digest.example.com>", undefined]);
  const options = { listId: "plant.example.com", unsubscribeUrl: "https://example.com/leave" };
  const { header: own } = await rendered(someReport(), options);
  assert.deepEqual(["list-id", "list-unsubscribe", "list-unsubscribe-post"].map(own), [
    "<plant.example.com>",
    "<https://example.com/leave>",
    undefined,
  ]);
});

test("it says first whether somebody was not told, then the sums, then the devices, the worst first", async () => {
  const { subject, text, html, parsed, header, from } = await rendered(someReport());
  assert.equal(subject, "[Report] Fri 20 Nov: 2 not delivered - 13 alerts, 2 devices");
  assert.equal(parsed.subject, subject);
  assert.deepEqual(text.replaceAll("\r", "").split("\n"), [
    "2 dead letters: some alerts did not reach every recipient.",
    "2026-11-20 00:00 to 2026-11-21 00:00 (Asia/Seoul, UTC+09:00)",
    "13 alerts (3 critical)",
    "1 email accepted",
    "slowest email: 12.3 s after its window ended",
    "1 dead letter",
    "1 record could not be read: not JSON (not-json) 1",
    "",
    "1. ! pump",
    "   1 alert, 0 emails accepted, 1 dead letter",
    "2. Boiler 1 (boiler)",
    "   12 alerts (3 critical), 1 email accepted, slowest email: 12.3 s after its window ended",
    "",
    "-- ",
    "Consumer group: alert-digest",
    "",
  ]);
  for (const said of ["2 dead letters: some alerts did not reach", "Boiler 1 (boiler)", "12 alerts (3 critical)"])
    assert.ok(html.includes(said), said);
  assert.deepEqual(
    [header("auto-submitted"), header("x-alert-digest-report"), from],
    ["auto-generated", "2026-11-21", "alerts@example.com"],
  );
  assert.equal(parsed.date, "2026-11-20T15:00:00.000Z");
});

test("the same day of the same group is the same message, wherever it is made; another day or group is not", async () => {
  const once = await rendered(someReport());
  const again = await rendered(someReport());
  assert.ok(once.raw.equals(again.raw));
  const otherDay = await rendered({ ...someReport(), period: { ...PERIOD, day: "2026-11-22" } });
  const otherGroup = await rendered(someReport(), { group: "other" });
  assert.equal(new Set([once.messageId, otherDay.messageId, otherGroup.messageId]).size, 3);
  assert.equal(once.header("references"), otherDay.header("references"), "one thread");
  assert.match(once.messageId, /^<[0-9a-f]{40}@example\.com>$/);
});

test("a day on which nothing happened, and one on which all went well, say so", async () => {
  const quiet = await rendered(new ReportSums().report(PERIOD));
  assert.match(quiet.text, /^There were no alerts in this period\./);
  const sums = new ReportSums();
  sums.mail({ ...MAIL, deviceId: "boiler" });
  const good = await rendered(sums.report(PERIOD));
  assert.match(good.text, /^Every email was accepted for every recipient\./);
  assert.equal(good.subject, "[Report] Fri 20 Nov: all delivered - 1 alert, 1 device");
  const korean = await rendered(sums.report(PERIOD), { locale: "ko" });
  assert.equal(korean.subject, "[일일 보고] 11/20(금) 미전달 없음 - 알림 1건, 장치 1대");
});

test("the colour of the first line says whether somebody was not told, also where no device is known of it", async () => {
  const groundOf = (html: string): string | undefined => /<td bgcolor="(#\w+)"/.exec(html)?.[1];
  const good = await rendered(new ReportSums().report(PERIOD));
  const sums = new ReportSums();
  sums.unreadableRecord("not-json");
  const bad = await rendered(sums.report(PERIOD));
  assert.deepEqual([groundOf(good.html), groundOf(bad.html)], ["#1b6e3c", "#b3261e"]);
});

test("alerts that were muted are told of as such, and a day of nothing else is not a day of nothing", async () => {
  const sums = new ReportSums();
  sums.muted({ deviceId: "fan", deviceName: undefined, alerts: 40, critical: 0, listed: false });
  const { text } = await rendered(sums.report(PERIOD));
  assert.match(text, /^No email was to be sent: all alerts were muted\./);
  assert.match(text, /Muted: 40 alerts, in no other number here/);
  sums.muted({ deviceId: "pump", deviceName: "Pump 7", alerts: 4, critical: 1, listed: true });
  const more = await rendered(sums.report(PERIOD), { locale: "ko" });
  assert.match(more.text, /^모든 알림이 음소거되어 발송할 메일이 없었습니다\./);
  assert.match(more.text, /알림 4건 \(심각 1건\)\r?\n그중 이 보고에만 포함 4건/);
  assert.match(more.html, /Pump 7 \(pump\)/);
});

test("in Korean", async () => {
  const { subject, text, header } = await rendered(someReport(), { locale: "ko" });
  assert.equal(subject, "[일일 보고] 11/20(금) 미전달 2건 - 알림 13건, 장치 2대");
  assert.match(
    text,
    /데드 레터\(처리하지 못한 것\) 1건\r?\n읽을 수 없는 레코드 1건: JSON 형식 오류 \(not-json\) 1\r?\n/,
  );
  assert.equal(header("content-language"), "ko");
});

test("two hundred devices are listed and the others counted", async () => {
  const sums = new ReportSums();
  for (let index = 0; index < 10_001; index++) sums.mail({ ...MAIL, deviceId: `device-${index}` });
  const { text, html } = await rendered(sums.report(PERIOD));
  assert.equal(text.match(/^\d+\. /gm)?.length, 200);
  assert.match(
    text,
    /9,800 more devices are not listed but included in the totals\.\r?\nThere are more than 10,000 devices/,
  );
  assert.match(html, /9,800 more devices/);
});

test("it names the fields that were not written as documented, and since when somebody counts", async () => {
  const repairs = {
    sinceMs: PERIOD.fromMs,
    fields: [
      { field: "severity", count: 1_024 },
      { field: "occurredAt", count: 1 },
    ],
  };
  const { text, html } = await rendered({ ...someReport(), repairs });
  const said =
    "Not written as documented: severity 1,024 times, occurredAt 1 time (in what the reporting instance has read since 2026-11-20 00:00:00)";
  assert.ok(text.replace(/\s+/g, " ").includes(said), text);
  assert.ok(html.includes(said));
  const korean = await rendered({ ...someReport(), repairs }, { locale: "ko" });
  assert.match(
    korean.text,
    /문서와 다르게 쓰인 필드: severity 1,024회, occurredAt 1회 \(보고한 인스턴스가 2026-11-20 00:00:00부터 읽은 것\)/,
  );
  assert.ok(!(await rendered(someReport())).text.includes("Not written"));
});

test("hostile names stay harmless in every part", async () => {
  const sums = new ReportSums();
  const name = "<script>alert(1)</script>\r\nBcc: x@example.org\u202e\u0007";
  sums.mail({ ...MAIL, deviceId: name, deviceName: `${name}${"x".repeat(10_000)}` });
  sums.mail({ ...MAIL, deviceId: "", deviceName: "\ud800" });
  const { text, html, parsed, raw } = await rendered(sums.report(PERIOD), { group: name });
  assert.ok(!html.includes("<script>"));
  assert.ok(!html.includes("\u202e") && !text.includes("\u202e") && !text.includes("\u0007"));
  assert.ok(!/^bcc:/im.test(text) && parsed.bcc === undefined);
  assert.ok(text.split("\n").every((line) => line.length < 700));
  assert.ok(
    raw
      .toString("latin1")
      .split("\r\n")
      .every((line) => line.length <= 998),
  );
});

test("the sender's wishes: name, replies, bounces, and recipients who do not see each other", async () => {
  const to = ["a@example.org", "b@example.org"];
  const replyTo = { name: "Team Nacht, Schicht", address: "team@example.com" };
  const { parsed, from } = await rendered(someReport(), { replyTo, envelopeFrom: "bounces@example.com" }, to);
  assert.equal(from, "bounces@example.com");
  assert.deepEqual(parsed.from, { name: "Alerts", address: "alerts@example.com" });
  assert.deepEqual(parsed.replyTo, [replyTo]);
  assert.deepEqual(
    parsed.to?.map(({ address }) => address),
    to,
  );
  const hidden = await rendered(someReport(), { hideRecipients: "always" }, to);
  assert.ok(!hidden.raw.includes("@example.org"));
});
