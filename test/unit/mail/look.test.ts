/** Readers of one digest who get different messages of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime, { type Email } from "postal-mime";
import { createRenderer } from "#src/mail/render.js";
import type { Addressing, MailLook } from "#src/runtime/ports.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { anyText } from "#test/support/any-text.js";
import { digest } from "./digest.js";

const options = { from: mailboxOf("Alerts <alerts@example.com>"), locale: "ko", timezone: "Asia/Seoul" } as const;
const renderer = createRenderer(options);
const looking = (look: MailLook): Addressing => ({ ...everybody("kim@ops.test"), look });
const parsed = (addressing: Addressing): Promise<Email> => PostalMime.parse(renderer.render(digest(), addressing).raw);
const idOf = (look: MailLook): string => renderer.render(digest(), looking(look)).messageId;
const addresses = (list: Email["to"]): readonly (string | undefined)[] => (list ?? []).map(({ address }) => address);
const headOf = (addressing: Addressing): string =>
  renderer.render(digest(), addressing).raw.toString().split("\r\n\r\n")[0] ?? "";

test("language and time zone are the reader's where one has their own", async () => {
  const email = await parsed(looking({ locale: "en", timezone: "Europe/Berlin" }));
  assert.equal(email.subject, "[Alert] freezer-3 - 1 alert");
  assert.match(email.text ?? "", /2026-11-21 01:00:00 – 01:00:30 \(Europe\/Berlin, UTC\+01:00\)/);
  assert.equal((await parsed(looking({ locale: "EN" }))).subject, "[Alert] freezer-3 - 1 alert");
});

test("a language or time zone that nobody knows is passed over: the mail comes in the usual one, as the usual message", async () => {
  const look = { locale: "tlh", timezone: "Mars/Olympus" };
  assert.equal((await parsed(looking(look))).subject, "[알림] freezer-3 - 1건");
  assert.equal(idOf(look), idOf({}));
  assert.match((await parsed(looking({ locale: "../../x" }))).text ?? "", /한국 표준시/);
});

test("sender and reply address are the route's where it has its own, and bounces go to that sender", async () => {
  const from = { name: '부산 "관제"', address: "busan@example.com" };
  const replyTo = { name: undefined, address: "oncall@example.com" };
  const email = await parsed(looking({ from, replyTo }));
  assert.deepEqual(email.from, from);
  assert.deepEqual(addresses(email.replyTo), ["oncall@example.com"]);
  assert.equal(renderer.render(digest(), looking({ from })).from, "busan@example.com");
  assert.equal(renderer.render(digest(), looking({})).from, "alerts@example.com");
});

test("MAIL_REPLY_TO and MAIL_ENVELOPE_FROM are for all, a route's reply address comes first", async () => {
  const own = createRenderer({
    ...options,
    replyTo: mailboxOf("당직 <duty@example.com>"),
    envelopeFrom: "bounces@example.net",
  });
  const email = await PostalMime.parse(own.render(digest(), everybody("kim@ops.test")).raw);
  assert.deepEqual(email.replyTo, [{ name: "당직", address: "duty@example.com" }]);
  assert.equal(own.render(digest(), looking({ from: { name: "x", address: "x@y.test" } })).from, "bounces@example.net");
  const other = own.render(digest(), looking({ replyTo: { name: undefined, address: "a@b.test" } }));
  assert.deepEqual(addresses((await PostalMime.parse(other.raw)).replyTo), ["a@b.test"]);
});

test("a message that looks different has a Message-ID of its own, the same each time; the usual one keeps its", () => {
  const mailbox = { name: "A", address: "a@b.test" };
  const looks: MailLook[] = [
    {},
    { locale: "en" },
    { timezone: "UTC" },
    { locale: "en", timezone: "UTC" },
    { from: mailbox },
    { from: { ...mailbox, name: "B" } },
    { replyTo: mailbox },
  ];
  assert.equal(new Set(looks.map(idOf)).size, looks.length);
  const again = createRenderer(options);
  for (const look of looks) assert.equal(again.render(digest(), looking(look)).messageId, idOf(look));
  for (const look of [
    { locale: "ko" },
    { timezone: "Asia/Seoul" },
    { from: { name: "Alerts", address: "alerts@example.com" } },
  ])
    assert.equal(idOf(look), idOf({}));
});

test("to and cc are in the headers, bcc never is", async () => {
  const addressing = { look: {}, to: ["a@x.test", "b@x.test"], cc: ["c@x.test"], bcc: ["secret@x.test"] };
  const email = await parsed(addressing);
  assert.deepEqual(addresses(email.to), ["a@x.test", "b@x.test"]);
  assert.deepEqual(addresses(email.cc), ["c@x.test"]);
  assert.ok(!renderer.render(digest(), addressing).raw.toString().includes("secret"));
  assert.doesNotMatch(headOf({ ...addressing, to: [] }), /^To:/m);
  assert.match(headOf({ ...addressing, to: [], cc: [] }), /^To: alert-digest readers:;$/m);
});

test("an address outside ASCII stands in the header as it is, one of an international domain in its A-label", () => {
  assert.match(headOf(everybody("김@xn--bcher-kva.example")), /^To: 김@xn--bcher-kva\.example$/m);
});

test("a message says why its readers get it, and links the live page", async () => {
  const because = [
    { kind: "route", number: 2, name: "heating\r\n" },
    { kind: "route", number: 5, name: undefined },
    { kind: "database" },
  ] as const;
  const both = async (locale: string, of: Addressing) => {
    const own = createRenderer({ ...options, locale, livePage: "https://alerts.example.com/x/" });
    const { text = "", html = "" } = await PostalMime.parse(own.render(digest(), of).raw);
    return { text, html };
  };
  const en = await both("en", { ...everybody("kim@ops.test"), because });
  assert.match(
    en.text,
    /\nWhy you get this: route 2 \(heating\); route 5; recipients database\r?\nLive page: https:\/\/alerts\.example\.com\/x\/$/,
  );
  assert.match(en.html, /Why you get this:<\/span> route 2 \(heating\); route 5; recipients database<br>/);
  assert.match(en.html, /<a href="https:\/\/alerts\.example\.com\/x\/"[^>]*>Live page<\/a><\/td>/);
  const ko = await both("ko", { ...everybody("kim@ops.test"), because });
  assert.match(
    ko.text,
    /\n수신 사유: 수신 규칙 2번\(heating\); 수신 규칙 5번; 수신자 데이터베이스\r?\n실시간 페이지: https/,
  );
  const several = { ...everybody("kim@ops.test"), because: [{ kind: "several" }] } as const;
  assert.match(
    (await both("en", several)).text,
    /: a route, the recipients database or MAIL_TO \(not the same for all/,
  );
  const many = Array.from({ length: 9 }, (_, number) => ({ kind: "route", number, name: undefined }) as const);
  assert.match((await both("en", { ...everybody("k@x.test"), because: many })).text, /route 4; \+4\r?\n/);
  const plain = await parsed(everybody("kim@ops.test"));
  assert.doesNotMatch(plain.text ?? "", /수신 사유|실시간/);
});

test("hundreds of looks and time zones are remembered, more are made anew, and all are right", async () => {
  for (let index = 0; index < 600; index++) {
    const address = `sender-${index}@example.com`;
    assert.equal(renderer.render(digest(), looking({ from: { name: undefined, address } })).from, address);
  }
  assert.match((await parsed(looking({ timezone: "UTC" }))).text ?? "", /\(UTC, UTC\+00:00\)/);
});

test("no name or address of a route or a database can break a header", async () => {
  const names = (await parsed(everybody("a@b.test"))).headers.map(({ key }) => key);
  const text = fc.oneof(
    anyText({ maxLength: 200 }),
    fc.constantFrom(
      "a\r\nBcc: evil@x.test\r\n\r\n",
      '"<x@y.test>',
      "=?UTF-8?Q?x?=",
      "\u202e",
      "\ud800",
      "x".repeat(10_000),
    ),
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (name, local) => {
      const mailbox = { name, address: "a@b.test" };
      const to = [`${local.slice(0, 60).replaceAll("@", "")}@x.test`, "kim@ops.test"];
      const { raw } = renderer.render(digest(), { ...everybody(...to), look: { from: mailbox, replyTo: mailbox } });
      const head = raw.toString("latin1").split("\r\n\r\n", 1)[0] ?? "";
      assert.ok(head.split("\r\n").every((line) => line.length <= 998 && !/[\r\n\0]/.test(line)));
      const email = await PostalMime.parse(raw);
      assert.deepEqual(email.headers.map(({ key }) => key).sort(), [...names, "reply-to"].sort());
      assert.equal(email.from?.address, "a@b.test");
    }),
    { numRuns: 100 },
  );
});
