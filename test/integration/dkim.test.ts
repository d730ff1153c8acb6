/** Mails signed with DKIM, as a server gets them; the signature itself is `test/unit/mail/dkim.test.ts`. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { createDkimSigner } from "#src/mail/dkim.js";
import { atOnce } from "#src/runtime/turns.js";
import { verifyDkim } from "#test/support/dkim-verify.js";
import { startProduct } from "#test/support/product.js";
import { mail, setup, verdict } from "#test/support/smtp-mailer-setup.js";

test("a signed mail arrives as it was signed, with dots at the start of lines, the same each time", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const signer = createDkimSigner({ domain: "test", selector: "a1", privateKey: pem });
  const sign = (raw: Buffer): Buffer => atOnce(signer(raw));
  const { smtp, mailer } = await setup(t, {}, { sign });
  const dotted = mail(".\r\n..\r\n.a  \r\n\tb\r\n");
  for (const recipient of ["kim@ops.test", "lee@ops.test"]) {
    assert.equal(verdict(await mailer.send(dotted, [recipient])), "accepted");
  }
  const [first, second] = await smtp.waitForMessages(2);
  assert.ok(first && second);
  assert.equal(verifyDkim(first.raw, "a1", publicKey).problem, undefined);
  assert.ok(first.raw.equals(second.raw));
});

test("a key that cannot sign stops the start with exit code 78 and says so", async () => {
  await using product = await startProduct({
    env: {
      KAFKA_BROKERS: "127.0.0.1:1",
      SMTP_URL: "smtp://127.0.0.1:1",
      MAIL_FROM: "alerts@example.com",
      MAIL_DKIM_DOMAIN: "example.com",
      MAIL_DKIM_SELECTOR: "a1",
      MAIL_DKIM_KEY_FILE: "/etc/hostname",
    },
  });
  assert.equal((await product.exited()).code, 78);
  assert.match(product.stderr(), /MAIL_DKIM_KEY_FILE: .*\/etc\/hostname.*\n.*private key in PEM/);
});
