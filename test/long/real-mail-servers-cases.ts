/**
 * What holds for every real mail server; the tests beside this file run it against Debian's Postfix and OpenSMTPD. Mails are the
 * renderer's own, what the server stored is read back by postal-mime and compared with what was sent, byte by byte and by meaning.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, type TestContext, test } from "node:test";
import PostalMime, { decodeWords } from "postal-mime";
import { createDkimSigner } from "#src/mail/dkim.js";
import { createRenderer } from "#src/mail/render.js";
import { createSmtpMailer } from "#src/mail/smtp-mailer.js";
import type { SmtpMailerOptions } from "#src/mail/smtp-options.js";
import type { Mailer, RenderedMail, SendOutcome } from "#src/runtime/ports.js";
import { atOnce } from "#src/runtime/turns.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { verifyDkim } from "#test/support/dkim-verify.js";
import { hostileDigest } from "#test/support/hostile-digest.js";
import {
  type Listener,
  LOGIN,
  type RealMailServer,
  SIZE_LIMIT,
  type StoredMail,
} from "#test/support/real-mail-server.js";
import { mail as plainMail, verdict } from "#test/support/smtp-mailer-setup.js";
import { EXPIRED_CERTIFICATE, TEST_CERTIFICATE } from "#test/support/test-certificate.js";

const KIM = "kim@ops.test";
const LEE = "lee@ops.test";
const NOBODY = "nobody@ops.test";

const renderer = createRenderer({
  from: mailboxOf('"경보 알림 🚨" <alerts@example.com>'),
  replyTo: mailboxOf("On call <oncall@example.com>"),
  envelopeFrom: "bounces@example.net",
  locale: "ko",
  timezone: "Asia/Seoul",
});

let devices = 0;
/** Another one each time, so that a test finds its own among the mails of a mailbox. */
const hostileMail = (to: readonly string[]): RenderedMail =>
  renderer.render(hostileDigest(`장비-${++devices}`), everybody(...to));

export interface ServerUnderTest {
  readonly server: RealMailServer;
  mailer(t: TestContext, listener: Listener, options?: Partial<SmtpMailerOptions>): Mailer;
}

/** One server for all tests of a file. `skip`: why there can be none here. */
export function serverUnderTest(start: () => Promise<RealMailServer>, skip: string | undefined): ServerUnderTest {
  let running: RealMailServer | undefined;
  const server = (): RealMailServer => {
    if (running === undefined) throw new Error("the server did not start");
    return running;
  };
  before(async () => {
    if (skip === undefined) running = await start();
  });
  after(() => running?.close());
  return {
    get server() {
      return server();
    },
    mailer(t, listener, options = {}) {
      const mailer = createSmtpMailer({
        host: server().host,
        port: server().port(listener),
        secure: listener === "tls" || listener === "expired-tls",
        ...(listener === "clear" || listener === "unannounced" ? {} : { user: server().user, pass: LOGIN.pass }),
        tls: listener === "clear" || listener === "unannounced" ? "opportunistic" : "require",
        ca: TEST_CERTIFICATE.cert,
        connections: 2,
        timeoutMs: 60_000,
        replyTimeoutMs: 60_000,
        idleMs: 60_000,
        mailsPerConnection: 10,
        ...options,
      });
      t.after(() => mailer.close());
      return mailer;
    },
  };
}

/** The mail with this Message-ID, once it lies in the mailbox. */
export async function delivered(server: RealMailServer, box: "kim" | "lee", sent: RenderedMail): Promise<StoredMail> {
  for (let count = 1; ; count++) {
    const mails = await server.waitForMails(box, count);
    const found = mails.find(({ email }) => email.messageId === sent.messageId);
    if (found) return found;
    count = mails.length;
  }
}

/** Below what the server put on top, the bytes that were sent; and an independent reader sees what the renderer meant. */
export async function assertIntact(stored: StoredMail, sent: RenderedMail): Promise<void> {
  assert.ok(stored.raw.subarray(-sent.raw.length).equals(sent.raw), "the bytes that were sent");
  const meant = await PostalMime.parse(sent.raw);
  const { email } = stored;
  assert.equal(email.subject, sent.subject);
  assert.equal(email.messageId, sent.messageId);
  for (const field of ["from", "to", "replyTo", "date", "references", "inReplyTo", "text", "html"] as const) {
    assert.deepEqual(email[field], meant[field], field);
  }
  for (const { key, value } of meant.headers) assert.equal(stored.header(key), value, key);
}

const WAYS: readonly { readonly listener: Listener; readonly protocol: RegExp; readonly what: string }[] = [
  { listener: "clear", protocol: /^E?SMTP$/, what: "in clear" },
  { listener: "starttls", protocol: /^ESMTPSA$/, what: "by STARTTLS, with a login" },
  { listener: "tls", protocol: /^ESMTPSA$/, what: "by TLS from the first byte, with a login" },
];

export function commonCases(under: ServerUnderTest, skip: string | undefined): void {
  for (const { listener, protocol, what } of WAYS) {
    test(`${what}: one transaction for two recipients, both get exactly what was sent`, { skip }, async (t) => {
      const sent = hostileMail([KIM, LEE]);
      assert.equal(verdict(await under.mailer(t, listener).send(sent, [KIM, LEE])), "accepted");
      const [kim, lee] = await Promise.all([
        delivered(under.server, "kim", sent),
        delivered(under.server, "lee", sent),
      ]);
      await assertIntact(kim, sent);
      await assertIntact(lee, sent);
      assert.match(kim.received.protocol, protocol);
      assert.equal(kim.received.id, lee.received.id, "the same transaction");
      assert.equal(kim.header("Return-Path"), "<bounces@example.net>");
    });
  }

  test("the headers of the contract arrive, and hostile text stays text", { skip }, async (t) => {
    const sent = hostileMail([KIM]);
    assert.equal(verdict(await under.mailer(t, "starttls").send(sent, [KIM])), "accepted");
    const stored = await delivered(under.server, "kim", sent);
    const { email } = stored;
    assert.deepEqual(email.from, { name: "경보 알림 🚨", address: "alerts@example.com" });
    assert.deepEqual(email.replyTo, [{ name: "On call", address: "oncall@example.com" }]);
    assert.match(email.subject ?? "", /^\[알림\] 장비-\d+ /);
    assert.match(decodeWords(stored.header("X-Alert-Digest-Device") ?? ""), /^장비-\d+$/);
    assert.equal(stored.header("X-Alert-Digest-Window"), "2026-11-21T00:00:00.000Z/2026-11-21T00:00:30.000Z");
    assert.match(stored.header("X-Alert-Digest-Source") ?? "", /^alerts\/3\/\d+-\d+$/);
    assert.match(stored.header("X-Alert-Digest-Count") ?? "", /^\d+$/);
    assert.equal(stored.header("Auto-Submitted"), "auto-generated");
    assert.equal(stored.header("Bcc"), undefined);
    assert.match(email.text ?? "", /🥶/);
    assert.doesNotMatch(email.html ?? "", /<script/);
  });

  test("lines that begin with dots, are long or have trailing white space arrive as they are, and keep a signature", {
    skip,
  }, async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const signer = createDkimSigner({ domain: "example.com", selector: "a1", privateKey: pem });
    const sign = (raw: Buffer): Buffer => atOnce(signer(raw));
    const mailer = under.mailer(t, "starttls", { sign });
    const dotted = plainMail(`.\r\n..\r\n.From here\r\nFrom there\r\n${"가".repeat(300)}\r\na  \t\r\n\r\n\r\n`);
    const raw = Buffer.from(
      dotted.raw
        .toString()
        .replace("Subject:", "Message-ID: <dots@test>\r\nDate: Sat, 21 Nov 2026 00:00:30 +0000\r\nSubject:"),
    );
    const byHand = { ...dotted, messageId: "<dots@test>", raw };
    const rendered = hostileMail([KIM]);
    for (const sent of [byHand, rendered]) {
      assert.equal(verdict(await mailer.send(sent, [KIM])), "accepted");
      const stored = await delivered(under.server, "kim", sent);
      const at = stored.raw.indexOf("DKIM-Signature:");
      assert.equal(stored.raw.toString("latin1", at), sign(sent.raw).toString("latin1"));
      assert.equal(verifyDkim(stored.raw, "a1", publicKey).problem, undefined);
    }
  });

  test("an unknown recipient is refused and the others get the mail; with no other the mail is refused", {
    skip,
  }, async (t) => {
    const mailer = under.mailer(t, "clear");
    const sent = hostileMail([KIM, NOBODY]);
    const outcome = await mailer.send(sent, [NOBODY, KIM]);
    assert.equal(verdict(outcome), "accepted");
    assert.ok(outcome.kind === "accepted");
    assert.deepEqual(
      outcome.refused.map(({ address, reason }) => [address, reason]),
      [[NOBODY, "recipient-refused"]],
    );
    await assertIntact(await delivered(under.server, "kim", sent), sent);
    assert.match(verdict(await mailer.send(sent, [NOBODY])), /^refused rcpt recipient-refused 5\d\d$/);
    // The refusal left nothing behind on the connection.
    assert.equal(verdict(await mailer.send(hostileMail([KIM]), [KIM])), "accepted");
  });

  test("a mail that is larger than the server takes is refused as too large, the next one on the connection is not", {
    skip,
  }, async (t) => {
    const mailer = under.mailer(t, "clear", { connections: 1 });
    assert.match(verdict(await mailer.send(plainMail(OVERSIZE), [KIM])), /^refused \w+ too-large/);
    const sent = hostileMail([KIM]);
    assert.equal(verdict(await mailer.send(sent, [KIM])), "accepted");
    await assertIntact(await delivered(under.server, "kim", sent), sent);
  });

  test("a wrong password is an unreachable server and nobody's refusal, and is not repeated in what is told of it", {
    skip,
  }, async (t) => {
    for (const listener of ["starttls", "tls"] as const) {
      const outcome = await under.mailer(t, listener, { pass: "wrong-horse" }).send(hostileMail([KIM]), [KIM]);
      assert.equal(verdict(outcome), "unreachable login auth 535");
      assert.doesNotMatch(JSON.stringify(outcome), /wrong-horse/);
    }
  });

  test("a self-signed certificate is not taken with SMTP_TLS=require, and is with opportunistic", {
    skip,
  }, async (t) => {
    for (const listener of ["starttls", "tls"] as const) {
      const refused = await under.mailer(t, listener, { ca: undefined }).send(hostileMail([KIM]), [KIM]);
      assert.equal(verdict(refused), "unreachable tls tls");
      assert.match(detail(refused), /self.signed certificate/);
      const sent = hostileMail([KIM]);
      const mailer = under.mailer(t, listener, { ca: undefined, tls: "opportunistic" });
      assert.equal(verdict(await mailer.send(sent, [KIM])), "accepted");
      assert.equal((await delivered(under.server, "kim", sent)).received.protocol, "ESMTPSA", "over TLS all the same");
    }
  });

  test("an expired certificate is not taken with SMTP_TLS=require, and is with opportunistic", { skip }, async (t) => {
    for (const listener of ["expired", "expired-tls"] as const) {
      const ca = EXPIRED_CERTIFICATE.cert;
      const refused = await under.mailer(t, listener, { ca }).send(hostileMail([KIM]), [KIM]);
      assert.equal(verdict(refused), "unreachable tls tls");
      assert.match(detail(refused), /expired/);
      const mailer = under.mailer(t, listener, { ca, tls: "opportunistic" });
      assert.equal(verdict(await mailer.send(hostileMail([KIM]), [KIM])), "accepted");
    }
  });
}

/** Well above the limit, in lines. */
export const OVERSIZE = "x"
  .repeat(70)
  .concat("\r\n")
  .repeat(Math.ceil(SIZE_LIMIT / 60));

const detail = (outcome: SendOutcome): string => (outcome.kind === "unreachable" ? (outcome.failure.detail ?? "") : "");
