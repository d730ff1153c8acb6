import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSmtpUrl } from "#src/mail/smtp-options.js";

test("an SMTP URL says host, port, TLS and login", () => {
  assert.deepEqual(parseSmtpUrl("smtp://mail.test"), { host: "mail.test", port: 587, secure: false });
  assert.deepEqual(parseSmtpUrl("smtps://mail.test"), { host: "mail.test", port: 465, secure: true });
  assert.deepEqual(parseSmtpUrl("smtp://[::1]:25"), { host: "::1", port: 25, secure: false });
  assert.deepEqual(parseSmtpUrl("smtp://u%40x:p%2F%3A%25@mail.test:2525"), {
    host: "mail.test",
    port: 2525,
    secure: false,
    user: "u@x",
    pass: "p/:%",
  });
  assert.equal(parseSmtpUrl("smtp://u:100%@mail.test").pass, "100%");
});

test("what is no SMTP URL is refused without repeating it", () => {
  for (const text of ["http://u:secret@mail.test", "secret", "smtp://"]) {
    assert.throws(
      () => parseSmtpUrl(text),
      (error) => error instanceof TypeError && !error.message.includes("secret"),
    );
  }
});
