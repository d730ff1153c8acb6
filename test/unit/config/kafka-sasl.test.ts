import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig, parseKafkaConfig } from "#src/config.js";
import { withoutSecrets } from "#src/core/secret-text.js";
import { KNOWN } from "#test/support/known.js";

const FILES: Readonly<Record<string, string>> = {
  "/s/token": "head.claims.signature\n",
  "/s/secret": "horse&battery\n",
  "/s/empty": " \n",
  "/s/html": "<html>not found</html>",
};
const readFile = (path: string): string => {
  const text = FILES[path];
  if (text !== undefined) return text;
  throw Object.assign(new Error(path), { code: path === "/s" ? "EISDIR" : "ENOENT" });
};
const BASE = { KAFKA_BROKERS: "127.0.0.1:9092", KAFKA_SASL_MECHANISM: "oauthbearer" };
const CLIENT = {
  KAFKA_OAUTH_TOKEN_URL: "https://login.example.com/token?x=1",
  KAFKA_OAUTH_CLIENT_ID: "digest",
  KAFKA_OAUTH_CLIENT_SECRET: "horse&battery",
};
const parse = (env: Readonly<Record<string, string>>) => parseKafkaConfig({ ...BASE, ...env }, readFile);
const saslOf = (env: Readonly<Record<string, string>>) => {
  const result = parse(env);
  assert.ok(result.ok, JSON.stringify(result));
  return result.kafka.sasl;
};
const problemsOf = (env: Readonly<Record<string, string>>): string[] => {
  const result = parse(env);
  assert.ok(!result.ok, JSON.stringify(env));
  return result.errors.map(({ variable, problem }) => `${variable}: ${problem}`);
};

test("oauthbearer takes a token file, or client credentials; the secret may be in a file", () => {
  assert.deepEqual(saslOf({ KAFKA_OAUTH_TOKEN_FILE: "/s/token" }), {
    mechanism: "oauthbearer",
    oauth: { kind: "file", path: "/s/token" },
  });
  const oauth = {
    kind: "client",
    url: CLIENT.KAFKA_OAUTH_TOKEN_URL,
    clientId: "digest",
    clientSecret: "horse&battery",
    scope: undefined,
  };
  assert.deepEqual(saslOf(CLIENT), { mechanism: "oauthbearer", oauth });
  const { KAFKA_OAUTH_CLIENT_SECRET: _, ...others } = CLIENT;
  assert.deepEqual(
    saslOf({ ...others, KAFKA_OAUTH_CLIENT_SECRET_FILE: "/s/secret", KAFKA_OAUTH_SCOPE: "kafka read" }),
    { mechanism: "oauthbearer", oauth: { ...oauth, scope: "kafka read" } },
  );
});

test("a token file that is missing, a directory, empty or holds something else is a wrong configuration", () => {
  for (const [path, problem] of [
    ["/s/none", /does not exist/],
    ["/s", /it is a directory/],
    ["/s/empty", /it is empty/],
    ["/s/html", /it holds something other than a token/],
  ] as const) {
    const problems = problemsOf({ KAFKA_OAUTH_TOKEN_FILE: path });
    assert.equal(problems.length, 1);
    assert.match(problems.join(), new RegExp(`^KAFKA_OAUTH_TOKEN_FILE: file "${path}": `));
    assert.match(problems.join(), problem);
  }
});

test("what is missing, or does not go together, is told, each with its variable", () => {
  const variables = (env: Readonly<Record<string, string>>) => problemsOf(env).map((line) => line.split(":")[0]);
  assert.deepEqual(variables({}), ["KAFKA_OAUTH_TOKEN_FILE"]);
  assert.deepEqual(variables({ KAFKA_OAUTH_SCOPE: "kafka" }), [
    "KAFKA_OAUTH_TOKEN_URL",
    "KAFKA_OAUTH_CLIENT_ID",
    "KAFKA_OAUTH_CLIENT_SECRET",
  ]);
  assert.deepEqual(variables({ ...CLIENT, KAFKA_OAUTH_TOKEN_FILE: "/s/token" }), ["KAFKA_OAUTH_TOKEN_URL"]);
  assert.deepEqual(variables({ ...CLIENT, KAFKA_SASL_USERNAME: "u" }), ["KAFKA_SASL_USERNAME"]);
  assert.deepEqual(variables({ ...CLIENT, KAFKA_SASL_MECHANISM: "" }), ["KAFKA_OAUTH_TOKEN_URL"]);
  for (const url of ["login.example.com", "ftp://login.example.com", "https://u:horse@login.example.com/"]) {
    const problems = problemsOf({ ...CLIENT, KAFKA_OAUTH_TOKEN_URL: url });
    assert.match(problems.join(), /^KAFKA_OAUTH_TOKEN_URL: /);
    assert.doesNotMatch(problems.join(), /horse/);
  }
});

test("what crosses the network readable is warned of", () => {
  const warningsOf = (env: Readonly<Record<string, string>>) => parse(env).warnings.join();
  assert.equal(warningsOf(CLIENT), "");
  assert.match(
    warningsOf({ ...CLIENT, KAFKA_OAUTH_TOKEN_URL: "http://login.example.com/token" }),
    /http:\/\/.*readable/,
  );
  assert.match(warningsOf({ ...CLIENT, KAFKA_BROKERS: "kafka-1:9092" }), /the token crosses the network readable/);
});

test("the client's secret is shown nowhere, in none of the forms in which it is sent", () => {
  const env = {
    ...BASE,
    ...CLIENT,
    SMTP_URL: "smtp://127.0.0.1",
    MAIL_FROM: "a@example.com",
    MAIL_TO: "b@example.com",
  };
  const result = parseConfig(env, readFile, KNOWN);
  assert.ok(result.ok);
  assert.doesNotMatch(JSON.stringify(result.config.settings), /horse/);
  const basic = Buffer.from("digest:horse%26battery").toString("base64");
  const shown = withoutSecrets(result.config.secrets)(`horse&battery horse%26battery ${basic}`);
  assert.equal(shown, "[redacted] [redacted] [redacted]");
});
