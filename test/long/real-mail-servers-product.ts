/** The whole product, on a real broker, against a real mail server. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { verifyDkim } from "#test/support/dkim-verify.js";
import { eventually } from "#test/support/eventually.js";
import { HOSTILE_TEXTS } from "#test/support/hostile-digest.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { storedMailFacts } from "#test/support/mail-facts.js";
import { type Listener, LOGIN, type RealMailServer, type StoredMail } from "#test/support/real-mail-server.js";
import { TEST_CERTIFICATE } from "#test/support/test-certificate.js";
import type { ServerUnderTest } from "./real-mail-servers-cases.js";

export function productCases(under: ServerUnderTest, skip: string | undefined): void {
  test("the whole product: everybody who exists gets every mail once, signed; what is too large or nobody's is a dead letter", {
    skip,
  }, async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const files = await temporaryFiles(t, {
      "ca.pem": TEST_CERTIFICATE.cert,
      "dkim.pem": String(privateKey.export({ type: "pkcs8", format: "pem" })),
    });
    const line = await startLine(t, {
      env: {
        SMTP_URL: urlOf(under.server, "starttls", LOGIN.pass),
        SMTP_TLS: "require",
        NODE_EXTRA_CA_CERTS: files("ca.pem"),
        MAIL_FROM: "경보 알림 <alerts@example.com>",
        MAIL_TO: "kim@ops.test,nobody@ops.test,lee@ops.test",
        MAIL_ENVELOPE_FROM: "bounces@example.net",
        MAIL_DKIM_DOMAIN: "example.com",
        MAIL_DKIM_SELECTOR: "a1",
        MAIL_DKIM_KEY_FILE: files("dkim.pem"),
      },
    });
    const at = pastWindow(1);
    const devices = ["보일러-1", "냉동고-🥶", "펌프-3"];
    await line.produce([
      ...devices.flatMap((device) => HOSTILE_TEXTS.map((message) => ({ device, at, fields: { message } }))),
      ...Array.from({ length: 200 }, () => ({ device: "flood", at, fields: { message: "물".repeat(1_500) } })),
    ]);
    const product = await line.start();
    const letters = await line.waitForDeadLetters(devices.length + 1);
    for (const box of ["kim", "lee"] as const) {
      const mails = await mailsOf(under.server, box, line, devices.length);
      assert.deepEqual(
        mails.map(({ email }) => email.subject).sort(),
        devices.map((name) => `[Alert] ${name} - ${HOSTILE_TEXTS.length} alerts`).sort(),
      );
      for (const mail of mails) {
        assert.equal(verifyDkim(mail.raw, "a1", publicKey).problem, undefined);
        assert.equal(mail.header("Return-Path"), "<bounces@example.net>");
        assert.equal(mail.received.protocol, "ESMTPSA");
        assert.equal(mail.header("X-Alert-Digest-Count"), String(HOSTILE_TEXTS.length));
      }
      const told = (await Promise.all(mails.map(storedMailFacts))).flatMap(({ alerts }) => alerts);
      const meant = line.produced.filter(({ device }) => device !== "flood").map(({ ordinal }) => ordinal);
      assert.deepEqual(told.sort(ascending), meant, "every alert is in exactly one mail");
    }
    await line.allCommitted();
    const reasons = letters.map(({ key, headers }) => [String(key), headers["reason"], headers["recipients"]]);
    assert.deepEqual(
      reasons.sort(),
      [
        ...devices.map((device) => [device, "recipient-refused", "nobody@ops.test"]),
        ["flood", "too-large", "kim@ops.test,nobody@ops.test,lee@ops.test"],
      ].sort(),
    );
    assert.equal(await product.stop(), 0);
  });

  test("the whole product waits out a certificate it does not trust and a wrong password, and loses nothing", {
    skip,
  }, async (t) => {
    const files = await temporaryFiles(t, { "ca.pem": TEST_CERTIFICATE.cert });
    const line = await startLine(t, {
      env: { SMTP_TLS: "require", SMTP_RETRY_BUDGET: "100ms", MAIL_TO: "kim@ops.test" },
    });
    const right = { SMTP_URL: urlOf(under.server, "tls", LOGIN.pass), NODE_EXTRA_CA_CERTS: files("ca.pem") };
    const wrong = [
      { reason: "tls", env: { SMTP_URL: right.SMTP_URL } },
      { reason: "auth", env: { ...right, SMTP_URL: urlOf(under.server, "tls", "wrong-horse") } },
    ];
    await line.produce(["boiler-1", "boiler-2", "boiler-3"].map((device) => ({ device })));
    for (const { reason, env } of wrong) {
      const product = await line.start(env);
      await eventually(`three attempts ended in ${reason}`, async () => {
        return ((await product.metrics()).value("mail_retries_total", { reason }) ?? 0) >= 3;
      });
      assert.equal((await product.metrics()).value("smtp_circuit_open"), 1);
      assert.equal(await product.stop(), 0);
      assert.doesNotMatch(JSON.stringify(product.logs), /wrong-horse/);
    }
    await line.start(right);
    await line.allCommitted();
    const mails = await mailsOf(under.server, "kim", line, 3);
    assert.deepEqual(
      mails.map(({ email }) => email.subject).sort(),
      [1, 2, 3].map((n) => `[Alert] boiler-${n} - 1 alert`),
    );
    assert.deepEqual(await line.deadLetters(), []);
  });
}

const urlOf = (server: RealMailServer, listener: Listener, pass: string): string =>
  `${listener === "tls" ? "smtps" : "smtp"}://${encodeURIComponent(server.user)}:${encodeURIComponent(pass)}@${server.host}:${server.port(listener)}`;

const ascending = (a: number, b: number): number => a - b;

/** The mails of this test's topic, once there are that many. */
async function mailsOf(
  server: RealMailServer,
  box: "kim" | "lee",
  line: Line,
  count: number,
): Promise<readonly StoredMail[]> {
  let found: readonly StoredMail[] = [];
  return eventually(
    `${count} mails for ${box}`,
    async () => {
      found = (await server.stored(box)).filter((mail) =>
        mail.header("X-Alert-Digest-Source")?.startsWith(`${line.topic}/`),
      );
      return found.length >= count && found;
    },
    { seen: () => found.length },
  );
}

async function temporaryFiles(
  t: TestContext,
  contents: Readonly<Record<string, string>>,
): Promise<(name: string) => string> {
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(contents)) await writeFile(join(directory, name), content);
  return (name) => join(directory, name);
}
