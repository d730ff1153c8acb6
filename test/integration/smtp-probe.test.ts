/** The mail server is tried without a mail, by the mailer and by the product. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeOutcome } from "#src/runtime/ports.js";
import { troubleOf } from "#src/runtime/server-trouble.js";
import { mail, ONE, setup, verdict } from "#test/support/smtp-mailer-setup.js";
import type { SmtpContext } from "#test/support/smtp-server.js";

const LOGIN = { user: "alerts", pass: "secret" };
/** In one word, as the page and the log have it. */
const found = (outcome: ProbeOutcome, login: "none" | "password" = "password"): string =>
  outcome.kind === "reachable" ? "reachable" : troubleOf(outcome.failure, login);

test("a probe logs in, and the next mail goes over the connection that it opened", async (t) => {
  const { smtp, mailer } = await setup(t, { auth: LOGIN });
  assert.deepEqual(await mailer.probe(), { kind: "reachable", loginOffered: true });
  assert.equal(smtp.totalConnections, 1);
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.totalConnections, 1);
});

test("a probe logs in anew also where a connection is open: a password that was changed is found", async (t) => {
  const { smtp, mailer } = await setup(t, { auth: LOGIN });
  await mailer.probe();
  smtp.behave({ onAuth: () => ({ code: 535, text: "5.7.8 changed" }) });
  const outcome = await mailer.probe();
  assert.equal(found(outcome), "password");
  assert.match(outcome.kind === "unreachable" ? outcome.failure.reply : "", /535 5\.7\.8 changed/);
});

test("each thing that can be wrong has its name: nobody, no name, a certificate, no STARTTLS, no login offered", async (t) => {
  const { smtp, mailer } = await setup(t);
  await smtp.stop();
  assert.equal(found(await mailer.probe()), "refused");
  const nameless = await setup(t, {}, { host: "no-such-host.invalid" });
  assert.equal(found(await nameless.mailer.probe()), "name-unknown");
  const selfSigned = await setup(t, { tls: "starttls" }, { tls: "require" });
  assert.equal(found(await selfSigned.mailer.probe()), "certificate");
  const clear = await setup(t, {}, { tls: "require" });
  assert.equal(found(await clear.mailer.probe()), "no-tls");
  const withoutLogin = await setup(t, {}, LOGIN);
  assert.equal(found(await withoutLogin.mailer.probe()), "login-not-offered");
});

test("a probe tells how long a mail the server takes, where it says so", async (t) => {
  const { mailer } = await setup(t, { size: 5_000_000 });
  assert.deepEqual(await mailer.probe(), { kind: "reachable", loginOffered: false, maxBytes: 5_000_000 });
});

/** Of each connection EHLO is refused, and the HELO that follows is taken. */
const knowsHeloOnly = () => {
  const asked = new Set<number>();
  return {
    onEhlo: ({ connection }: SmtpContext) => {
      if (asked.has(connection)) return undefined;
      asked.add(connection);
      return { code: 502, text: "5.5.1 not implemented" };
    },
  };
};

test("a server that knows HELO only offers no login and no STARTTLS, and takes mails of those who need neither", async (t) => {
  let offers = 0;
  const { mailer } = await setup(t, knowsHeloOnly(), { onOffersLogin: () => offers++ });
  assert.deepEqual(await mailer.probe(), { kind: "reachable", loginOffered: false });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(offers, 0);
  const withLogin = await setup(t, { ...knowsHeloOnly(), auth: LOGIN });
  assert.equal(found(await withLogin.mailer.probe()), "login-not-offered");
  const secured = await setup(t, knowsHeloOnly(), { tls: "require" });
  assert.equal(found(await secured.mailer.probe()), "no-tls");
});

test("a close does not wait for a probe that nobody answers", async (t) => {
  let connected = (): void => undefined;
  const isConnected = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const onConnect = () => {
    connected();
    return "stall" as const;
  };
  const { mailer } = await setup(t, { onConnect });
  const probing = mailer.probe();
  await isConnected;
  await mailer.close();
  assert.equal((await probing).kind, "unreachable");
});
