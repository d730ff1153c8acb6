import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConfigErrors, parseConfig } from "#src/config.js";
import { withoutSecrets } from "#src/core/secret-text.js";
import { KNOWN } from "#test/support/known.js";

const RIGHT = {
  KAFKA_BROKERS: "kafka-1:9092",
  SMTP_URL: "smtp://127.0.0.1",
  MAIL_FROM: "alerts@example.com",
  MAIL_TO: "ops@example.com",
};
const parse = (env: Readonly<Record<string, string>>) =>
  parseConfig(
    { ...RIGHT, ...env },
    () => {
      throw Object.assign(new Error("no"), { code: "ENOENT" });
    },
    KNOWN,
  );

test("a password of five characters or fewer is kept back by its field, not cut out of every word that has it", () => {
  const secretsOf = (password: string) => {
    const result = parse({ SMTP_URL: `smtps://me:${password}@mail.example.com` });
    assert.ok(result.ok, JSON.stringify(result));
    assert.doesNotMatch(JSON.stringify(result.config.settings), new RegExp(`me:${password}`));
    return withoutSecrets(result.config.secrets);
  };
  assert.equal(secretsOf("mail")("the mail server takes no mail"), "the mail server takes no mail");
  const login = Buffer.from("\0me\0mail").toString("base64");
  assert.equal(secretsOf("mail")(`AUTH PLAIN ${login}`), "AUTH PLAIN [redacted]");
  assert.equal(secretsOf("horses")("my horses"), "my [redacted]");
});

test("nothing with an @ is quoted from a variable that has none, for it may be a login that was meant for another", () => {
  for (const value of [
    "alerts:hunter2@kafka:9092",
    "kafka-1:9092,alerts:hun,ter2@kafka:9092",
    "sasl://alerts:hunter2@kafka",
  ])
    for (const variable of [
      "KAFKA_BROKERS",
      "SMTP_TLS",
      "SMTP_CONNECTIONS",
      "WINDOW_SIZE",
      "KAFKA_SSL",
      "HTTP_HOST",
      "HTTP_ALLOWED_HOSTS",
      "SEVERITY_MAP",
      "MAIL_TIMEZONE",
      "SMTP_URL_FILE",
    ]) {
      const { SMTP_URL, ...others } = RIGHT;
      const result = parseConfig(
        { ...others, ...(variable !== "SMTP_URL_FILE" && { SMTP_URL }), [variable]: value },
        () => {
          throw Object.assign(new Error("no"), { code: "ENOENT" });
        },
        KNOWN,
      );
      assert.ok(!result.ok, variable);
      const report = formatConfigErrors(result.errors, []);
      assert.doesNotMatch(report, /alerts:|hun|ter2/, `${variable}=${value}`);
      assert.match(report, /a value with an @ \(not shown, it may hold a password\)/, variable);
    }
});
