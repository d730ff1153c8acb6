import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import type { Severity } from "#src/core/alert.js";
import { eventTime } from "#src/core/time.js";
import { cleanLine } from "#src/mail/clean.js";
import { createRenderer } from "#src/mail/render.js";
import type { Digest, DigestState } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { foldedAlerts } from "#test/support/folded-alerts.js";
import { digest, listed, START } from "./digest.js";

const LONE = /\p{Surrogate}/gu;
const TO = everybody("kim@ops.test", "lee@ops.test");
const from = mailboxOf("Alert Digest <alerts@mail.example.com>");
const ko = createRenderer({ from, locale: "ko", timezone: "Asia/Seoul" });
const en = createRenderer({ from, locale: "en", timezone: "Asia/Seoul" });

async function parsed(
  of: Digest,
  renderer = ko,
  to = TO,
): Promise<Email & { header(name: string): string | undefined }> {
  const email = await PostalMime.parse(renderer.render(of, to).raw);
  const header = (name: string) => {
    const value = email.headers.find(({ key }) => key === name.toLowerCase())?.value;
    return value === undefined ? undefined : decodeWords(value);
  };
  return Object.assign(email, { header });
}

test("the subject is the contract's in both languages, with the device ID where there is no name", async () => {
  const named = digest({ deviceName: "부산 냉동고 3호" });
  assert.equal((await parsed(named)).subject, "[알림] 부산 냉동고 3호 - 1건");
  assert.equal((await parsed(named, en)).subject, "[Alert] 부산 냉동고 3호 - 1 alert");
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

test("a filter finds a long topic and a long device ID in the raw mail", () => {
  const [topic, deviceId] = [`plant-7.${"line.".repeat(20)}alerts`, `urn:dev:${"ops:".repeat(40)}7`];
  const raw = ko.render(digest({ topic, deviceId }), TO).raw.toString();
  assert.ok(raw.includes(`\r\nX-Alert-Digest-Device: ${deviceId}\r\n`));
  assert.ok(raw.includes(`\r\nX-Alert-Digest-Source: ${topic}/3/1042-1077\r\n`));
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

test("the date is the window's end, in the mail's time zone", () => {
  const dateOf = (timezone: string) =>
    /^Date: (.*)\r$/m.exec(createRenderer({ from, locale: "ko", timezone }).render(digest(), TO).raw.toString())?.[1];
  assert.equal(dateOf("Asia/Seoul"), "Sat, 21 Nov 2026 09:00:30 +0900");
  assert.equal(dateOf("America/New_York"), "Fri, 20 Nov 2026 19:00:30 -0500");
});

test("a Korean mail asks for Korean fonts first, also where Outlook takes them from", async () => {
  const fontsOf = async (renderer = ko) => (await parsed(digest(), renderer)).html?.match(/font-family:[^;"]+/g) ?? [];
  const [body, eastAsian] = await fontsOf();
  assert.match(body ?? "", /^font-family:'Malgun Gothic',.*'Noto Sans KR',/);
  assert.equal(eastAsian, "font-family:'Malgun Gothic'");
  assert.match((await fontsOf(en)).join(), /^font-family:-apple-system,(?!.*Malgun)/);
});

test("all of a usual Korean mail is in EUC-KR: an archive that converts it loses no character", async () => {
  const known = new TextDecoder("euc-kr");
  const inEucKr = new Set<string>();
  for (let high = 0xa1; high <= 0xfe; high++)
    for (let low = 0xa1; low <= 0xfe; low++) inEucKr.add(known.decode(Uint8Array.of(high, low)));
  const email = await parsed(digest({ listed: [listed(1), listed(9)], windowCount: 3, part: "rest", toldEarly: 2 }));
  const foreign = [...`${email.subject}${email.text}`].filter((one) => one > "\x7f" && !inEucKr.has(one));
  assert.deepEqual(foreign, []);
});

test("with a constant subject the number is in the mail only", async () => {
  const constant = (locale: string) => createRenderer({ from, locale, timezone: "Asia/Seoul", subject: "constant" });
  assert.equal((await parsed(digest(), constant("ko"))).subject, "[알림] freezer-3");
  assert.equal((await parsed(digest(), constant("en"))).subject, "[Alert] freezer-3");
});

/** What is said, in turn, of a type: severity or `resolved`. */
const told = (...words: readonly (readonly [type: string, word: Severity | "resolved"])[]): Digest =>
  digest({
    listed: words.map(([type, word], index) =>
      listed(
        1042 + index,
        word === "resolved" ? { type, status: "resolved", severity: "info" } : { type, severity: word },
      ),
    ),
  });

const STATES: readonly {
  readonly of: Digest;
  readonly ko: string;
  readonly en: string;
  readonly severity: Severity;
  readonly state: DigestState;
}[] = [
  { of: told(["a", "critical"]), ko: "[심각]", en: "[Critical]", severity: "critical", state: "firing" },
  { of: told(["a", "warning"], ["b", "info"]), ko: "[경고]", en: "[Warning]", severity: "warning", state: "firing" },
  { of: told(["a", "info"]), ko: "[정보]", en: "[Info]", severity: "info", state: "firing" },
  {
    of: told(["a", "critical"], ["a", "resolved"]),
    ko: "[해제]",
    en: "[Resolved]",
    severity: "critical",
    state: "resolved",
  },
  // What fires since before says so, although the mail tells of nothing else.
  {
    of: { ...told(["a", "resolved"]), beside: { types: 1, worst: "critical", since: undefined } },
    ko: "[심각]",
    en: "[Critical]",
    severity: "critical",
    state: "firing",
  },
  // The critical one is over, and what is left is a warning.
  {
    of: told(["a", "critical"], ["b", "warning"], ["a", "resolved"]),
    ko: "[경고]",
    en: "[Warning]",
    severity: "warning",
    state: "firing",
  },
];

test("MAIL_SUBJECT=severity: the subject says how bad it is that goes on, or that it is over; the thread keeps its name", async () => {
  const by = (locale: string) => createRenderer({ from, locale, timezone: "Asia/Seoul", subject: "severity" });
  for (const { of, ko: korean, en: english } of STATES) {
    const mail = await parsed(of, by("ko"));
    assert.equal(mail.subject, `${korean} freezer-3 - ${of.count}건`);
    assert.equal(mail.header("Thread-Topic"), "[알림] freezer-3");
    assert.equal(
      (await parsed(of, by("en"))).subject,
      `${english} freezer-3 - ${of.count} ${of.count === 1 ? "alert" : "alerts"}`,
    );
  }
});

test("headers say the worst that still fires, and only a mail with something critical that fires is of high importance", async () => {
  for (const { of, severity, state } of STATES) {
    const email = await parsed(of);
    assert.deepEqual(
      [email.header("X-Alert-Digest-Severity"), email.header("X-Alert-Digest-State")],
      [severity, state],
    );
    const urgent = severity === "critical" && state === "firing" ? ["high", "1"] : [undefined, undefined];
    assert.deepEqual([email.header("Importance"), email.header("X-Priority")], urgent);
  }
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
  for (const url of ["https://example.com/leave?a=1", "mailto:leave@example.com", "http://example.com/leave"]) {
    const email = await with_(url);
    assert.equal(email.header("List-Unsubscribe"), `<${url}>`);
    assert.equal(email.header("List-Unsubscribe-Post"), undefined, "nothing in the POST would say who leaves");
  }
});

test("one click leaves the list only where the URL names the one person whom the mail is for", async () => {
  const of = (unsubscribeUrl: string, to: readonly string[], bcc: readonly string[] = []) =>
    parsed(digest(), createRenderer({ from, locale: "ko", timezone: "UTC", unsubscribeUrl }), { ...TO, to, bcc });
  const url = "https://example.com/leave?who={recipient}&of=alerts";
  const one = await of(url, ["kim+a@example.com"]);
  assert.equal(one.header("List-Unsubscribe"), "<https://example.com/leave?who=kim%2Ba%40example.com&of=alerts>");
  assert.equal(one.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
  for (const several of [
    await of(url, ["kim@example.com", "lee@example.com"]),
    await of(url, ["kim@example.com"], ["lee@example.com"]),
  ]) {
    assert.equal(several.header("List-Unsubscribe"), undefined);
    assert.equal(several.header("List-Unsubscribe-Post"), undefined);
  }
  const mailto = await of("mailto:leave@example.com?subject={recipient}", ["kim@example.com"]);
  assert.equal(mailto.header("List-Unsubscribe"), "<mailto:leave@example.com?subject=kim%40example.com>");
  assert.equal(mailto.header("List-Unsubscribe-Post"), undefined);
});

test("with a key, nobody without it can compute a mail's identifiers; the same key gives the same ones", () => {
  const idOf = (idKey?: string) =>
    createRenderer({ from, locale: "ko", timezone: "UTC", idKey }).render(digest(), TO).messageId;
  assert.equal(idOf("0123456789abcdef"), idOf("0123456789abcdef"));
  assert.equal(new Set([idOf(), idOf("0123456789abcdef"), idOf("0123456789abcdeF")]).size, 3);
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
    "측정값 -12.5 °C (기준값 -18 °C)",
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
    "-12.5 °C (기준값 -18 °C)",
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
      "심각, 09:00:22부터 발생 중",
      "TEMPERATURE_HIGH",
      "알림 3건: 심각 1, 경고 1, 정보 1",
      "그중: 해제 1건, 지연 도착 1건",
      "유형별: (유형 없음) 2, TEMPERATURE_HIGH 1",
      "기준값에서 가장 벗어난 값(심각): -12.5 °C, 기준값 -18 °C (TEMPERATURE_HIGH)",
      "발생 시각: 08:59:58 ~ 09:00:24",
      "집계 구간: 2026-11-21(토) 09:00:00 ~ 09:00:30 (한국 표준시, UTC+09:00)",
    ]);
  }
  for (const { alert } of alerts)
    for (const body of [email.text, email.html]) assert.ok((body?.split(alert.message).length ?? 0) >= 2);
  for (const { alert } of alerts)
    assert.equal(email.text?.split(`\n   ${alert.message}`).length, 2, "in the list once, for whoever counts");
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
      "19,801 alerts: critical 1, warning 19,001, info 799",
      "Of these: 12,000 resolved",
      "By type: DOOR_OPEN 19,000, (no type) 11, (other types) 790",
      "1 alert is listed individually; the other 19,800 are only counted below.",
      "This email combines 3 delayed windows.",
      "19,800 alerts not listed",
      "By severity: critical 1, warning 19,000, info 799",
      "By type: DOOR_OPEN 19,000, (no type) 10, (other types) 790",
    ]);
  }
});

test("a message beyond 2,000 characters is cut with a mark", async () => {
  const email = await parsed(digest({ listed: [listed(1, { message: `${"가".repeat(2_000)}끝` })] }));
  assert.ok(email.text?.includes(`${"가".repeat(2_000)} … (이하 생략, 전체 2,001자)`));
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
      const plain = await parsed(harmlessLike(message, other), en);
      assert.equal(linesOf(email.text), linesOf(plain.text));
      assert.ok(!/[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/.test(`${email.text}${email.html}${subject}`));
      assert.equal(email.html?.match(/<tr>/g)?.length, 5);
      assert.equal(email.html?.match(/</g)?.length, plain.html?.match(/</g)?.length);
    }),
    { numRuns: 200 },
  );
});

/** A digest of the same shape: a text is left out where nothing of it is left. */
function harmlessLike(message: string, other: string): Digest {
  const like = (text: string, instead: string): string => (cleanLine(text, 100_000) === "" ? "" : instead);
  const [said, more] = [like(message, "M"), like(other, "O")];
  return digest({
    listed: [listed(1, { message: said, type: more, unit: more, value: 1 }), listed(2, { message: more })],
  });
}

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
