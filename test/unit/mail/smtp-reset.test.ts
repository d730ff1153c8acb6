import assert from "node:assert/strict";
import { test } from "node:test";
import { always, mail, ONE, setup, verdict } from "#test/support/smtp-mailer-setup.js";

// RFC 3207 section 4: such a server says 530 to every command but NOOP, EHLO, STARTTLS and QUIT.
test("a server that wants TLS and says so to RSET as well refuses each mail in the same words", async (t) => {
  const wantsTls = always({ code: 530, text: "Must issue a STARTTLS command first" });
  const { mailer } = await setup(t, { onMail: wantsTls, onRset: wantsTls });
  for (const nth of ["first", "second", "third"])
    assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable mail auth 530", nth);
});

test("where RSET is refused the next mail goes over a new connection, at once", async (t) => {
  const { mailer, smtp } = await setup(t, {
    onRcpt: (address) => (address === "gone@x.test" ? { code: 550, text: "5.1.1 no such user" } : undefined),
    onRset: always({ code: 502, text: "not implemented" }),
  });
  assert.equal(verdict(await mailer.send(mail(), ["gone@x.test"])), "refused rcpt recipient-refused 550");
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.deepEqual(
    smtp.messages.map(({ to }) => to),
    [ONE],
  );
});
