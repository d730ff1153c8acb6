import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { eventTime } from "#src/core/time.js";
import { cleanLine } from "#src/mail/clean.js";
import { createRenderer } from "#src/mail/render.js";
import type { Digest } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed, START } from "./digest.js";

const LONE = /\p{Surrogate}/gu;
const TO = everybody("kim@ops.test", "lee@ops.test");
const from = mailboxOf("Alert Digest <alerts@mail.example.com>");
const ko = createRenderer({ from, locale: "ko", timezone: "Asia/Seoul" });
const en = createRenderer({ from, locale: "en", timezone: "Asia/Seoul" });

async function parsed(of: Digest, renderer = ko): Promise<Email & { header(name: string): string | undefined }> {
  const email = await PostalMime.parse(renderer.render(of, TO).raw);
  const header = (name: string) => {
    const value = email.headers.find(({ key }) => key === name.toLowerCase())?.value;
    return value === undefined ? undefined : decodeWords(value);
  };
  return Object.assign(email, { header });
}

test("the subject is the contract's in both languages, with the device ID where there is no name", async () => {
  const named = digest({ deviceName: "부산 냉동고 3호" });
  assert.equal((await parsed(named)).subject, "[알림] 부산 냉동고 3호 - 1건");
  assert.equal((await parsed(named, en)).subject, "[Alert] 부산 냉동고 3호 - 1 alerts");
  assert.equal((await parsed(digest({ deviceName: " \n" }))).subject, "[알림] freezer-3 - 1건");
});

test("the headers are the contract's", async () => {
  const email = await parsed(digest());
  assert.deepEqual(email.from, { name: "Alert Digest", address: "alerts@mail.example.com" });
  assert.deepEqual(
    email.to?.map(({ address }) => address),
    TO.to,
  );
  assert.equal(email.date, "2026-11-21T00:00:30.000Z");
  assert.equal(email.header("Auto-Submitted"), "auto-generated");
  assert.equal(email.header("X-Auto-Response-Suppress"), "All");
  assert.equal(email.header("X-Alert-Digest-Device"), "freezer-3");
  assert.equal(email.header("X-Alert-Digest-Window"), "2026-11-21T00:00:00.000Z/2026-11-21T00:00:30.000Z");
  assert.equal(email.header("X-Alert-Digest-Source"), "alerts/3/1042-1077");
  assert.equal(email.header("X-Alert-Digest-Count"), "1");
  assert.match(email.messageId ?? "", /^<[0-9a-f]{40}@mail\.example\.com>$/);
});

test("replies go to Reply-To, bounces to the envelope sender; without them to the sender", async () => {
  assert.equal(ko.render(digest(), TO).from, "alerts@mail.example.com");
  assert.equal((await parsed(digest())).replyTo, undefined);
  const replyTo = mailboxOf('"당직, \\"부산\\"" <oncall@example.com>');
  const both = createRenderer({
    from,
    replyTo,
    envelopeFrom: "bounces@example.net",
    locale: "ko",
    timezone: "Asia/Seoul",
  });
  assert.equal(both.render(digest(), TO).from, "bounces@example.net");
  assert.deepEqual((await parsed(digest(), both)).replyTo, [{ name: '당직, "부산"', address: "oncall@example.com" }]);
  assert.equal((await parsed(digest(), both)).from?.address, "alerts@mail.example.com");
});

test("with a constant subject the number is in the mail only", async () => {
  const constant = (locale: string) => createRenderer({ from, locale, timezone: "Asia/Seoul", subject: "constant" });
  assert.equal((await parsed(digest(), constant("ko"))).subject, "[알림] freezer-3");
  assert.equal((await parsed(digest(), constant("en"))).subject, "[Alert] freezer-3");
});

test("a device is one thread in Outlook too: the same topic and the same 22 bytes in each of its mails", async () => {
  const first = await parsed(digest({ deviceName: "냉동고" }));
  const second = await parsed(
    digest({ deviceName: "냉동고", partition: 5, count: 9, windowStart: eventTime(START + 30_000) }),
  );
  const index = Buffer.from(first.header("Thread-Index") ?? "", "base64");
  assert.equal(index.length, 22);
  assert.equal(index[0], 1);
  assert.equal(first.header("Thread-Topic"), "[알림] 냉동고");
  for (const name of ["Thread-Index", "Thread-Topic"]) assert.equal(first.header(name), second.header(name));
  assert.notEqual((await parsed(digest({ deviceId: "x" }))).header("Thread-Index"), first.header("Thread-Index"));
});

test("mails are of a list, and say how to leave it where that is configured: by one click only over https", async () => {
  const usual = await parsed(digest());
  assert.equal(usual.header("List-Id"), "<alert-digest.mail.example.com>");
  assert.equal(usual.header("List-Unsubscribe"), undefined);
  const with_ = (unsubscribeUrl: string) =>
    parsed(
      digest(),
      createRenderer({ from, locale: "ko", timezone: "UTC", listId: "plant.example.com", unsubscribeUrl }),
    );
  const https = await with_("https://example.com/leave?a=1");
  assert.equal(https.header("List-Id"), "<plant.example.com>");
  assert.equal(https.header("List-Unsubscribe"), "<https://example.com/leave?a=1>");
  assert.equal(https.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
  for (const url of ["mailto:leave@example.com", "http://example.com/leave"]) {
    const email = await with_(url);
    assert.equal(email.header("List-Unsubscribe"), `<${url}>`);
    assert.equal(email.header("List-Unsubscribe-Post"), undefined);
  }
});

test("the same digest gives the same bytes, also from another instance", () => {
  const again = createRenderer({ from, locale: "ko", timezone: "Asia/Seoul" });
  assert.ok(ko.render(digest(), TO).raw.equals(again.render(digest(), TO).raw));
});

test("the Message-ID follows topic, partition, device, window start and first offset, and nothing else", () => {
  const idOf = (parts: Partial<Digest>) => ko.render(digest(parts), TO).messageId;
  const same = [{ count: 9 }, { deviceName: "x" }, { lastOffset: 2000 }, { windowEnd: eventTime(START + 60_000) }];
  for (const parts of same) assert.equal(idOf(parts), idOf({}));
  const different = [
    { topic: "b" },
    { partition: 4 },
    { deviceId: "x" },
    { windowStart: eventTime(START + 1) },
    { idOffset: 1043 },
    { partition: 31, idOffset: 42 },
  ];
  assert.equal(new Set([idOf({}), ...different.map(idOf)]).size, 7);
});

test("all mails of a device share a thread that is no mail's own Message-ID", async () => {
  const first = await parsed(digest());
  const second = await parsed(digest({ firstOffset: 2000, partition: 5 }));
  const other = await parsed(digest({ deviceId: "freezer-4" }));
  assert.equal(first.references, first.inReplyTo);
  assert.equal(first.references, second.references);
  assert.notEqual(first.references, other.references);
  assert.notEqual(first.references, first.messageId);
});

test("both bodies list the alerts in offset order with time, severity, type, message and measurement", async () => {
  const alerts = [
    listed(1042, { type: "TEMPERATURE_HIGH", severity: "critical", value: -12.5, threshold: -18, unit: "°C" }),
    listed(1043, { message: "문이 열려 있습니다", occurredAt: "2026-11-20T23:59:58+00:00" }, true),
    listed(1044, { status: "resolved", severity: "info", message: "back to normal", occurredAt: "yesterday" }),
  ];
  const email = await parsed(digest({ listed: alerts }));
  const inText = [
    "1. 2026-11-21 09:00:22 [심각] TEMPERATURE_HIGH",
    "too warm",
    "측정값 -12.5 °C / 기준값 -18 °C",
    "2. 2026-11-21 08:59:58 [경고] (지연 도착)",
    "문이 열려 있습니다",
    "3. 2026-11-21 09:00:24 [정보] (해제)",
    "back to normal",
  ];
  const inHtml = [
    "심각",
    "TEMPERATURE_HIGH",
    "09:00:22",
    "too warm",
    "-12.5 °C / 기준값 -18 °C",
    "경고",
    "지연 도착",
    "08:59:58",
    "정보",
    "해제",
  ];
  inOrder(email.text ?? "", inText);
  inOrder(email.html ?? "", inHtml);
  for (const body of [email.text ?? "", visible(email.html)]) {
    inOrder(body, [
      "심각, 09:00:22부터 계속 중",
      "TEMPERATURE_HIGH",
      "알림 3건: 심각 1, 경고 1, 정보 1",
      "유형별: (유형 없음) 2, TEMPERATURE_HIGH 1",
      "가장 나쁜 값: -12.5 °C, 기준값 -18 °C (TEMPERATURE_HIGH)",
      "처음과 마지막: 08:59:58 – 09:00:24",
      "표시: 해제 1건, 지연 도착 1건",
      "집계 구간: 2026-11-21 09:00:00 – 09:00:30 (Asia/Seoul, UTC+09:00)",
    ]);
  }
  for (const { alert } of alerts)
    for (const body of [email.text, email.html])
      assert.equal(body?.split(alert.message).length, 2, "a message is there once, for whoever searches or counts");
  assert.match(email.html ?? "", /<html lang="ko" dir="ltr">/);
});

test("alerts that were folded are counted, and both bodies say they are not listed", async () => {
  const folded = foldedAlerts({
    count: 19_800,
    bySeverity: { critical: 1, warning: 19_000, info: 799 },
    byType: new Map([
      ["", 10],
      ["DOOR_OPEN", 19_000],
    ]),
    otherTypes: 790,
    resolved: 12_000,
  });
  const email = await parsed(digest({ count: 19_801, folded, windowCount: 3 }), en);
  for (const body of [email.text ?? "", visible(email.html)]) {
    inOrder(body, [
      "Critical, still firing since 09:00:09",
      "19801 alerts: critical 1, warning 19001, info 799",
      "By type: DOOR_OPEN 19000, (no type) 11, (other types) 790",
      "Marked: 12000 resolved",
      "This mail holds 3 windows that had been waiting.",
      "This mail lists 1 alert one by one. The other 19800 are not listed, only counted below.",
      "By severity: critical 1, warning 19000, info 799",
      "By type: DOOR_OPEN 19000, (no type) 10, (other types) 790",
    ]);
  }
});

test("a message beyond 2,000 characters is cut with a mark", async () => {
  const email = await parsed(digest({ listed: [listed(1, { message: `${"가".repeat(2_000)}끝` })] }));
  assert.ok(email.text?.includes(`${"가".repeat(2_000)} … [잘림: 전체 2001자]`));
});

test("200 alerts of 1 MiB of the worst characters stay under 2 MiB", () => {
  for (const character of ['"', "가", "&", "😀"]) {
    const message = character.repeat(1_048_576 / character.length);
    const hostile = { message, type: message, unit: message, value: -1.2345678901234e-300, threshold: 1 };
    const alerts = Array.from({ length: 200 }, (_, i) => listed(i, hostile, true));
    const big = digest({ deviceName: message, listed: alerts });
    assert.ok(ko.render(big, TO).raw.length < 2 * 1024 * 1024, `${character}: ${ko.render(big, TO).raw.length}`);
  }
});

test("nothing is loaded from elsewhere and no script can run", async () => {
  const evil = `</title></td><script>alert(1)</script><img src="http://x.test/a.png" onerror='x'>`;
  const alerts = [listed(1, { message: evil, type: evil, unit: evil, value: 1 })];
  const { html = "" } = await parsed(digest({ deviceId: evil, deviceName: evil, listed: alerts }));
  assert.ok(!/<script|<img|<link|<iframe|url\(/i.test(html));
  assert.equal(html.match(/<title>/g)?.length, 1);
});

const text = fc.oneof(
  anyText({ minLength: 1, maxLength: 300 }),
  fc.constantFrom(
    "a\r\nBcc: evil@x.test\r\n\r\n",
    "\u202egnp\u2066",
    "\ud800",
    "=?UTF-8?Q?x?=",
    "x".repeat(10_000),
    "\r\n.\r\n",
    "\ufffe\uffff",
    "--=_",
  ),
);

test("no field can break a header, forge a line or leave its element, whatever it holds", async () => {
  const names = (await parsed(digest())).headers.map(({ key }) => key);
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (deviceId, deviceName, message, other) => {
      const alerts = [
        listed(1, { message, type: other, unit: other, value: 1, occurredAt: other }),
        listed(2, { message: other }),
      ];
      const { raw, subject } = en.render(digest({ deviceId, deviceName, listed: alerts }), TO);
      const lines = raw.toString("latin1").split("\r\n");
      // RFC 5322, 2.1.1: what it recommends, not the 998 it allows.
      assert.ok(lines.every((line) => line.length <= 78 && !/[\r\n\0]/.test(line)));
      const email = await PostalMime.parse(raw);
      assert.deepEqual(
        email.headers.map(({ key }) => key),
        names,
      );
      assert.equal(email.subject, subject.replace(LONE, "\ufffd"));
      const device = decodeWords(email.headers.find(({ key }) => key === "x-alert-digest-device")?.value ?? "");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is tested
      assert.equal(device, deviceId.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd").replace(LONE, "\ufffd"));
      assert.equal(linesOf(email.text), linesOf(plain.text));
      assert.ok(!/[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/.test(`${email.text}${email.html}${subject}`));
      assert.equal(email.html?.match(/<tr>/g)?.length, 5);
      const type = cleanLine(other, 100_000) === "" ? 2 : 0; // no <b></b> for the type
      assert.equal(email.html?.match(/</g)?.length, (plain.html?.match(/</g)?.length ?? 0) - type);
    }),
    { numRuns: 200 },
  );
});

/** Of the plain digest that the hostile one has the shape of. */
const shape = digest({ listed: [listed(1, { type: "T", unit: "u", value: 1 }), listed(2)] });
const plain = await parsed(shape, en);

/** What is to be read. */
function visible(html = ""): string {
  const text = html.replace(/<(style|title)>.*?<\/\1>/gs, "").replace(/<[^>]*>/g, "");
  return text.replaceAll("&nbsp;", " ").replaceAll("&#39;", "'").replaceAll("&#34;", '"').replaceAll("&amp;", "&");
}

function linesOf(body: string | undefined): number {
  return body?.split(/\r\n|[\n\r\u2028\u2029\u0085]/).length ?? 0;
}

function inOrder(body: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = body.indexOf(part, at);
    assert.ok(found >= 0, `${part} is missing or out of order in\n${body}`);
    at = found + part.length;
  }
}
