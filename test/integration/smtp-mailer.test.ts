import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { always, mail, ONE, setup, verdict, withDeadline } from "#test/support/smtp-mailer-setup.js";
import { after, type SmtpAction, times } from "#test/support/smtp-server.js";
import { TEST_CERTIFICATE } from "#test/support/test-certificate.js";

test("nobody listening is unreachable, and works again once somebody does", async (t) => {
  const { smtp, mailer } = await setup(t);
  await smtp.stop();
  const outcome = await mailer.send(mail(), ONE);
  assert.equal(verdict(outcome), "unreachable connect connection-refused");
  assert.match(outcome.kind === "unreachable" ? (outcome.failure.detail ?? "") : "", /ECONNREFUSED/);
  await smtp.start();
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
});

test("a process that was suspended beyond the deadline takes the answer that came meanwhile", async (t) => {
  const suspended = new Int32Array(new SharedArrayBuffer(4));
  // A busy machine may need longer than the first deadline before the reply is there to be taken.
  const taken = await withDeadline("accepted", async (timeoutMs) => {
    const { smtp, mailer } = await setup(t, {}, { timeoutMs });
    await mailer.send(mail(), ONE);
    smtp.behave({
      onMessage: () => {
        // After the reply has been written, and before anybody reads it.
        setImmediate(() => Atomics.wait(suspended, 0, 0, timeoutMs + 500));
        return undefined;
      },
    });
    return verdict(await mailer.send(mail(), ONE));
  });
  assert.equal(taken, "accepted");
});

test("a host name that does not exist is unreachable by dns", async (t) => {
  const { mailer } = await setup(t, {}, { host: "no-such-host.invalid" });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable connect dns");
});

test("a host that swallows everything is left at the deadline while connecting", async (t) => {
  // A listener whose backlog nobody takes from still completes connections, so it is the greeting that never comes.
  const silent = createServer({ pauseOnConnect: true }, (socket) => t.after(() => socket.destroy()));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const address = silent.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const expected = "unreachable greeting timeout";
  const left = await withDeadline(expected, async (timeoutMs) => {
    const { mailer } = await setup(t, {}, { port, timeoutMs });
    return verdict(await mailer.send(mail(), ONE));
  });
  assert.equal(left, expected);
});

test("100 mails with slow replies never use more than 8 connections, and none is lost", async (t) => {
  const { smtp, mailer } = await setup(t, { onMessage: () => after(20) }, { connections: 8 });
  const outcomes = await Promise.all(Array.from({ length: 100 }, (_, i) => mailer.send(mail(`mail ${i}`), ONE)));
  assert.deepEqual(new Set(outcomes.map(verdict)), new Set(["accepted"]));
  assert.equal(smtp.maxConcurrentConnections, 8);
  assert.equal(smtp.totalConnections, 8);
  const bodies = smtp.messages.map(({ raw }) => /mail \d+/.exec(raw.toString())?.[0]);
  assert.equal(new Set(bodies).size, 100);
});

test("connections that break under load are replaced without ever exceeding the limit", async (t) => {
  let messages = 0;
  const onMessage = () => (++messages % 5 === 0 ? "drop" : after(2));
  const { smtp, mailer } = await setup(t, { onMessage }, { connections: 4, mailsPerConnection: 7 });
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => mailer.send(mail(), ONE)));
  assert.equal(outcomes.filter(({ kind }) => kind === "accepted").length, 80);
  assert.equal(outcomes.filter(({ kind }) => kind === "ambiguous").length, 20);
  assert.ok(smtp.maxConcurrentConnections <= 4, `${smtp.maxConcurrentConnections} connections at once`);
});

test("one connection carries mail after mail, also after refusals, and leaves after its share", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 1, mailsPerConnection: 4 });
  smtp.behave({ onRcpt: times(1, { code: 550 }) });
  assert.equal((await mailer.send(mail(), ONE)).kind, "refused");
  smtp.behave({ onMessage: times(1, { code: 451 }) });
  assert.equal((await mailer.send(mail(), ONE)).kind, "deferred");
  for (let i = 0; i < 3; i++) assert.equal((await mailer.send(mail(), ONE)).kind, "accepted");
  assert.equal(smtp.totalConnections, 2);
  assert.equal(smtp.maxConcurrentConnections, 1);
});

test("an idle connection is closed after its time", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { idleMs: 200 });
  await mailer.send(mail(), ONE);
  assert.deepEqual(mailer.connections(), { busy: 0, idle: 1 });
  await smtp.waitFor(() => smtp.concurrentConnections === 0);
  assert.deepEqual(mailer.connections(), { busy: 0, idle: 0 });
});

test("an idle connection that the server cut is replaced without anybody noticing", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 1 });
  await mailer.send(mail(), ONE);
  smtp.dropConnections();
  // At once, so that the mailer cannot have heard of it yet.
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.acceptedCount, 2);
  assert.equal(smtp.totalConnections, 2);
});

test("a reused connection that is cut at MAIL, or told 421, is replaced once and only once", async (t) => {
  for (const action of ["drop", { code: 421 }] as const) {
    const { smtp, mailer } = await setup(t, {}, { connections: 1 });
    await mailer.send(mail(), ONE);
    smtp.behave({ onMail: times(1, action) });
    assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
    assert.equal(smtp.totalConnections, 2);
    smtp.behave({ onMail: always(action) });
    assert.equal((await mailer.send(mail(), ONE)).kind, "deferred");
    assert.equal(smtp.totalConnections, 3);
  }
});

test("a reused connection that is cut after the dot is ambiguous and not tried again", async (t) => {
  const { smtp, mailer } = await setup(t, {}, { connections: 1 });
  await mailer.send(mail(), ONE);
  smtp.behave({ onMessage: always("record-and-drop") });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "ambiguous sent connection-lost");
  assert.equal(smtp.acceptedCount, 2);
});

test("a mail for several recipients is accepted for those the server took, and says which it did not", async (t) => {
  const onRcpt = (address: string): SmtpAction => {
    if (address.startsWith("gone")) return { code: 550, text: "5.1.1 no such user" };
    return address.startsWith("full") ? { code: 452, text: "4.2.2 mailbox full" } : undefined;
  };
  const { smtp, mailer } = await setup(t, { onRcpt });
  const outcome = await mailer.send(mail(), ["gone@x.test", "ok@x.test", "full@x.test", "bad\r\nRSET@x.test"]);
  assert.ok(outcome.kind === "accepted");
  assert.deepEqual(
    outcome.refused.map(({ address, reason, code }) => [address, reason, code]),
    [
      ["bad\r\nRSET@x.test", "recipient-refused", undefined],
      ["gone@x.test", "recipient-refused", 550],
    ],
  );
  assert.deepEqual(
    outcome.deferred.map(({ address, reply }) => [address, reply]),
    [["full@x.test", "452 4.2.2 mailbox full"]],
  );
  assert.deepEqual(smtp.messages[0]?.to, ["ok@x.test"]);

  const nobody = await mailer.send(mail(), ["gone@x.test", "full@x.test"]);
  assert.equal(verdict(nobody), "deferred rcpt recipient-deferred 452");
  assert.deepEqual(nobody.kind === "deferred" && nobody.refused.map(({ address }) => address), ["gone@x.test"]);

  const gone = await mailer.send(mail(), ["gone@x.test", "gone2@x.test"]);
  assert.equal(verdict(gone), "refused rcpt recipient-refused 550");
  assert.equal(gone.kind === "refused" && gone.recipients.length, 2);
});

test("recipients refused at RCPT are still named when the connection is lost after the dot", async (t) => {
  const onRcpt = (address: string): SmtpAction => (address.startsWith("gone") ? { code: 550 } : undefined);
  const { mailer } = await setup(t, { onRcpt, onMessage: always("drop") });
  const outcome = await mailer.send(mail(), ["gone@x.test", "ok@x.test"]);
  assert.deepEqual(outcome.kind === "ambiguous" && outcome.refused.map(({ address }) => address), ["gone@x.test"]);
});

test("an announced SIZE that is exceeded refuses the mail before it is sent", async (t) => {
  const { smtp, mailer } = await setup(t, { size: 1_000 });
  assert.equal(verdict(await mailer.send(mail("x".repeat(2_000)), ONE)), "refused mail too-large");
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.acceptedCount, 1);
});

test("an address with a local part beyond ASCII goes by SMTPUTF8", async (t) => {
  const { smtp, mailer } = await setup(t);
  assert.equal(verdict(await mailer.send(mail(), ["김@ops.test"])), "accepted");
  assert.deepEqual(smtp.messages[0]?.to, ["김@ops.test"]);
});

test("STARTTLS with a trusted certificate and a login is used when it is required", async (t) => {
  const auth = { user: "u", pass: "p&:ü" };
  const { smtp, mailer } = await setup(t, { tls: "starttls", auth }, { tls: "require", ca: TEST_CERTIFICATE.cert });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.messages[0]?.context.secure, true);
  assert.equal(smtp.messages[0]?.context.user, "u");
});

for (const tls of ["starttls", "implicit"] as const) {
  test(`a certificate that does not verify is unreachable with ${tls} and require, nothing was sent`, async (t) => {
    let logins = 0;
    const onAuth = () => void logins++;
    const { mailer } = await setup(t, { tls, auth: { user: "u", pass: "p" }, onAuth }, { tls: "require" });
    const outcome = await mailer.send(mail(), ONE);
    assert.equal(verdict(outcome), "unreachable tls tls");
    assert.match(outcome.kind === "unreachable" ? (outcome.failure.detail ?? "") : "", /self-signed/);
    assert.equal(logins, 0);
  });
}

test("a server without STARTTLS gets neither login nor mail when TLS is required", async (t) => {
  let logins = 0;
  const onAuth = () => void logins++;
  const { mailer } = await setup(t, { auth: { user: "u", pass: "p" }, onAuth }, { tls: "require" });
  assert.match(verdict(await mailer.send(mail(), ONE)), /^unreachable tls tls/);
  assert.equal(logins, 0);
});

test("opportunistic TLS takes any certificate, and goes on in clear when TLS fails", async (t) => {
  const { smtp, mailer } = await setup(t, { tls: "starttls" });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.messages[0]?.context.secure, true);
  const broken = await setup(t, { tls: "starttls", onStartTls: always("drop") });
  assert.equal(verdict(await broken.mailer.send(mail(), ONE)), "accepted");
  assert.equal(broken.smtp.messages[0]?.context.secure, false);
});

test("TLS switched off stays off although STARTTLS is offered", async (t) => {
  const { smtp, mailer } = await setup(t, { tls: "starttls" }, { tls: "off" });
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal(smtp.messages[0]?.context.secure, false);
});

test("a wrong login is unreachable, and no text names the password in any spelling", async (t) => {
  const pass = "s3cret/pa ss";
  const base64 = Buffer.from(pass).toString("base64");
  const plain = Buffer.from(`\0user\0${pass}`).toString("base64");
  const onAuth = always({ code: 535, text: `5.7.8 bad ${pass} ${base64} ${plain} \u0007${"x".repeat(900)}` });
  const { mailer } = await setup(t, { auth: { user: "user", pass: "other" }, onAuth }, { user: "user", pass });
  const outcome = await mailer.send(mail(), ONE);
  assert.equal(verdict(outcome), "unreachable login auth 535");
  const text = JSON.stringify(outcome);
  for (const secret of [pass, base64, plain]) assert.ok(!text.includes(secret), text);
  assert.ok(outcome.kind === "unreachable" && outcome.failure.reply.length <= 500);
});

test("after close nothing is sent, waiting attempts end, and the one in flight finishes", async (t) => {
  const { smtp, mailer } = await setup(t, { onMessage: always("stall") }, { connections: 1 });
  const inFlight = mailer.send(mail(), ONE);
  const waiting = mailer.send(mail(), ONE);
  await smtp.waitFor(() => smtp.concurrentConnections === 1);
  const closed = mailer.close();
  assert.equal((await waiting).kind, "unreachable");
  smtp.resume();
  smtp.behave({ onMessage: undefined });
  assert.equal((await inFlight).kind, "accepted");
  await closed;
  assert.equal((await mailer.send(mail(), ONE)).kind, "unreachable");
  await smtp.waitFor(() => smtp.concurrentConnections === 0);
});

test("a connection whose login was refused is not used for another mail", async (t) => {
  const { smtp, mailer } = await setup(
    t,
    { auth: { user: "alerts", pass: "right" }, onMail: () => ({ code: 550, text: "5.7.1 relaying denied" }) },
    { user: "alerts", pass: "wrong", connections: 1 },
  );
  for (const attempt of [1, 2]) {
    assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable login auth 535");
    assert.equal(smtp.totalConnections, attempt);
  }
});

for (const pipelining of [true, false]) {
  test(`a connection that ends at RCPT ${pipelining ? "with" : "without"} PIPELINING leaves word of who was answered, and how`, async (t) => {
    const onRcpt = (address: string): SmtpAction => {
      if (address.startsWith("full")) return { code: 452, text: "4.2.2 mailbox full" };
      if (address.startsWith("gone")) return { code: 550, text: "5.1.1 no such user" };
      return address.startsWith("end") ? { code: 421, text: "4.7.0 too many errors" } : undefined;
    };
    const { mailer } = await setup(t, { pipelining, onRcpt });
    const outcome = await mailer.send(mail(), [
      "a@x.test",
      "full@x.test",
      "gone@x.test",
      "b@x.test",
      "end@x.test",
      "c@x.test",
    ]);
    assert.ok(outcome.kind === "deferred", verdict(outcome));
    assert.deepEqual(
      [
        outcome.rcpt?.taken,
        outcome.rcpt?.deferred.map(({ address }) => address),
        outcome.refused.map(({ address }) => address),
      ],
      [["a@x.test", "b@x.test"], ["full@x.test"], ["gone@x.test"]],
    );
    assert.deepEqual([outcome.failure.phase, outcome.failure.code], ["rcpt", 421]);
  });
}

test("too many recipients is nobody's refusal, and of those taken before it the server has the mail", async (t) => {
  const onRcpt = (_: string, { to }: { to: readonly string[] }): SmtpAction =>
    to.length < 2 ? undefined : { code: 552, text: "too many recipients" };
  const { mailer } = await setup(t, { onRcpt });
  const outcome = await mailer.send(mail(), ["a@x.test", "b@x.test", "c@x.test"]);
  assert.ok(outcome.kind === "accepted", verdict(outcome));
  assert.deepEqual(
    outcome.deferred.map(({ address, reason }) => [address, reason]),
    [["c@x.test", "too-many-recipients"]],
  );
});

test("a DATA that is refused because of some recipients leaves word of those who were taken", async (t) => {
  const onRcpt = (address: string): SmtpAction =>
    address.startsWith("gone") ? { code: 550, text: "5.1.1 unknown" } : undefined;
  const { mailer } = await setup(t, { onRcpt, onData: always({ code: 554, text: "5.5.3 no" }) });
  const outcome = await mailer.send(mail(), ["a@x.test", "gone@x.test"]);
  assert.ok(outcome.kind === "refused", verdict(outcome));
  assert.deepEqual([outcome.failure.phase, outcome.rcpt?.taken], ["data", ["a@x.test"]]);
});

test("a login that is not offered is unreachable, and nothing is sent without it, also where TLS fails", async (t) => {
  const login = { user: "u", pass: "p" };
  const { smtp, mailer } = await setup(t, {}, login);
  assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable login auth");
  const broken = await setup(t, { tls: "starttls", onStartTls: always("drop") }, login);
  assert.match(verdict(await broken.mailer.send(mail(), ONE)), /^unreachable tls/);
  assert.deepEqual([smtp.acceptedCount, broken.smtp.acceptedCount], [0, 0]);
});

test("a login that is offered and not configured is told once", async (t) => {
  let told = 0;
  const { smtp, mailer } = await setup(
    t,
    { auth: { user: "u", pass: "p" } },
    { user: undefined, pass: undefined, onOffersLogin: () => told++ },
  );
  for (let i = 0; i < 2; i++) await mailer.send(mail(), ONE);
  smtp.dropConnections();
  await mailer.send(mail(), ONE);
  assert.equal(told, 1);
});
