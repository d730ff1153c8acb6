import assert from "node:assert/strict";
import { test } from "node:test";
import { broker, listenHost, smtpUrl } from "#src/config/addresses.js";
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
