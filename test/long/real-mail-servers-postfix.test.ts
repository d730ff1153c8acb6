/** The mailer and the whole product against Debian's Postfix. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNoDebianRoot } from "#test/support/debian-root.js";
import { startPostfix } from "#test/support/postfix.js";
import { mail, verdict } from "#test/support/smtp-mailer-setup.js";
import { commonCases, OVERSIZE, serverUnderTest } from "./real-mail-servers-cases.js";
import { productCases } from "./real-mail-servers-product.js";

const skip = whyNoDebianRoot();
const under = serverUnderTest(() => startPostfix(), skip);

commonCases(under, skip);
productCases(under, skip);

test("AUTH LOGIN is spoken where PLAIN is not offered", { skip }, async (t) => {
  assert.equal(verdict(await under.mailer(t, "login").send(mail(), ["park@ops.test"])), "accepted");
  const [stored] = await under.server.waitForMails("park", 1);
  assert.equal(stored?.received.protocol, "ESMTPSA");
  assert.equal(
    verdict(await under.mailer(t, "login", { pass: "wrong" }).send(mail(), ["park@ops.test"])),
    "unreachable login auth 535",
  );
});

test("a size limit that the server does not announce is met after the body, and is the same refusal", {
  skip,
}, async (t) => {
  const mailer = under.mailer(t, "unannounced", { connections: 1 });
  assert.equal(verdict(await mailer.send(mail(OVERSIZE), ["park@ops.test"])), "refused sent too-large 552");
  assert.equal(verdict(await mailer.send(mail(), ["park@ops.test"])), "accepted");
});
