import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createDkimSigner } from "#src/mail/dkim.js";
import { createRenderer } from "#src/mail/render.js";
import { atOnce } from "#src/runtime/turns.js";
import { everybody, mailboxOf } from "#test/support/addressing.js";
import { verifyDkim } from "#test/support/dkim-verify.js";
import { digest } from "./digest.js";

const KEYS = { rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }), ed25519: generateKeyPairSync("ed25519") };
const signerWith = (type: keyof typeof KEYS, encoding: "pkcs8" | "pkcs1" = "pkcs8") => {
  const signer = createDkimSigner({
    domain: "example.com",
    selector: "a1",
    privateKey: String(KEYS[type].privateKey.export({ type: encoding as "pkcs8", format: "pem" })),
  });
  return (raw: Buffer): Buffer => atOnce(signer(raw));
};

const renderer = createRenderer({
  from: mailboxOf('"경보 알림" <alerts@example.com>'),
  locale: "ko",
  timezone: "Asia/Seoul",
});
const RAW = renderer.render(
  digest({ deviceName: "부산 냉동고 3호 🥶 ".repeat(20) }),
  everybody("kim@ops.test", "lee@ops.test"),
).raw;

for (const type of ["rsa", "ed25519"] as const) {
  const { publicKey } = KEYS[type];
  const sign = signerWith(type);

  test(`a mail signed with ${type} verifies, is unchanged below its signature, and is signed the same each time`, () => {
    const signed = sign(RAW);
    const { problem, tags, signedFields } = verifyDkim(signed, "a1", publicKey);
    assert.equal(problem, undefined);
    assert.equal(tags.get("d"), "example.com");
    assert.equal(tags.get("a"), `${type}-sha256`);
    assert.equal(tags.has("t"), false, "a time would differ at each retry");
    const expected = "from to subject date message-id in-reply-to references mime-version content-type auto-submitted";
    for (const name of expected.split(" ")) assert.ok(signedFields.includes(name), name);
    assert.ok(signed.subarray(-RAW.length).equals(RAW));
    assert.ok(signed.equals(sign(RAW)));
    assert.ok(signed.equals(signerWith(type)(RAW)), "another instance");
    const added = signed.toString("latin1", 0, signed.length - RAW.length);
    for (const line of added.split("\r\n")) assert.ok(line.length <= 78, line);
  });

  test(`with ${type}, a second From, a changed header and a changed body break the signature`, () => {
    const tampered = (change: (text: string) => string) =>
      verifyDkim(Buffer.from(change(sign(RAW).toString("latin1")), "latin1"), "a1", publicKey).problem;
    assert.match(tampered((text) => `From: x@example.net\r\n${text}`) ?? "", /header/);
    assert.match(tampered((text) => text.replace("Message-ID: <", "Message-ID: <0")) ?? "", /header/);
    assert.match(
      tampered((text) => text.replace("Auto-Submitted: auto-generated", "Auto-Submitted: no")) ?? "",
      /header/,
    );
    assert.match(tampered((text) => text.replace("base64\r\n\r\n", "base64\r\n\r\nAAAA")) ?? "", /body/);
  });
}

test("whatever a body's lines end in, the signature is one of what is sent", () => {
  const sign = signerWith("ed25519");
  const line = fc.string({ unit: fc.constantFrom("a", " ", "\t", ".", "é", "\r"), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const raw = Buffer.from(`From: a@example.com\r\nSubject: \t s  s \r\n\r\n${lines.join("\r\n")}`);
      assert.equal(verifyDkim(sign(raw), "a1", KEYS.ed25519.publicKey).problem, undefined);
    }),
    { examples: [[[]], [["", "", ""]], [["a ", "", ""]], [["a"]], [[" "]]] },
  );
});

test("a key in the older form of OpenSSL (PKCS#1) signs as well", () => {
  const signed = signerWith("rsa", "pkcs1")(RAW);
  assert.equal(verifyDkim(signed, "a1", KEYS.rsa.publicKey).problem, undefined);
});
