/** One mail for many devices. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { createRenderer } from "#src/mail/render.js";
import type { Digest, FleetDigest } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed } from "./digest.js";
import { fleet } from "./fleet.js";

const TO = everybody("kim@ops.test");
const from = mailboxOf("alerts@mail.example.com");
const ko = createRenderer({ from, locale: "ko", timezone: "Asia/Seoul" });
const en = createRenderer({ from, locale: "en", timezone: "Asia/Seoul" });
const parsed = (of: FleetDigest, renderer = en): Promise<Email> => PostalMime.parse(renderer.render(of, TO).raw);
const header = (email: Email, name: string): string | undefined => {
  const value = email.headers.find(({ key }) => key === name.toLowerCase())?.value;
  return value === undefined ? undefined : decodeWords(value);
};

const hot: Digest = digest({
  deviceId: "freezer-1",
  deviceName: "냉동고 1호",
  partition: 1,
  idOffset: 7,
  listed: [
    listed(1, { severity: "critical", type: "TEMP", message: "Too warm", value: 36.2, threshold: 35, unit: "°C" }),
    listed(9, { severity: "warning", type: "DOOR", message: "Door open" }, true),
  ],
});
const over: Digest = digest({
  deviceId: "freezer-2",
  listed: [listed(3, { type: "DOOR" }), listed(4, { type: "DOOR", status: "resolved", message: "closed" })],
});
const both = fleet([hot, over]);

test("a device's count stays behind its name, also where that is written from right to left", async () => {
  const { text = "" } = await parsed(fleet([{ ...hot, deviceName: "ثلاجة" }, over]));
  assert.match(text, /^1\. ثلاجة\u200e - 2 alerts: critical 1, warning 1$/m);
});

test("a device whose windows had waited says how many, not that the mail holds no more", async () => {
  const merged = fleet([{ ...hot, windowCount: 3 }, over]);
  assert.match((await parsed(merged)).text ?? "", /^ {3}Window: 3 delayed windows combined$/m);
  assert.match((await parsed(merged, ko)).text ?? "", /^ {3}집계 구간: 밀린 3개 구간 통합$/m);
});

test("the subject counts devices and alerts in both languages", async () => {
  assert.equal((await parsed(both, ko)).subject, "[알림] 장치 2대 - 4건");
  assert.equal((await parsed(both)).subject, "[Alert] 2 devices - 4 alerts");
  const severe = createRenderer({ from, locale: "ko", timezone: "UTC", subject: "severity" });
  assert.equal((await parsed(both, severe)).subject, "[심각] 장치 2대 - 4건");
  const constant = createRenderer({ from, locale: "en", timezone: "UTC", subject: "constant" });
  assert.equal((await parsed(both, constant)).subject, "[Alert] Several devices");
});

test("it says first what is worst and where, then that it was folded and why, then every device's summary", async () => {
  const { text = "", html = "" } = await parsed(both);
  const expected = [
    "냉동고 1호 and 1 other device: Critical, still firing since 09:00:01: Too warm (TEMP, 36.2 °C, threshold 35 °C) and 1 other type",
    "2 devices, 4 alerts: critical 1, warning 3",
    "Many devices raised alerts at once",
    "1. 냉동고 1호 - 2 alerts: critical 1, warning 1",
    "Critical, still firing since 09:00:01: Too warm (TEMP, 36.2 °C, threshold 35 °C) and 1 other type",
    "Of these: 1 late",
    "By type: TEMP 1, DOOR 1",
    "Worst critical value: 36.2 °C, threshold 35 °C (TEMP)",
    "First/last alert: 09:00:01 – 09:00:09",
    "2. freezer-2 - 2 alerts: warning 2",
    "Warning, resolved at 09:00:04, began at 09:00:03: closed",
    "Of these: 1 resolved",
  ];
  let at = 0;
  for (const part of expected) {
    const found = text.indexOf(part, at);
    assert.ok(found >= 0, `${part} is missing or out of order in\n${text}`);
    at = found + part.length;
  }
  assert.equal(text.split("\n", 1)[0]?.trim(), expected[0]);
  for (const part of [
    "냉동고 1호",
    "freezer-2",
    "Too warm",
    "Worst critical value",
    "closed",
    "combined into this one",
  ])
    assert.ok(html.includes(part), part);
});

test("a reader who asked for one mail is told that, not that there was a storm", async () => {
  const { text = "" } = await parsed(fleet([hot, over], { reason: "asked" }));
  assert.match(text, /one email for all devices/);
  assert.doesNotMatch(text, /Many devices/);
});

test("the headers say what is inside: devices, alerts, window, and the sources while there are few", async () => {
  const email = await parsed(both);
  assert.equal(header(email, "X-Alert-Digest-Devices"), "2");
  assert.equal(header(email, "X-Alert-Digest-Count"), "4");
  assert.equal(header(email, "X-Alert-Digest-Window"), "2026-11-21T00:00:00.000Z/2026-11-21T00:00:30.000Z");
  assert.equal(header(email, "X-Alert-Digest-Source"), "alerts/1/1042-1077,alerts/3/1042-1077");
  assert.equal(header(email, "X-Alert-Digest-Device"), undefined);
  assert.equal(header(email, "Auto-Submitted"), "auto-generated");
  const many = (count: number) => fleet(Array.from({ length: count }, (_, index) => digest({ deviceId: `d${index}` })));
  assert.equal(header(await parsed(many(50)), "X-Alert-Digest-Source")?.split(",").length, 50);
  assert.equal(header(await parsed(many(51)), "X-Alert-Digest-Source"), undefined);
});

test("the Message-ID is of the set of windows, whatever their order, and no device's own", () => {
  const idOf = (...digests: Digest[]) => en.render(fleet(digests), TO).messageId;
  assert.equal(idOf(hot, over), idOf(over, hot));
  assert.equal(ko.render(both, TO).messageId, en.render(both, TO).messageId);
  const others = [idOf(hot, over), idOf(hot), idOf(over), en.render(hot, TO).messageId, en.render(over, TO).messageId];
  for (const parts of [{ partition: 9 }, { deviceId: "x" }, { idOffset: 1 }])
    others.push(idOf(hot, { ...over, ...parts }));
  assert.equal(new Set(others).size, others.length);
});

test("fleet mails are one thread for each sender, apart from the devices'", async () => {
  const [first, second] = [await parsed(both), await parsed(fleet([over]))];
  assert.equal(first.references, second.references);
  assert.equal(header(first, "Thread-Index"), header(second, "Thread-Index"));
  assert.notEqual(first.references, (await PostalMime.parse(en.render(hot, TO).raw)).references);
  const look = { from: { name: undefined, address: "other@mail.example.com" } };
  const other = await PostalMime.parse(en.render(both, { ...TO, look }).raw);
  assert.notEqual(first.references, other.references);
});

test("devices with merged windows, urgent mails before or folded alerts say so", async () => {
  const folded = foldedAlerts({
    count: 5,
    bySeverity: { info: 0, warning: 5, critical: 0 },
    byType: new Map([["X", 5]]),
  });
  const { text = "" } = await parsed(
    fleet([
      { ...hot, windowCount: 3, part: "rest", toldEarly: 2 },
      digest({ ...over, count: 7, folded, part: "rest", toldEarly: 1 }),
    ]),
  );
  assert.match(text, /Window: 3 delayed windows combined/);
  assert.match(text, /The first 3 alerts in this window were sent earlier in an urgent email/);
  assert.match(text, /First\/last alert: 09:00:0\d – 09:00:09/);
  assert.match(text, /X 5/);
});

const text = fc.oneof(
  anyText({ minLength: 1, maxLength: 300 }),
  fc.constantFrom(
    "a\r\nBcc: evil@x.test\r\n\r\n",
    "\u202egnp\u2066",
    "\ud800",
    "=?UTF-8?Q?x?=",
    "x".repeat(10_000),
    "</td><script>",
  ),
);

test("whatever devices say, it breaks no header, forges no line and leaves no element", async () => {
  const plain = await parsed(fleet([digest({ listed: [listed(1, { type: "T", unit: "u", value: 1 })] })]));
  const lines = (body = ""): number => body.split(/\r\n|[\n\r\u2028\u2029\u0085]/).length;
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (deviceId, deviceName, message, other) => {
      const one = digest({
        deviceId,
        deviceName,
        listed: [listed(1, { message, type: other, unit: other, value: 1 })],
      });
      const { raw } = en.render(fleet([one]), TO);
      assert.ok(
        raw
          .toString("latin1")
          .split("\r\n")
          .every((line) => line.length <= 998 && !/[\r\n\0]/.test(line)),
      );
      const email = await PostalMime.parse(raw);
      assert.deepEqual(
        email.headers.map(({ key }) => key),
        plain.headers.map(({ key }) => key),
      );
      assert.equal(lines(email.text), lines(plain.text));
      assert.equal(email.html?.match(/<tr>/g)?.length, plain.html?.match(/<tr>/g)?.length);
      assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(`${email.text}${email.html}`));
      assert.ok(!/<script/i.test(email.html ?? ""));
    }),
    { numRuns: 100 },
  );
});
