import assert from "node:assert/strict";
import { test } from "node:test";
import { address, broker, listenHost, mailbox, smtpUrl } from "#src/config/addresses.js";
import type { ValueParser } from "#src/config/values.js";

const value = <T>(parser: ValueParser<T>, text: string): T | undefined => {
  const result = parser.parse(text);
  return result.ok ? result.value : undefined;
};

test("brokers are host:port, IPv6 in brackets", () => {
  for (const text of ["kafka:9092", "kafka_1:9092", "10.0.0.1:1", "[::1]:9092", "a.b.example:65535"]) {
    assert.equal(value(broker, text), text);
  }
  assert.equal(value(broker, "브로커.example:9092"), "xn--2o2b17hwrq.example:9092");
  for (const text of [
    "kafka",
    "::1:9092",
    "[::1]",
    "kafka:0",
    "kafka:65536",
    "kafka:x",
    ":9092",
    "kafka://a:1",
    "a b:1",
    "1.2.3:9092",
    "-a:1",
    "a@b:1",
  ]) {
    assert.equal(value(broker, text), undefined, text);
  }
});

test("a listen address may be any local name or address", () => {
  for (const text of ["0.0.0.0", "::", "::1", "localhost", "127.0.0.1"]) assert.equal(value(listenHost, text), text);
  assert.equal(value(listenHost, "[::1]"), "::1");
  for (const text of ["http://localhost", "127.0.0.1:80", "a b"])
    assert.equal(value(listenHost, text), undefined, text);
});

test("an SMTP URL gives host, port by its scheme, and percent-decoded credentials", () => {
  const target = (text: string) => value(smtpUrl, text);
  assert.deepEqual(target("smtp://mail.example.com"), {
    host: "mail.example.com",
    port: 587,
    implicitTls: false,
    auth: undefined,
  });
  assert.deepEqual(target("smtps://mail.example.com/")?.port, 465);
  assert.deepEqual(target("SMTP://Mail.Example.com:25")?.host, "mail.example.com");
  assert.deepEqual(target("smtp://[::1]:1025")?.host, "::1");
  assert.deepEqual(target("smtp://메일.example")?.host, "xn--h32bq4v.example");
  assert.deepEqual(target("smtp://ops%40example.com:p%3Ass%2F%ED%95%9C@h:25")?.auth, {
    username: "ops@example.com",
    password: "p:ss/한",
  });
});

test("an SMTP URL with anything else wrong is refused", () => {
  for (const text of [
    "mail.example.com:587",
    "smtp:mail.example.com",
    "http://mail.example.com",
    "smtp://",
    "smtp://user:pass@",
    "smtp://host:0",
    "smtp://host:65536",
    "smtp://host/path",
    "smtp://host?x=1",
    "smtp://host?",
    "smtp://host#f",
    "smtp://user@host",
    "smtp://:pass@host",
    "smtp://user:100%@host",
    "smtp://user:a%0d%0ab@host",
    "smtp://user:pa ss@host",
    "smtp://user:pa/ss@host",
    "smtp://ho%20st",
    "smtp://host\n",
  ]) {
    assert.equal(value(smtpUrl, text), undefined, text);
  }
});

test("a mailbox is an address with or without a name, the name in any script", () => {
  const box = (text: string) => value(mailbox, text);
  assert.deepEqual(box("a.b+c@example.com"), { name: undefined, address: "a.b+c@example.com" });
  assert.deepEqual(box("<a@example.com>"), { name: undefined, address: "a@example.com" });
  assert.deepEqual(box("Device Alerts <a@example.com>"), { name: "Device Alerts", address: "a@example.com" });
  assert.deepEqual(box("설비 알림 <a@example.com>"), { name: "설비 알림", address: "a@example.com" });
  assert.deepEqual(box('"Alerts, \\"Busan\\"" <a@example.com>'), { name: 'Alerts, "Busan"', address: "a@example.com" });
  assert.equal(box("a@메일.example")?.address, "a@xn--h32bq4v.example");
  assert.equal(box("a@localhost")?.address, "a@localhost");
  assert.equal(box("a@[127.0.0.1]")?.address, "a@[127.0.0.1]");
  assert.equal(box("a@[IPv6:::1]")?.address, "a@[IPv6:::1]");
  assert.equal(box('"a b"@example.com')?.address, '"a b"@example.com');
});

test("what could open a header or another command, and what is no address, is refused", () => {
  for (const text of [
    "a@example.com\r\nBcc: x@example.com",
    "Name\n <a@example.com>",
    "a\u0000@example.com",
    "Alerts, Busan <a@example.com>",
    '"open <a@example.com>',
    "Name <a@example.com> trailing",
    "<<a@example.com>>",
    "a@b@example.com",
    "@example.com",
    "a@",
    "a",
    ".a@example.com",
    "a..b@example.com",
    "a b@example.com",
    "a@exa mple.com",
    "a@[300.0.0.1]",
    "a@-example.com",
    "가@example.com",
    `${"a".repeat(65)}@example.com`,
    `a@${"b".repeat(64)}.example`,
  ]) {
    assert.equal(value(mailbox, text), undefined, text);
  }
  assert.equal(value(address, "Name <a@example.com>"), undefined);
});
