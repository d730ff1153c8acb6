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
  hideRecipients: false,
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
  sums.unreadableRecord(undefined);
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
    "List-Unsubscribe=One-Click",
  ]);
});

test("it says first whether somebody was not told, then the sums, then the devices, the worst first", async () => {
  const { subject, text, html, parsed, header, from } = await rendered(someReport());
  assert.equal(subject, "[Report] 2026-11-20 00:00 to 2026-11-21 00:00 - 2 devices, 13 alerts");
  assert.equal(parsed.subject, subject);
  assert.deepEqual(text.replaceAll("\r", "").split("\n"), [
    "2 dead letters: somebody was not told of something.",
    "2026-11-20 00:00:00 to 2026-11-21 00:00:00 (times in Asia/Seoul, UTC+09:00)",
    "13 alerts (3 critical)",
    "1 mail accepted",
    "slowest mail 12.3 s after its window's end",
    "2 dead letters (1 record that could not be read)",
    "",
    "1. ! pump",
    "   1 alert, 0 mails accepted, 1 dead letter",
    "2. Boiler 1 (boiler)",
    "   12 alerts (3 critical), 1 mail accepted, slowest mail 12.3 s after its window's end",
    "",
    "-- ",
    "Consumer group: alert-digest",
    "",
  ]);
  for (const said of ["2 dead letters: somebody was not told", "Boiler 1 (boiler)", "12 alerts (3 critical)"])
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
  assert.match(quiet.text, /^There were no alerts in this time\./);
  const sums = new ReportSums();
  sums.mail({ ...MAIL, deviceId: "boiler" });
  const good = await rendered(sums.report(PERIOD));
  assert.match(good.text, /^Every mail was accepted for everybody\./);
  assert.match(good.subject, /1 device, 1 alert$/);
});

test("the colour of the first line says whether somebody was not told, also where no device is known of it", async () => {
  const groundOf = (html: string): string | undefined => /<td bgcolor="(#\w+)"/.exec(html)?.[1];
  const good = await rendered(new ReportSums().report(PERIOD));
  const sums = new ReportSums();
  sums.unreadableRecord(undefined);
  const bad = await rendered(sums.report(PERIOD));
  assert.deepEqual([groundOf(good.html), groundOf(bad.html)], ["#1b6e3c", "#b3261e"]);
});

test("in Korean", async () => {
  const { subject, text, header } = await rendered(someReport(), { locale: "ko" });
  assert.equal(subject, "[일일 보고] 2026-11-20 00:00 ~ 2026-11-21 00:00 - 장치 2대, 알림 13건");
  assert.match(text, /데드 레터 2건 \(그중 읽을 수 없는 레코드 1건\)/);
  assert.equal(header("content-language"), "ko");
});

test("two hundred devices are listed and the others counted", async () => {
  const sums = new ReportSums();
  for (let index = 0; index < 10_001; index++) sums.mail({ ...MAIL, deviceId: `device-${index}` });
  const { text, html } = await rendered(sums.report(PERIOD));
  assert.equal(text.match(/^\d+\. /gm)?.length, 200);
  assert.match(text, /9800 more devices are not listed; the totals have them\.\r?\nThere are more than 10000 devices/);
  assert.match(html, /9800 more devices/);
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
  const hidden = await rendered(someReport(), { hideRecipients: true }, to);
  assert.ok(!hidden.raw.includes("@example.org"));
});
