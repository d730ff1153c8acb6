/** AUTH XOAUTH2 with a token from a file that something else renews. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createAccessTokens } from "#src/mail/access-token.js";
import { eventually } from "#test/support/eventually.js";
import { startLine } from "#test/support/line.js";
import { mail, ONE, setup, verdict } from "#test/support/smtp-mailer-setup.js";

const USER = "robot@example.com";

async function withToken(t: TestContext, valid: () => string) {
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "token");
  const accessTokens = createAccessTokens(file);
  const auth = { user: USER, pass: "no password is asked for" };
  const server = { auth, accessToken: valid, tls: "starttls" } as const;
  return { file, ...(await setup(t, server, { user: USER, pass: undefined, accessTokens })) };
}

test("the token of the file logs in, and a renewed file is read at the next login", async (t) => {
  let valid = "ya29.first-token";
  const { file, smtp, mailer } = await withToken(t, () => valid);
  await writeFile(file, `${valid}\n`);
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
  assert.equal((await smtp.waitForMessages(1))[0]?.context.user, USER);

  valid = "ya29.second-token";
  smtp.dropConnections();
  await smtp.waitFor(() => smtp.concurrentConnections === 0);
  assert.equal(verdict(await mailer.send(mail(), ONE)), "unreachable login auth 535");
  await writeFile(file, valid);
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
});

test("a missing, empty or wrong file is a refused login that says so and quotes nothing, until the file is right", async (t) => {
  const { file, smtp, mailer } = await withToken(t, () => "ya29.token");
  const detail = async () => {
    const outcome = await mailer.send(mail(), ONE);
    assert.equal(verdict(outcome), "unreachable login auth");
    return outcome.kind === "unreachable" ? (outcome.failure.detail ?? "") : "";
  };
  assert.match(await detail(), /cannot be read: .*token \(ENOENT\)/);
  await writeFile(file, " \n");
  assert.match(await detail(), /is empty: .*token/);
  await writeFile(file, '{"access_token":\r\n"ya29.token"}');
  const wrong = await detail();
  assert.match(wrong, /holds something else/);
  assert.doesNotMatch(wrong, /ya29/);
  assert.equal(smtp.acceptedCount, 0);
  await writeFile(file, "ya29.token");
  assert.equal(verdict(await mailer.send(mail(), ONE)), "accepted");
});

test("a server that repeats the token in its reply does not make it known", async (t) => {
  const token = "ya29.A0secret-token_~+/==";
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const sent = base64(`user=${USER}\u0001auth=Bearer ${token}\u0001\u0001`);
  const { file, smtp, mailer } = await withToken(t, () => token);
  smtp.behave({
    onAuth: () => ({ code: 535, text: `5.7.8 no: ${token} ${sent} ${base64(token)} ${encodeURIComponent(token)}` }),
  });
  await writeFile(file, token);
  const outcome = await mailer.send(mail(), ONE);
  assert.equal(verdict(outcome), "unreachable login auth 535");
  assert.equal(outcome.kind === "unreachable" && outcome.failure.reply, "535 5.7.8 no: *** *** *** ***");
});

test("the whole product waits without a token and loses nothing; its log has no token; bounces and replies go where it was told", async (t) => {
  const token = "ya29.never-to-be-seen";
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "token");
  const auth = { user: USER, pass: "unused" };
  const line = await startLine(t, {
    smtp: { auth, accessToken: () => token, tls: "starttls" },
    env: {
      SMTP_RETRY_BUDGET: "100ms",
      SMTP_OAUTH2_TOKEN_FILE: file,
      MAIL_ENVELOPE_FROM: "bounces@example.net",
      MAIL_REPLY_TO: "On call <oncall@example.com>",
    },
  });
  const product = await line.start({ SMTP_URL: `smtp://${encodeURIComponent(USER)}@127.0.0.1:${line.smtp.port}` });
  await line.produce(["boiler-1", "boiler-2", "boiler-3"].map((device) => ({ device })));
  await eventually("it has tried several times", async () => {
    return ((await product.metrics()).value("mail_retries_total", { reason: "auth" }) ?? 0) >= 3;
  });
  assert.equal(line.smtp.acceptedCount, 0);
  await writeFile(file, token);
  await line.allMailed();
  await line.allCommitted();
  await line.assertBooks();
  assert.deepEqual(await line.deadLetters(), []);
  const [first] = line.smtp.messages;
  assert.equal(first?.from, "bounces@example.net");
  const { from, replyTo } = (await first?.parsed()) ?? {};
  assert.equal(from?.address, "alerts@example.com");
  assert.deepEqual(replyTo, [{ name: "On call", address: "oncall@example.com" }]);
  const log = JSON.stringify(product.logs);
  assert.match(log, /cannot be read: .*token/);
  for (const secret of [token, Buffer.from(token).toString("base64").slice(0, 20), USER])
    assert.ok(!log.includes(secret), secret);
});
