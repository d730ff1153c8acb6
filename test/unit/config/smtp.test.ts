import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "#src/config.js";
import { KNOWN } from "#test/support/known.js";
import { TEST_CERTIFICATE } from "#test/support/test-certificate.js";

const { cert, key } = TEST_CERTIFICATE;
const BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const FILES: Record<string, string> = {
  "/tls/ca.pem": `# our own\n${cert}\n${cert}\n`,
  "/tls/key.pem": key,
  "/tls/broken.pem": BROKEN,
  "/tls/second-broken.pem": `${cert}\n${BROKEN}`,
  "/tls/cut.pem": `${cert}\n${cert.slice(0, 300)}`,
  "/tls/text": "not PEM",
  "/tls/empty": "",
};

const parse = (env: Record<string, string>) =>
  parseConfig(
    {
      KAFKA_BROKERS: "kafka:9093",
      SMTP_URL: "smtp://mail.example.com",
      MAIL_FROM: "a@b.example",
      MAIL_TO: "c@d.example",
      ...env,
    },
    (path) => {
      const text = FILES[path];
      if (path === "/tls") throw Object.assign(new Error(path), { code: "EISDIR" });
      if (text === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
      return text;
    },
    KNOWN,
  );

const smtp = (env: Record<string, string>) => {
  const result = parse(env);
  assert.ok(result.ok, JSON.stringify(result));
  return result.config.smtp;
};

/** `VARIABLE: problem`, of each. */
const problems = (env: Record<string, string>): readonly string[] => {
  const result = parse(env);
  return result.ok ? [] : result.errors.map(({ variable, problem }) => `${variable}: ${problem}`);
};

test("SMTP_CA_FILE is read into the configuration", () => {
  assert.equal(smtp({ SMTP_CA_FILE: "/tls/ca.pem" }).ca, FILES["/tls/ca.pem"]);
  assert.equal(smtp({}).ca, undefined);
});

test("a CA file that is none is refused with its path and what is wrong with it", () => {
  const wrong = {
    "/tls/none": "it does not exist",
    "/tls": "it is a directory",
    "/tls/empty": "it has no PEM block",
    "/tls/text": "it has no PEM block",
    "/tls/key.pem": "it holds no certificate",
    "/tls/broken.pem": "its certificate cannot be read",
    "/tls/second-broken.pem": "certificate 2 of its 2 cannot be read",
    "/tls/cut.pem": "certificate 2 of its 2 cannot be read",
  };
  for (const [path, why] of Object.entries(wrong)) {
    assert.deepEqual(problems({ SMTP_CA_FILE: path }), [`SMTP_CA_FILE: file "${path}": ${why}`]);
  }
});

test("a CA file where no certificate is checked is a warning", () => {
  const result = parse({ SMTP_CA_FILE: "/tls/ca.pem", SMTP_TLS: "opportunistic" });
  assert.ok(result.ok);
  assert.match(result.warnings.join(), /SMTP_CA_FILE has no effect/);
});

test("SMTP_HELO is a host name or an address literal", () => {
  for (const name of ["alerts.example.com", "mailhost", "[192.0.2.1]", "[IPv6:2001:db8::1]"]) {
    assert.equal(smtp({ SMTP_HELO: name }).helo, name);
  }
  assert.match(smtp({ SMTP_HELO: "서버.example.com" }).helo ?? "", /^xn--[a-z0-9]+\.example\.com$/);
  for (const name of ["192.0.2.1", "2001:db8::1", "[2001:db8::1]", "[mail]", "a b", "a..b", "host\r\nRSET"]) {
    assert.equal(problems({ SMTP_HELO: name }).length, 1, name);
  }
  assert.match(problems({ SMTP_HELO: "192.0.2.1" })[0] ?? "", /without brackets/);
});

test("mails a connection and the deadline of the last reply have bounds", () => {
  assert.equal(smtp({ SMTP_MAILS_PER_CONNECTION: "100" }).mailsPerConnection, 100);
  assert.equal(smtp({ SMTP_REPLY_TIMEOUT: "5m" }).replyTimeoutMs, 300_000);
  for (const env of [{ SMTP_MAILS_PER_CONNECTION: "0" }, { SMTP_REPLY_TIMEOUT: "0s" }, { SMTP_REPLY_TIMEOUT: "2h" }]) {
    assert.equal(problems(env).length, 1, JSON.stringify(env));
  }
});
