/** Patterns for editors: none may mark what the product takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mailbox } from "#src/config/mailbox.js";
import { timezone } from "#src/config/values.js";
import { MAILBOX_PATTERN, TIMEZONE_PATTERN } from "#src/routing/text-patterns.js";
import { anyText } from "../../support/any-text.js";
import { checkProperty } from "../../support/property.js";

// Validators differ in the flag.
const flags = ["", "u"];
const marks = (pattern: string, text: string): boolean => flags.some((flag) => !new RegExp(pattern, flag).test(text));

test("an address that the product takes is never marked", () => {
  const taken = [
    "a@x.test",
    " a.b+c@x.test ",
    '"a b"@x.test',
    '"a\\"b"@x.test',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@bücher.example",
    "a@예시.한국",
    "a@localhost",
    "<a@x.test>",
    "< a@x.test >",
    "김 서연 <a@x.test>",
    '"Kim, \\"Lee\\"" <a@x.test>',
    "O'Brien & Co. <a@x.test>",
  ];
  for (const text of taken) {
    assert.ok(mailbox.parse(text).ok, text);
    assert.ok(!marks(MAILBOX_PATTERN, text), text);
  }
  const pieces = [
    "a",
    "b.c",
    "@",
    "x.test",
    ".",
    "<",
    ">",
    '"',
    "\\",
    " ",
    ",",
    "[",
    "]",
    ":",
    "1",
    "é",
    "한",
    "\u3000",
    "\t",
    "\u2028",
    "-",
    "_",
    "!",
    "{",
  ];
  checkProperty(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), anyText({ maxLength: 2 })), { maxLength: 9 }),
      (parts) => {
        const text = parts.join("");
        if (mailbox.parse(text).ok) assert.ok(!marks(MAILBOX_PATTERN, text), JSON.stringify(text));
      },
    ),
    { runs: 4_000, rerun: "node --test dist-test/unit/routing/text-patterns.test.js" },
  );
});

test("a time zone that the product takes is never marked", () => {
  for (const text of [
    ...Intl.supportedValuesOf("timeZone"),
    "UTC",
    "Etc/GMT+9",
    "GMT0",
    "EST5EDT",
    "W-SU",
    "asia/seoul",
    "+09:00",
    "-0330",
  ])
    if (timezone.parse(text).ok) assert.ok(!marks(TIMEZONE_PATTERN, text), text);
  for (const text of ["", "Seoul time", "UTC+9:00", "Asia/", "/Seoul", "9"]) {
    assert.ok(marks(TIMEZONE_PATTERN, text), text);
    assert.ok(!timezone.parse(text).ok, text);
  }
});

test("an address that goes wrong at its end is marked, however long it is", () => {
  for (const text of [
    " ".repeat(512),
    "a".repeat(512),
    '"a'.repeat(256),
    `${"a.".repeat(255)}@`,
    `${" a".repeat(255)}<a@x>!`,
  ])
    assert.ok(marks(MAILBOX_PATTERN, text), text);
});
