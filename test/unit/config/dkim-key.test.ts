import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { dkimKeyProblem } from "#src/config/dkim-key.js";
import { formatConfigErrors, parseConfig } from "#src/config.js";
import { KNOWN } from "#test/support/known.js";

const PEM = { type: "pkcs8", format: "pem" } as const;
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength });

test("RSA and Ed25519 keys are taken, in both forms of PEM", () => {
  const pair = rsa(1024);
  assert.equal(dkimKeyProblem(String(pair.privateKey.export(PEM))), undefined);
  assert.equal(dkimKeyProblem(String(pair.privateKey.export({ type: "pkcs1", format: "pem" }))), undefined);
  assert.equal(dkimKeyProblem(String(generateKeyPairSync("ed25519").privateKey.export(PEM))), undefined);
});

test("what is no key to sign with is told apart", () => {
  const { privateKey, publicKey } = rsa(1024);
  const cases: readonly [string, RegExp][] = [
    [String(publicKey.export({ type: "spki", format: "pem" })), /public key/],
    [String(privateKey.export({ ...PEM, cipher: "aes-256-cbc", passphrase: "x" })), /passphrase/],
    [String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(PEM)), /of type ec/],
    [String(rsa(512).privateKey.export(PEM)), /512 bits/],
    ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", /no private key that can be read/],
  ];
  for (const [pem, problem] of cases) assert.match(dkimKeyProblem(pem) ?? "taken", problem);
});

const REQUIRED = {
  KAFKA_BROKERS: "kafka-1:9092",
  SMTP_URL: "smtp://mail.example.com:587",
  MAIL_FROM: "alerts@mail.example.com",
  MAIL_TO: "ops@example.com",
  MAIL_DKIM_SELECTOR: "a1",
  MAIL_DKIM_KEY_FILE: "/run/key.pem",
};

test("a key that cannot sign is refused with the variable, the file, what is wrong and what is expected, and is not shown", () => {
  const pem = String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(PEM));
  const result = parseConfig({ ...REQUIRED, MAIL_DKIM_DOMAIN: "example.com" }, () => pem, KNOWN);
  assert.ok(!result.ok);
  const text = formatConfigErrors(result.errors);
  assert.match(
    text,
    /MAIL_DKIM_KEY_FILE.*\/run\/key\.pem.*of type ec.*RSA of at least 1024 bits.*\/run\/secrets\/dkim\.pem/s,
  );
  assert.ok(!text.includes(pem.split("\n")[1] ?? "?"));
});

test("a signing domain that is not the sender's is worth a warning; one above or below it is not", () => {
  const pem = String(rsa(1024).privateKey.export(PEM));
  const warningsWith = (domain: string) =>
    parseConfig({ ...REQUIRED, MAIL_DKIM_DOMAIN: domain }, () => pem, KNOWN).warnings;
  for (const domain of ["example.com", "mail.example.com", "Mail.Example.Com", "a.mail.example.com"]) {
    assert.deepEqual(warningsWith(domain), [], domain);
  }
  for (const domain of ["example.org", "ample.com"]) assert.match(warningsWith(domain).join(), /DMARC/, domain);
});
