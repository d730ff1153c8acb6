import assert from "node:assert/strict";
import { test } from "node:test";
import { address, mailbox } from "#src/config/mailbox.js";
import type { ValueParser } from "#src/config/values.js";

const value = <T>(parser: ValueParser<T>, text: string): T | undefined => {
  const result = parser.parse(text);
  return result.ok ? result.value : undefined;
};

test("a mailbox is an address with or without a name, the name in any script", () => {
  const box = (text: string) => value(mailbox, text);
  assert.deepEqual(box("a.b+c@example.com"), { name: undefined, address: "a.b+c@example.com" });
  assert.deepEqual(box("<a@example.com>"), { name: undefined, address: "a@example.com" });
  assert.deepEqual(box("Device Alerts <a@example.com>"), { name: "Device Alerts", address: "a@example.com" });
  assert.deepEqual(box("설비 알림 <a@example.com>"), { name: "설비 알림", address: "a@example.com" });
  assert.deepEqual(box('"Alerts, \\"Busan\\"" <a@example.com>'), { name: 'Alerts, "Busan"', address: "a@example.com" });
  assert.equal(box("Kim@Bücher.Example")?.address, "Kim@xn--bcher-kva.example");
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
