/** How connections are used up, kept and replaced, and what is said over them. */

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { heloName } from "#src/mail/helo-name.js";
import { always, mail, ONE, setup, verdict } from "#test/support/smtp-mailer-setup.js";
import { type SmtpAction, type SmtpTestServer, times } from "#test/support/smtp-server.js";
import { EXPIRED_CERTIFICATE, TEST_CERTIFICATE } from "#test/support/test-certificate.js";

/** How many mails each connection brought. */
const mailsByConnection = (smtp: SmtpTestServer): readonly number[] => {
  const counts = new Map<number, number>();
  for (const { context } of smtp.messages) counts.set(context.connection, (counts.get(context.connection) ?? 0) + 1);
  return [...counts.values()];
};

test("no connection carries more than its share of 200 mails sent at once", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 4, mailsPerConnection: 10 });
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => mailer.send(mail(), ONE)));
  assert.deepEqual(new Set(outcomes.map(verdict)), new Set(["accepted"]));
  assert.equal(Math.max(...mailsByConnection(smtp)), 10);
  assert.equal(smtp.totalConnections, 20);
  assert.ok(smtp.maxConcurrentConnections <= 4);
});

test("a 4xx to MAIL on a used connection is no answer to the mail: it goes over a new one at once", async (t) => {
  // OpenSMTPD to the 101st mail: every later MAIL of that connection gets it, and the connection stays open.
  const onMail = (_: string, { connection }: { connection: number }): SmtpAction =>
    connection === 1 && smtp.acceptedCount > 0 ? { code: 452, text: "4.5.3 Too many messages" } : undefined;
  const { smtp, mailer } = await setup(t, { onMail }, { connections: 1 });
  for (let i = 0; i < 3; i++) assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.deepEqual(mailsByConnection(smtp), [1, 2]);
});

test("a 4xx to MAIL on a new connection is the mail's: it is deferred, once", async (t) => {
  let asked = 0;
  const onMail = (): SmtpAction => {
    asked++;
    return { code: 450, text: "4.7.1 rate exceeded" };
  };
  const { smtp, mailer } = await setup(t, {}, { connections: 1 });
  await mailer.send(mail(), ONE);
  smtp.behave({ onMail });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "deferred mail message-deferred 450");
  assert.equal(asked, 2, "over the used one and over a new one");
});

test("three deferred mails in a row over one connection, and the next one gets a new one", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 1 });
  smtp.behave({ onMessage: times(2, { code: 451 }) });
  for (let i = 0; i < 2; i++) assert.equal((await mailer.send(mail(), ONE)).kind, "deferred");
  assert.equal((await mailer.send(mail(), ONE)).kind, "accepted");
  assert.equal(smtp.totalConnections, 1, "two are not three");
  smtp.behave({ onMessage: times(3, { code: 451 }) });
  for (let i = 0; i < 3; i++) assert.equal((await mailer.send(mail(), ONE)).kind, "deferred");
  assert.equal(smtp.totalConnections, 1);
  assert.equal((await mailer.send(mail(), ONE)).kind, "accepted");
  assert.equal(smtp.totalConnections, 2);
});

test("an idle connection is there for the next window's mails", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 4, idleMs: 60_000 });
  for (let window = 0; window < 3; window++) {
    await Promise.all(Array.from({ length: 4 }, () => mailer.send(mail(), ONE)));
    assert.deepEqual(mailer.connections(), { busy: 0, idle: 4 });
  }
  assert.equal(smtp.totalConnections, 4);
});

const helos = async (t: Parameters<typeof setup>[0], helo?: string) => {
  const { smtp, mailer } = await setup(t, { tls: "starttls" }, { helo });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  return smtp.messages[0]?.context.helo;
};

test("EHLO says what SMTP_HELO says, before and after STARTTLS", async (t) => {
  assert.equal(await helos(t, "alerts.example.com"), "alerts.example.com");
});

test("without it EHLO says this host's name, or the address that the connection comes from", async (t) => {
  assert.equal(await helos(t), heloName(hostname(), "127.0.0.1"));
});

for (const tls of ["starttls", "implicit"] as const) {
  test(`a server whose certificate comes from a private CA is taken with it, ${tls}`, async (t) => {
    const { smtp, mailer } = await setup(t, { tls }, { tls: "require", ca: TEST_CERTIFICATE.cert });
    assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
    assert.equal(smtp.messages[0]?.context.secure, true);
  });

  test(`with another CA it is unreachable, and nothing was sent, ${tls}`, async (t) => {
    const { smtp, mailer } = await setup(t, { tls }, { tls: "require", ca: EXPIRED_CERTIFICATE.cert });
    assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable tls tls");
    assert.equal(smtp.acceptedCount, 0);
  });

  test(`each connection but the first goes on with the TLS session of the one before, ${tls}`, async (t) => {
    const { smtp, mailer } = await setup(
      t,
      { tls },
      { tls: "require", ca: TEST_CERTIFICATE.cert, connections: 1, mailsPerConnection: 1 },
    );
    for (let i = 0; i < 4; i++) assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
    assert.deepEqual(
      smtp.messages.map(({ context }) => context.resumed),
      [false, true, true, true],
    );
  });

  test(`a server that knows the TLS session no more gets a whole handshake, ${tls}`, async (t) => {
    const { smtp, mailer } = await setup(
      t,
      { tls },
      { tls: "require", ca: TEST_CERTIFICATE.cert, connections: 1, mailsPerConnection: 1 },
    );
    assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
    await smtp.stop();
    await smtp.start();
    assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
    assert.deepEqual(
      smtp.messages.map(({ context }) => context.resumed),
      [false, false],
    );
  });
}

test("a login follows over a resumed TLS session, too", async (t) => {
  const auth = { user: "u", pass: "p" };
  const { smtp, mailer } = await setup(
    t,
    { tls: "starttls", auth },
    { tls: "require", ca: TEST_CERTIFICATE.cert, connections: 1, mailsPerConnection: 1 },
  );
  for (let i = 0; i < 2; i++) assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.deepEqual(
    smtp.messages.map(({ context }) => [context.user, context.resumed]),
    [
      ["u", false],
      ["u", true],
    ],
  );
});

test("a busy greeting is told as what it is, and nothing was sent", async (t) => {
  const { smtp, mailer } = await setup(t, { onConnect: always({ code: 421, text: "4.3.2 Connection rate limit" }) });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable greeting service-unavailable 421");
  assert.equal(smtp.acceptedCount, 0);
});
