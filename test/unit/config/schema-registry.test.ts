import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConfigErrors, parseConfig } from "#src/config.js";

const REQUIRED = {
  KAFKA_BROKERS: "kafka:9092",
  SMTP_URL: "smtp://mail.example.com",
  MAIL_FROM: "a@example.com",
  MAIL_TO: "b@example.com",
};

const read = (env: Record<string, string>, files: Record<string, string> = {}) =>
  parseConfig(
    { ...REQUIRED, ...env },
    (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`there is no ${path}`);
      return text;
    },
    { locales: ["en", "ko"] },
  );

const registry = (env: Record<string, string>) => {
  const result = read(env);
  assert.ok(result.ok, result.ok ? "" : formatConfigErrors(result.errors));
  return { ...result.config.schemaRegistry, warnings: result.warnings, settings: result.config };
};

const errors = (env: Record<string, string>, files?: Record<string, string>): string => {
  const result = read(env, files);
  assert.ok(!result.ok);
  return formatConfigErrors(result.errors);
};

test("without a URL there is no registry", () => {
  const result = read({});
  assert.ok(result.ok);
  assert.equal(result.config.schemaRegistry, undefined);
});

test("URLs lose the slash at their end; Apicurio's own API gets its path, once", () => {
  assert.deepEqual(registry({ SCHEMA_REGISTRY_URL: "http://a:8081/, https://b/apis/ccompat/v7" }).urls, [
    "http://a:8081",
    "https://b/apis/ccompat/v7",
  ]);
  const api = { SCHEMA_REGISTRY_API: "apicurio" };
  const path = "http://a:8080/apis/registry/v3";
  assert.deepEqual(registry({ ...api, SCHEMA_REGISTRY_URL: "http://a:8080" }).urls, [path]);
  assert.deepEqual(registry({ ...api, SCHEMA_REGISTRY_URL: `${path}/` }).urls, [path]);
});

test("user and password come together, and the password is a secret", () => {
  const login = { SCHEMA_REGISTRY_USERNAME: "u", SCHEMA_REGISTRY_PASSWORD: "hunter2" };
  const set = registry({ SCHEMA_REGISTRY_URL: "https://a", ...login });
  assert.deepEqual(set.login, { username: "u", password: "hunter2" });
  assert.ok(set.settings.secrets.includes("hunter2"));
  assert.ok(!JSON.stringify(set.settings.settings).includes("hunter2"));
  const url = { SCHEMA_REGISTRY_URL: "https://a" };
  assert.match(errors({ ...url, SCHEMA_REGISTRY_USERNAME: "u" }), /SCHEMA_REGISTRY_PASSWORD.*not set, but a user is/s);
  assert.match(errors({ ...url, SCHEMA_REGISTRY_PASSWORD: "p" }), /SCHEMA_REGISTRY_USERNAME.*a password is/s);
});

test("a password over http is warned of, but not to this machine", () => {
  const login = { SCHEMA_REGISTRY_USERNAME: "u", SCHEMA_REGISTRY_PASSWORD: "p" };
  assert.match(registry({ SCHEMA_REGISTRY_URL: "http://a", ...login }).warnings.join(), /crosses the network readable/);
  assert.deepEqual(registry({ SCHEMA_REGISTRY_URL: "http://127.0.0.1:8081", ...login }).warnings, []);
});

test("what is wrong is said, and no secret with it", () => {
  const said = errors({ SCHEMA_REGISTRY_URL: "https://u:hunter2@a" });
  assert.match(said, /it has a user or a password in it/);
  assert.ok(!said.includes("hunter2"));
  assert.match(errors({ SCHEMA_REGISTRY_URL: "a:8081" }), /no http or https URL/);
  const message = { SCHEMA_REGISTRY_PROTOBUF_MESSAGE: "a.B" };
  assert.match(errors(message), /SCHEMA_REGISTRY_URL.*not set, but SCHEMA_REGISTRY_PROTOBUF_MESSAGE is/s);
  assert.match(errors({ SCHEMA_REGISTRY_API: "avro" }), /SCHEMA_REGISTRY_API.*confluent/s);
  const url = { SCHEMA_REGISTRY_URL: "https://a" };
  assert.match(errors({ ...url, SCHEMA_REGISTRY_PROTOBUF_MESSAGE: "com..Alert" }), /no name of a message/);
  const ca = { SCHEMA_REGISTRY_CA_FILE: "/ca.pem" };
  const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  assert.match(errors({ ...url, ...ca }, { "/ca.pem": pem }), /SCHEMA_REGISTRY_CA_FILE.*cannot be used/s);
});

test("a message's name may begin with a point, as Protobuf writes it in schemas", () => {
  const env = { SCHEMA_REGISTRY_URL: "https://a", SCHEMA_REGISTRY_PROTOBUF_MESSAGE: ".com.example.Alert" };
  assert.equal(registry(env).protobufMessage, "com.example.Alert");
});
