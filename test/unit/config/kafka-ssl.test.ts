import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { parseConfig } from "#src/config.js";
import { KNOWN } from "#test/support/known.js";

/** Self-signed, made for this test, trusted by nobody. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUT0mihJMupfas30ZL0uSFrFdeowcwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEyMjI0MTlaGA8yMTI2MTAyODIyMjQx
OVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJA7
howQxBeKDC0LGUfq8a7Y/j81Git8mIhIEwEVdKbiWxt64XbcfHDXnVMTcbACfbgz
Hvlh485sHo0I7Fdi5+KjUzBRMB0GA1UdDgQWBBR06Hu+kJvdk6ABbcYxC1uoFMg1
KjAfBgNVHSMEGDAWgBR06Hu+kJvdk6ABbcYxC1uoFMg1KjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCTtzgDoJUXquMTIwlRf9g+cZRJ2j5SGvft
ErKyc7luGAIhANceOHpr/vVMT7eDTvKU33/7vqcohsELC75U/jwkBd7X
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8BHDzrOQe53Vteah
sW97bBrTlUstoURPGnec/0O5xXqhRANCAASQO4aMEMQXigwtCxlH6vGu2P4/NRor
fJiISBMBFXSm4lsbeuF23Hxw151TE3GwAn24Mx75YePObB6NCOxXYufi
-----END PRIVATE KEY-----
`;
const OTHER_KEY = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});

const FILES: Record<string, string> = {
  "/tls/ca.pem": CERT + CERT,
  "/tls/cert.pem": CERT,
  "/tls/key.pem": KEY,
  "/tls/other-key.pem": String(OTHER_KEY),
  "/tls/broken.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  "/tls/text": "not PEM",
};

const parse = (env: Record<string, string>) =>
  parseConfig(
    {
      KAFKA_BROKERS: "kafka:9093",
      SMTP_URL: "smtp://localhost",
      MAIL_FROM: "a@b.example",
      MAIL_TO: "c@d.example",
      ...env,
    },
    (path) => {
      const text = FILES[path];
      if (text === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
      return text;
    },
    KNOWN,
  );

const refusedVariables = (env: Record<string, string>): readonly string[] => {
  const result = parse(env);
  return result.ok ? [] : result.errors.map((error) => error.variable);
};

test("TLS alone trusts the CAs that Node knows", () => {
  const result = parse({ KAFKA_SSL: "true" });
  assert.deepEqual(result.ok && result.config.kafka.ssl, { ca: undefined, cert: undefined, key: undefined });
});

test("the files are read into the configuration", () => {
  const result = parse({
    KAFKA_SSL: "on",
    KAFKA_SSL_CA_FILE: "/tls/ca.pem",
    KAFKA_SSL_CERT_FILE: "/tls/cert.pem",
    KAFKA_SSL_KEY_FILE: "/tls/key.pem",
  });
  assert.deepEqual(result.ok && result.config.kafka.ssl, { ca: CERT + CERT, cert: CERT, key: KEY });
});

test("a certificate without its key, or a key without its certificate, is an error", () => {
  assert.deepEqual(refusedVariables({ KAFKA_SSL: "true", KAFKA_SSL_CERT_FILE: "/tls/cert.pem" }), [
    "KAFKA_SSL_KEY_FILE",
  ]);
  assert.deepEqual(refusedVariables({ KAFKA_SSL: "true", KAFKA_SSL_KEY_FILE: "/tls/key.pem" }), [
    "KAFKA_SSL_CERT_FILE",
  ]);
});

test("a file that is missing, no PEM, broken, or a key of another certificate is an error", () => {
  for (const path of ["/tls/none", "/tls/text", "/tls/broken.pem", "/tls/key.pem"]) {
    assert.deepEqual(refusedVariables({ KAFKA_SSL: "true", KAFKA_SSL_CA_FILE: path }), ["KAFKA_SSL_CA_FILE"], path);
  }
  const pair = { KAFKA_SSL: "true", KAFKA_SSL_CERT_FILE: "/tls/cert.pem", KAFKA_SSL_KEY_FILE: "/tls/other-key.pem" };
  assert.deepEqual(refusedVariables(pair), ["KAFKA_SSL_KEY_FILE"]);
});

test("files without KAFKA_SSL are an error, with KAFKA_SSL=off a warning", () => {
  assert.deepEqual(refusedVariables({ KAFKA_SSL_CA_FILE: "/tls/ca.pem" }), ["KAFKA_SSL"]);
  const off = parse({ KAFKA_SSL: "off", KAFKA_SSL_CA_FILE: "/tls/ca.pem" });
  assert.ok(off.ok && off.config.kafka.ssl === undefined);
  assert.match(off.warnings.join(), /KAFKA_SSL_CA_FILE has no effect/);
});
