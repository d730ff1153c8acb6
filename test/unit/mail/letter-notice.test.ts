import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import type { LetterFacts, LetterNews } from "#src/core/letter-news.js";
import { LetterGathering } from "#src/core/letter-news.js";
import { createLetterNotice } from "#src/mail/letter-notice.js";
import { MAIL_LOCALES, textsOf } from "#src/mail/texts/index.js";
import { DEAD_LETTER_REASONS } from "#src/runtime/ports.js";

const AT = Date.parse("2026-11-21T00:10:00.250Z");

const OPTIONS = {
  from: { name: "Alerts", address: "alerts@example.com" },
  replyTo: undefined,
  envelopeFrom: undefined,
  hideRecipients: "never" as const,
  locale: "en",
  timezone: "Asia/Seoul",
  group: "alert-digest",
  instance: "host-1",
};

const newsOf = (...letters: readonly Partial<LetterFacts>[]): LetterNews => {
  const gathering = new LetterGathering(60_000);
  for (const more of letters)
    gathering.note({
      ...{ kind: "window", stage: "smtp", reason: "recipient-refused", deviceId: "boiler", severity: "warning" },
      ...{ alerts: 3, says: "too hot", detail: "550 5.1.1 no such user", position: "0/7", atMs: AT },
      ...more,
    });
  return gathering.take(AT + 900_000);
};

const rendered = async (news: LetterNews, locale = "en") => {
  const mail = createLetterNotice({ ...OPTIONS, locale }).render(news, ["oncall@example.com"]);
  const parsed = await PostalMime.parse(mail.raw);
  const header = (key: string): string | undefined => parsed.headers.find((one) => one.key === key)?.value;
  const lines = (parsed.text ?? "").replaceAll("\r", "").split("\n");
  return { ...mail, header, lines, html: parsed.html ?? "" };
};

test("it says how many, why, which devices, the worst first, and how to look at them and send them again", async () => {
  const news = newsOf(
    {},
    {
      ...{ kind: "record", stage: "decode", reason: "not-json", deviceId: "pump", severity: undefined, alerts: 1 },
      ...{ says: "{broken", detail: "Unexpected end", position: "0/8" },
    },
    { deviceId: "fan", severity: "critical", says: "smoke", position: undefined },
  );
  const { subject, lines, header, html } = await rendered(news);
  assert.equal(subject, "[Dead letters] 3 not delivered or not readable, 1 critical");
  assert.deepEqual(lines, [
    "3 dead letters: some alerts did not reach every recipient.",
    "Written from 2026-11-21 09:10:00 to 2026-11-21 09:25:00 (Asia/Seoul, UTC+09:00)",
    "7 alerts in them; critical: 1 dead letter",
    "Reasons: recipient refused (recipient-refused) 2, not JSON (not-json) 1",
    "Devices: 3: fan 1, boiler 1, pump 1",
    "",
    "1. ! critical: fan, a window with 3 alerts",
    "   smoke \u00b7 recipient refused (recipient-refused): 550 5.1.1 no such user \u00b7 2026-11-21 09:10:00",
    "2. Severity unknown: pump, a record",
    "   {broken \u00b7 not JSON (not-json): Unexpected end \u00b7 2026-11-21 09:10:00 \u00b7 alert-digest dead-letters show 0/8",
    "3. warning: boiler, a window with 3 alerts",
    "   too hot \u00b7 recipient refused (recipient-refused): 550 5.1.1 no such user \u00b7 2026-11-21 09:10:00 \u00b7 alert-digest dead-letters show 0/7",
    "",
    "Look at them: alert-digest dead-letters list --since 2026-11-21T00:10:00Z",
    "Send them again, once the cause is gone; without --dry-run it is done: alert-digest dead-letters redrive --since 2026-11-21T00:10:00Z --dry-run",
    "",
    "-- ",
    "Consumer group: alert-digest, instance: host-1",
  ]);
  assert.deepEqual([header("auto-submitted"), header("x-alert-digest-dead-letters")], ["auto-generated", "3"]);
  assert.match(html, /<td class="r" style="[^"]*border-left:4px solid #b3261e"><b dir="auto">critical: fan/);
});

test("in Korean", async () => {
  const { subject, lines, header } = await rendered(newsOf({ severity: "critical" }), "ko");
  assert.equal(subject, "[데드 레터] 미전달 1건 (심각 1건)");
  assert.ok(lines.includes("사유: 수신자 거부 (recipient-refused) 1"), lines.join("\n"));
  assert.equal(header("content-language"), "ko");
});

test("whatever producers and servers say is one line that does nothing", async () => {
  const evil = 'x\r\nBcc: all@example.com\u202e\u0000<img src="https://evil.example/">';
  const { raw, html, lines } = await rendered(newsOf({ deviceId: evil, says: evil, detail: evil, reason: evil }));
  assert.doesNotMatch(raw.toString().split("\r\n\r\n")[0] ?? "", /^Bcc:/im);
  assert.doesNotMatch(html, /<img/);
  for (const character of ["\u202e", "\0"]) assert.ok(!lines.join("\n").includes(character));
});

test("each reason that a dead letter can have has words in each language", () => {
  for (const locale of MAIL_LOCALES)
    for (const reason of Object.values(DEAD_LETTER_REASONS).flat())
      assert.ok(textsOf(locale).letters.reasons[reason], `${locale}: ${reason}`);
});

test("the same news is the same bytes", async () => {
  const news = newsOf({});
  assert.deepEqual((await rendered(news)).raw, (await rendered(news)).raw);
});
