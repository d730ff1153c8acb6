import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { Reader } from "#src/config/variable.js";
import { isReadBy, VARIABLE_NAMES, VARIABLES } from "#src/config/variables.js";
import {
  type Config,
  type ConfigError,
  formatConfigErrors,
  noRecipients,
  parseConfig,
  parseDeadLettersConfig,
  parseKafkaConfig,
  parsePreviewConfig,
  parseRoutesConfig,
  parseTranslateConfig,
} from "#src/config.js";
import { withoutSecrets } from "#src/core/secret-text.js";
import { KNOWN } from "#test/support/known.js";

type Env = Record<string, string | undefined>;

const REQUIRED: Env = {
  KAFKA_BROKERS: "kafka-1:9092",
  SMTP_URL: "smtp://alerts:hunter2@mail.example.com:587",
  MAIL_FROM: "alerts@example.com",
  MAIL_TO: "ops@example.com",
};

const noFile = (path: string): string => {
  throw Object.assign(new Error(`no such file ${path}`), { code: "ENOENT" });
};
const files =
  (known: Record<string, string>) =>
  (path: string): string =>
    known[path] ?? noFile(path);

const accepted = (env: Env, readFile = noFile): Config => {
  const result = parseConfig({ ...REQUIRED, ...env }, readFile, KNOWN);
  assert.ok(result.ok, result.ok ? "" : formatConfigErrors(result.errors));
  return result.config;
};
const refused = (env: Env, readFile = noFile): readonly ConfigError[] => {
  const result = parseConfig({ ...REQUIRED, ...env }, readFile, KNOWN);
  assert.ok(!result.ok, `accepted: ${JSON.stringify(env)}`);
  return result.errors;
};
const refusedVariables = (env: Env, readFile = noFile): readonly string[] =>
  refused(env, readFile).map((error) => error.variable);
const warningsOf = (env: Env): readonly string[] => parseConfig({ ...REQUIRED, ...env }, noFile, KNOWN).warnings;

test("KAFKA_START is earliest, latest or a span", () => {
  assert.deepEqual(accepted({ KAFKA_START: "Latest" }).kafka.startAt, { kind: "latest" });
  assert.deepEqual(accepted({ KAFKA_START: "2h" }).kafka.startAt, { kind: "span", spanMs: 7_200_000 });
  for (const text of ["now", "2d", "2", "30s", "-2h", "earliest,latest"])
    assert.deepEqual(refusedVariables({ KAFKA_START: text }), ["KAFKA_START"], text);
});

test("KAFKA_SESSION_TIMEOUT is a duration from 3s to 30m", () => {
  assert.equal(accepted({ KAFKA_SESSION_TIMEOUT: "9s" }).kafka.sessionTimeoutMs, 9_000);
  for (const text of ["2s", "31m", "15", "long"])
    assert.deepEqual(refusedVariables({ KAFKA_SESSION_TIMEOUT: text }), ["KAFKA_SESSION_TIMEOUT"], text);
});

test("with nothing but the required variables, every other one has the documented default", () => {
  const { secrets, settings, ...config } = accepted({});
  assert.deepEqual(config, {
    kafka: {
      brokers: ["kafka-1:9092"],
      clientId: "alert-digest",
      groupId: "alert-digest",
      alertsTopic: "alerts",
      deadLetterTopic: "alerts.dead-letters",
      statusTopic: undefined,
      sentTopic: undefined,
      startAt: { kind: "earliest" },
      sessionTimeoutMs: 15_000,
      batchMaxBytes: 67_108_864,
      rack: undefined,
      ssl: undefined,
      sasl: undefined,
    },
    formats: { rules: { key: "device", severities: new Map() }, envelope: undefined, mappingFile: undefined },
    window: { sizeMs: 30_000, graceMs: 2_000 },
    catchUp: { mode: "merge", afterMs: 300_000 },
    smtp: {
      host: "mail.example.com",
      port: 587,
      implicitTls: false,
      tls: "require",
      auth: { username: "alerts", password: "hunter2" },
      oauth2: undefined,
      ca: undefined,
      helo: undefined,
      connections: 8,
      mailsPerConnection: 10,
      timeoutMs: 60_000,
      replyTimeoutMs: 600_000,
      retryInitialMs: 1_000,
      retryMaxMs: 60_000,
      retryBudgetMs: 900_000,
    },
    mail: {
      from: { name: undefined, address: "alerts@example.com" },
      to: ["ops@example.com"],
      locale: "ko",
      timezone: "Asia/Seoul",
      maxAlerts: 200,
      maxBytes: 9_437_184,
      subject: "counted",
      csv: "folded",
      replyTo: undefined,
      links: [],
      publicUrl: undefined,
      envelopeFrom: undefined,
      hideRecipients: "auto",
      maxRecipients: 100,
      listId: undefined,
      unsubscribeUrl: undefined,
      idKey: undefined,
      dkim: undefined,
      templates: { subject: undefined, text: undefined, html: undefined },
    },
    schemaRegistry: undefined,
    digest: {
      by: "device",
      recipientMaxMails: 100,
      urgentSeverity: undefined,
      firingForgetMs: 3_600_000,
      repeatIntervalsMs: undefined,
    },
    routes: { file: undefined, database: undefined },
    report: undefined,
    letters: undefined,
    buffer: { maxAlerts: 500_000, maxBytes: 268_435_456 },
    http: { host: "127.0.0.1", port: 9464, probePort: undefined, allowedHosts: [], webConfigFile: undefined },
    log: { level: "info", format: "json", recipients: "masked" },
    shutdownTimeoutMs: 25_000,
    watchdogTimeoutMs: 120_000,
  } satisfies Omit<Config, "secrets" | "settings">);
  assert.ok(secrets.includes("hunter2"));
  const defaults = VARIABLES.filter((variable) => variable.default !== undefined);
  assert.deepEqual(settings, {
    ...Object.fromEntries(defaults.map((variable) => [variable.name, variable.default])),
    KAFKA_BROKERS: "kafka-1:9092",
    SMTP_URL: "smtp://mail.example.com:587",
    MAIL_FROM: "alerts@example.com",
    MAIL_TO: 1,
  });
});

test("the longest mail is one that Postfix takes as it is installed", () => {
  const messageSizeLimit = 10_240_000;
  assert.ok(accepted({}).mail.maxBytes < messageSizeLimit);
});

test("every variable that is read is declared, every declared one is read, and each command reads what is declared for it", () => {
  const namesReadBy = (parse: (env: Env) => unknown): readonly string[] => {
    const read = new Set<string>();
    const env = new Proxy<Env>(
      // One is wrong: what is right is written into the log, which would count as reading.
      { ...REQUIRED, KAFKA_SSL: "true", HTTP_PORT: "wrong" },
      {
        get: (target, key) => {
          read.add(String(key));
          return target[String(key)];
        },
        // The look at all that is set, for misspelt names, is no reading.
        ownKeys: () => [],
      },
    );
    parse(env);
    return [...read].sort();
  };
  const declaredFor = (reader: Reader): readonly string[] => {
    const readOnes = VARIABLES.filter((variable) => isReadBy(variable, reader)).map(({ name }) => name);
    return VARIABLE_NAMES.filter(
      (name) => readOnes.includes(name) || readOnes.includes(name.replace(/_FILE$/, "")),
    ).toSorted();
  };
  for (const [reader, parse] of [
    ["run", (env: Env) => parseConfig(env, noFile, KNOWN)],
    ["check", (env: Env) => parseConfig(env, noFile, KNOWN)],
    ["dead-letters", (env: Env) => parseDeadLettersConfig(env, noFile)],
    ["sent", (env: Env) => parseKafkaConfig(env, noFile)],
    ["preview", (env: Env) => parsePreviewConfig(env, noFile, KNOWN)],
    ["routes", (env: Env) => parseRoutesConfig(env, noFile, KNOWN)],
    ["translate", (env: Env) => parseTranslateConfig(env, noFile)],
  ] as const)
    assert.deepEqual(
      namesReadBy(parse),
      declaredFor(reader),
      `${reader}: it reads what stands behind +, which is not declared for it (readBy); what stands behind - is declared for it and never read`,
    );
});

test("all errors come in one report, each with the variable, the problem, what is expected and an example", () => {
  const result = parseConfig(
    { KAFKA_BROKERS: "kafka", WINDOW_SIZE: "30", SMTP_TLS: "maybe", HTTP_PORT: "70000", MAIL_LOCALE: "fr" },
    noFile,
    KNOWN,
  );
  assert.ok(!result.ok);
  const variables = result.errors.map((error) => error.variable).sort();
  const wrong = [
    "HTTP_PORT",
    "KAFKA_BROKERS",
    "MAIL_FROM",
    "MAIL_LOCALE",
    "MAIL_TO",
    "SMTP_TLS",
    "SMTP_URL",
    "WINDOW_SIZE",
  ];
  assert.deepEqual(variables, wrong);
  const report = formatConfigErrors(result.errors);
  assert.match(report, /^The configuration has 8 errors:\n/);
  assert.match(
    report,
    / {2}WINDOW_SIZE: "30" is not a duration \(the unit is missing\)\n {4}expected: .*\n {4}example: {2}WINDOW_SIZE=30s\n/,
  );
  for (const { problem, expected, example } of result.errors) assert.ok(problem && expected && example);
  assert.ok(report.endsWith("\n"));
});

const NEEDED_BESIDE: Readonly<Record<string, Env>> = {
  RECIPIENTS_QUERY: { RECIPIENTS_DATABASE_URL: "postgres://db.example.com/alerts" },
  REPORT_AT: { KAFKA_SENT_TOPIC: "alerts.sent" },
  SCHEMA_REGISTRY_USERNAME: { SCHEMA_REGISTRY_URL: "https://registry.example.com", SCHEMA_REGISTRY_PASSWORD: "secret" },
  SCHEMA_REGISTRY_PASSWORD: { SCHEMA_REGISTRY_URL: "https://registry.example.com", SCHEMA_REGISTRY_USERNAME: "alerts" },
  SCHEMA_REGISTRY_PROTOBUF_MESSAGE: { SCHEMA_REGISTRY_URL: "https://registry.example.com" },
};

test("the example of every error is itself accepted", () => {
  const wrongEverywhere = Object.fromEntries(VARIABLES.map(({ name }) => [name, "\u0001"]));
  const result = parseConfig(wrongEverywhere, noFile, KNOWN);
  assert.ok(!result.ok);
  for (const { variable, example } of result.errors) {
    // A file's example is a path, and SASL and DKIM are right only as a whole.
    if (/_FILE$|_TEMPLATE$|SASL|DKIM/.test(variable)) continue;
    accepted({ ...NEEDED_BESIDE[variable], [variable]: example });
  }
});

test("a blank variable counts as not set", () => {
  assert.equal(accepted({ WINDOW_SIZE: "", KAFKA_SASL_USERNAME: " ", SMTP_URL_FILE: "" }).window.sizeMs, 30_000);
  assert.deepEqual(refusedVariables({ KAFKA_BROKERS: " " }), ["KAFKA_BROKERS"]);
});

test("durations are whole numbers with ms, s, m or h, within bounds", () => {
  const sizes: Record<string, number> = { "250ms": 250, "1s": 1_000, "15m": 900_000, "4h": 14_400_000 };
  for (const [text, ms] of Object.entries(sizes)) assert.equal(accepted({ WINDOW_SIZE: text }).window.sizeMs, ms);
  assert.equal(accepted({ WINDOW_GRACE: "0s" }).window.graceMs, 0);
  for (const text of ["0s", "30", "-1s", "1.5s", "30 s", "30S", "1d", "25h", "s", "1e3s", "999999999999h"]) {
    assert.deepEqual(refusedVariables({ WINDOW_SIZE: text }), ["WINDOW_SIZE"], text);
  }
  assert.deepEqual(refusedVariables({ WINDOW_GRACE: "-1s" }), ["WINDOW_GRACE"]);
});

test("sizes are whole numbers with KB, MB or GB of 1024", () => {
  assert.equal(accepted({ BUFFER_MAX_BYTES: "512KB" }).buffer.maxBytes, 524_288);
  assert.equal(accepted({ BUFFER_MAX_BYTES: "2GB" }).buffer.maxBytes, 2_147_483_648);
  for (const text of ["0KB", "256", "256mb", "1.5GB", "-1MB", "MB", "2000GB"]) {
    assert.deepEqual(refusedVariables({ BUFFER_MAX_BYTES: text }), ["BUFFER_MAX_BYTES"], text);
  }
});

test("numbers have bounds; port 0 asks for any free port", () => {
  assert.equal(accepted({ HTTP_PORT: "0" }).http.port, 0);
  for (const [variable, text] of [
    ["HTTP_PORT", "65536"],
    ["HTTP_PORT", "-1"],
    ["HTTP_PORT", "http"],
    ["SMTP_CONNECTIONS", "0"],
    ["SMTP_CONNECTIONS", "1.5"],
    ["MAIL_MAX_ALERTS", "0"],
    ["BUFFER_MAX_ALERTS", "1e6"],
  ] as const) {
    assert.deepEqual(refusedVariables({ [variable]: text }), [variable], text);
  }
});

test("closed sets name their members", () => {
  assert.equal(accepted({ CATCH_UP: "separate" }).catchUp.mode, "separate");
  assert.equal(accepted({ LOG_LEVEL: "DEBUG" }).log.level, "debug");
  assert.match(refused({ CATCH_UP: "both" })[0]?.expected ?? "", /merge, separate/);
  assert.deepEqual(refusedVariables({ LOG_LEVEL: "verbose" }), ["LOG_LEVEL"]);
  assert.deepEqual(refusedVariables({ MAIL_TIMEZONE: "Asia/Soul" }), ["MAIL_TIMEZONE"]);
});

test("topics are names the broker takes, and alerts and dead letters do not share one", () => {
  for (const text of ["a b", ".", "..", "알림", "a".repeat(250), "a/b"]) {
    assert.deepEqual(refusedVariables({ KAFKA_ALERTS_TOPIC: text }), ["KAFKA_ALERTS_TOPIC"], text);
  }
  assert.deepEqual(refusedVariables({ KAFKA_ALERTS_TOPIC: "x", KAFKA_DEAD_LETTER_TOPIC: "x" }), [
    "KAFKA_DEAD_LETTER_TOPIC",
  ]);
  assert.deepEqual(refusedVariables({ KAFKA_STATUS_TOPIC: "alerts" }), ["KAFKA_STATUS_TOPIC"]);
  assert.deepEqual(refusedVariables({ KAFKA_STATUS_TOPIC: "alerts.dead-letters" }), ["KAFKA_STATUS_TOPIC"]);
  assert.deepEqual(refusedVariables({ KAFKA_STATUS_TOPIC: "alerts.dead-letters.redriven" }), ["KAFKA_STATUS_TOPIC"]);
  assert.equal(accepted({ KAFKA_STATUS_TOPIC: "alerts.status" }).kafka.statusTopic, "alerts.status");
});

test("the retry delays must be in order, also against a default", () => {
  assert.deepEqual(refusedVariables({ SMTP_RETRY_INITIAL: "10s", SMTP_RETRY_MAX: "5s" }), ["SMTP_RETRY_MAX"]);
  assert.deepEqual(refusedVariables({ SMTP_RETRY_INITIAL: "2m" }), ["SMTP_RETRY_MAX"]);
  const [error] = refused({ SMTP_RETRY_INITIAL: "2m" });
  assert.equal(error?.problem, "60s is less than SMTP_RETRY_INITIAL, which is 120s");
  assert.equal(error?.example, "120s", "an example that would be taken");
  assert.equal(accepted({ SMTP_RETRY_INITIAL: "5s", SMTP_RETRY_MAX: "5s" }).smtp.retryMaxMs, 5_000);
});

test("a loopback SMTP host makes TLS opportunistic unless something else is said", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "smtp.localhost"]) {
    assert.equal(accepted({ SMTP_URL: `smtp://${host}:1025` }).smtp.tls, "opportunistic", host);
  }
  for (const host of [
    "mail.example.com",
    "10.0.0.1",
    "[::2]",
    "[fe80::1]",
    "localhost.example.com",
    "127.example.com",
  ]) {
    assert.equal(accepted({ SMTP_URL: `smtp://${host}:1025` }).smtp.tls, "require", host);
  }
  assert.equal(accepted({ SMTP_URL: "smtp://localhost", SMTP_TLS: "require" }).smtp.tls, "require");
  assert.deepEqual(refusedVariables({ SMTP_URL: "smtps://mail.example.com", SMTP_TLS: "off" }), ["SMTP_TLS"]);
});

test("without MAIL_TO, routes and a database nobody could be told: it does not start, and says what to set", () => {
  for (const env of [{ MAIL_TO: undefined }, { MAIL_TO: " " }, { MAIL_TO: "", ROUTES_FILE: "" }]) {
    const [error, ...others] = refused(env);
    assert.equal(others.length, 0);
    assert.equal(error?.variable, "MAIL_TO");
    for (const other of ["ROUTES_FILE", "RECIPIENTS_DATABASE_URL"]) assert.ok(error?.problem.includes(other));
  }
  assert.deepEqual(accepted({ MAIL_TO: "", ROUTES_FILE: "/nowhere.yaml" }).mail.to, []);
  assert.deepEqual(accepted({ MAIL_TO: "", RECIPIENTS_DATABASE_URL: "postgres://db.example.com/alerts" }).mail.to, []);
  // Wrong is not missing: one error says what is to be done.
  assert.deepEqual(refusedVariables({ MAIL_TO: "<a@example.com>" }), ["MAIL_TO"]);
  assert.deepEqual(refusedVariables({ MAIL_TO: "", RECIPIENTS_DATABASE_URL: "db" }), ["RECIPIENTS_DATABASE_URL"]);
});

test("a file without a route, and nobody beside it, is refused too", () => {
  const config = accepted({ MAIL_TO: "", ROUTES_FILE: "/etc/routes.yaml" });
  assert.equal(noRecipients(config, [])?.variable, "MAIL_TO");
  assert.equal(noRecipients(config, [{}]), undefined);
  assert.equal(noRecipients(accepted({ ROUTES_FILE: "/etc/routes.yaml" }), []), undefined);
  const database = { MAIL_TO: "", RECIPIENTS_DATABASE_URL: "postgres://db.example.com/alerts" };
  assert.equal(noRecipients(accepted({ ...database, ROUTES_FILE: "/etc/routes.yaml" }), []), undefined);
});

test("a misspelt name is pointed out with the nearest known one, and stops nothing", () => {
  const pairs = {
    WINDOW_SIZ: "WINDOW_SIZE",
    SMTP_CONECTIONS: "SMTP_CONNECTIONS",
    KAFKA_SASL_USERNAME_FILE: "KAFKA_SASL_USERNAME",
    CATCH_UP_AFTR: "CATCH_UP_AFTER",
    BUFFER_MAX_BYTE: "BUFFER_MAX_BYTES",
    SMPT_URL: "SMTP_URL",
    LOGLEVEL: "LOG_LEVEL",
    smtp_url: "SMTP_URL",
  };
  for (const [variable, nearest] of Object.entries(pairs)) {
    const warnings = warningsOf({ [variable]: "s3cret" });
    assert.equal(warnings.length, 1, variable);
    assert.match(warnings[0] ?? "", new RegExp(`^${variable} is not a variable .* use ${nearest}$`));
  }
  assert.deepEqual(warningsOf({}), []);
});

test("the names noticed are part of an error report, where a misspelt required variable needs them", () => {
  const result = parseConfig({ ...REQUIRED, SMTP_URL: undefined, SMTP_URI: "smtp://localhost" }, noFile, KNOWN);
  assert.ok(!result.ok);
  assert.match(formatConfigErrors(result.errors, result.warnings), /SMTP_URI is not a variable .* SMTP_URL/);
});

test("SASL is complete or absent", () => {
  const complete = { KAFKA_SASL_MECHANISM: "scram-sha-256", KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "p" };
  assert.deepEqual(accepted(complete).kafka.sasl, { mechanism: "scram-sha-256", username: "u", password: "p" });
  for (const missing of Object.keys(complete)) {
    assert.deepEqual(refusedVariables({ ...complete, [missing]: undefined }), [missing]);
  }
  assert.deepEqual(refusedVariables({ KAFKA_SASL_USERNAME: "u" }), ["KAFKA_SASL_MECHANISM"]);
  assert.deepEqual(refusedVariables({ ...complete, KAFKA_SASL_MECHANISM: "gssapi" }), ["KAFKA_SASL_MECHANISM"]);
  assert.match(warningsOf({ ...complete, KAFKA_SASL_MECHANISM: "plain" }).join(), /readable/);
  assert.deepEqual(warningsOf({ ...complete, KAFKA_SASL_MECHANISM: "plain", KAFKA_BROKERS: "[::1]:9092" }), []);
});

test("the configuration that is logged says how many recipients there are, and which only when LOG_RECIPIENTS is full", () => {
  const to = (env: Env): unknown => {
    const twice = "kim@example.com,lee@example.com,lee@example.com";
    return accepted({ MAIL_TO: twice, ...env }).settings["MAIL_TO"];
  };
  assert.deepEqual(
    [to({}), to({ LOG_RECIPIENTS: "none" }), to({ LOG_RECIPIENTS: "full" })],
    [2, 2, "kim@example.com,lee@example.com,lee@example.com"],
  );
  assert.deepEqual(refusedVariables({ LOG_RECIPIENTS: "some", LOG_FORMAT: "text" }), ["LOG_FORMAT", "LOG_RECIPIENTS"]);
});

test("no report, redacted configuration or warning contains a secret", () => {
  const secret = "Tr0ub4dor";
  const environments: Env[] = [
    { SMTP_URL: `smtp://u:${secret}@host:99999` },
    { SMTP_URL: `smtp://u:${secret}@` },
    { SMTP_URL: `http://u:${secret}@host` },
    { SMTP_URL: `smtp://u:${secret}@host/path` },
    { SMTP_URL: `smtp://u:${secret}%zz@host` },
    { SMTP_URL: `smtp://${secret}/@host:25` },
    { SMTP_URL: `smtp://u:${secret}@host\n` },
    { SMTP_URL: secret },
    { SMTP_URL_FILE: `smtp://u:${secret}@host`, SMTP_URL: undefined },
    { KAFKA_SASL_PASSWORD: secret },
    { KAFKA_SASL_PASSWORD: `${secret}\nmore`, KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_USERNAME: "u" },
    { KAFKA_BROKERS: `sasl://u:${secret}@host:9092` },
    { SMTP_URI: `smtp://u:${secret}@host`, WINDOW_SIZE: "x" },
  ];
  for (const env of environments) {
    const result = parseConfig({ ...REQUIRED, ...env }, noFile, KNOWN);
    assert.ok(!result.ok, JSON.stringify(env));
    assert.ok(!formatConfigErrors(result.errors, result.warnings).includes(secret), JSON.stringify(env));
  }
  const config = accepted({
    SMTP_URL: `smtp://u:${secret}@host`,
    KAFKA_SASL_MECHANISM: "plain",
    KAFKA_SASL_USERNAME: "reader",
    KAFKA_SASL_PASSWORD: `${secret}2`,
  });
  assert.ok(JSON.stringify(config).includes(secret));
  assert.ok(!JSON.stringify(config.settings).includes(secret));
  assert.ok(JSON.stringify(config.settings).includes("reader"));
  assert.ok(config.secrets.includes(secret) && config.secrets.includes(`${secret}2`));
  assert.ok(!withoutSecrets(config.secrets)(`535 no such password: ${secret}`).includes(secret));
});

test("a secret file's final line break is not part of the secret", () => {
  const read = files({ "/s/url": "smtps://u:p%40ss@mail.example.com\n", "/s/pw": " pass word \r\n" });
  const config = accepted(
    {
      SMTP_URL: undefined,
      SMTP_URL_FILE: "/s/url",
      KAFKA_SASL_MECHANISM: "plain",
      KAFKA_SASL_USERNAME: "u",
      KAFKA_SASL_PASSWORD_FILE: "/s/pw",
    },
    read,
  );
  assert.deepEqual(config.smtp.auth, { username: "u", password: "p@ss" });
  assert.deepEqual(config.kafka.sasl, { mechanism: "plain", username: "u", password: " pass word " });
});

test("a secret file that is missing, empty, wrong or given beside its variable is an error with variable and path", () => {
  const read = files({ "/s/empty": "\n", "/s/two": "smtp://a\nb\n", "/s/wrong": "mail.example.com:25" });
  for (const [path, problem] of [
    ["/s/none", /"\/s\/none".*does not exist/],
    ["/s/empty", /"\/s\/empty": it is empty/],
    ["/s/two", /"\/s\/two": .*line break/],
    ["/s/wrong", /"\/s\/wrong": it does not begin with smtp/],
  ] as const) {
    const errors = refused({ SMTP_URL: undefined, SMTP_URL_FILE: path }, read);
    assert.deepEqual(
      errors.map((error) => error.variable),
      ["SMTP_URL_FILE"],
      path,
    );
    assert.match(errors[0]?.problem ?? "", problem);
  }
  assert.deepEqual(refusedVariables({ SMTP_URL_FILE: "/s/wrong" }, read), ["SMTP_URL_FILE"]);
  const denied = (): string => {
    throw Object.assign(new Error("EACCES"), { code: "EACCES" });
  };
  const both = refused({ SMTP_URL: undefined, SMTP_URL_FILE: "/s/url" }, denied);
  assert.match(both[0]?.problem ?? "", /"\/s\/url": this user may not read it/);
});

test("commands that talk to Kafka only ask for nothing else, and report in the same way", () => {
  const result = parseKafkaConfig({ KAFKA_BROKERS: "kafka:9092", SMTP_URL: "nonsense", KAFKA_TOPIC: "a" }, noFile);
  assert.ok(result.ok);
  assert.deepEqual(result.kafka, accepted({ ...REQUIRED, KAFKA_BROKERS: "kafka:9092" }).kafka);
  assert.match(result.warnings.join(), /KAFKA_TOPIC is not a variable/);
  const wrong = parseKafkaConfig({ KAFKA_BROKERS: "kafka", KAFKA_SSL: "perhaps" }, noFile);
  assert.deepEqual(wrong.ok ? [] : wrong.errors.map(({ variable }) => variable), ["KAFKA_BROKERS", "KAFKA_SSL"]);
});

test("all of DKIM is given, or none of it", () => {
  assert.deepEqual(refusedVariables({ MAIL_DKIM_DOMAIN: "example.com" }), ["MAIL_DKIM_SELECTOR", "MAIL_DKIM_KEY_FILE"]);
  const key = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  const env = { MAIL_DKIM_DOMAIN: "Example.com", MAIL_DKIM_SELECTOR: "a1", MAIL_DKIM_KEY_FILE: "/run/key.pem" };
  const config = accepted(env, files({ "/run/key.pem": key }));
  assert.deepEqual(config.mail.dkim, { domain: "example.com", selector: "a1", privateKey: key });
  assert.ok(!JSON.stringify(config.settings).includes(key.split("\n")[1] ?? "?"));
});

test("an access token takes the place of the password, and neither it nor the user is logged", () => {
  const env = { SMTP_URL: "smtp://someone%40example.com@mail.example.com", SMTP_OAUTH2_TOKEN_FILE: "/run/token" };
  const config = accepted(env);
  assert.equal(config.smtp.auth, undefined);
  assert.deepEqual(config.smtp.oauth2, { username: "someone@example.com", tokenFile: "/run/token" });
  const shown = JSON.stringify(config.settings);
  assert.ok(!shown.includes("someone") && shown.includes("/run/token"), shown);
  assert.deepEqual(refusedVariables({ ...env, SMTP_OAUTH2_TOKEN_FILE: undefined }), ["SMTP_URL"]);
  for (const url of ["smtp://user:pass@mail.example.com", "smtp://mail.example.com"]) {
    assert.deepEqual(refusedVariables({ ...env, SMTP_URL: url }), ["SMTP_OAUTH2_TOKEN_FILE"], url);
  }
  const { warnings } = parseConfig({ ...REQUIRED, ...env, SMTP_TLS: "opportunistic" }, noFile, KNOWN);
  assert.match(warnings.join(), /SMTP_OAUTH2_TOKEN_FILE has a token: it may cross the network readable/);
});

test("a report needs the record of sent mails and somebody to read it", () => {
  assert.deepEqual(refusedVariables({ REPORT_AT: "00:00" }), ["KAFKA_SENT_TOPIC"]);
  assert.deepEqual(refusedVariables({ REPORT_AT: "24:00", KAFKA_SENT_TOPIC: "alerts.sent" }), ["REPORT_AT"]);
  assert.deepEqual(
    refusedVariables({
      REPORT_AT: "07:30",
      KAFKA_SENT_TOPIC: "alerts.sent",
      MAIL_TO: undefined,
      ROUTES_FILE: "/r.yaml",
    }),
    ["REPORT_TO"],
  );
  const { report } = accepted({ REPORT_AT: "07:30", KAFKA_SENT_TOPIC: "alerts.sent" });
  assert.deepEqual(report, { atMinute: 450, to: ["ops@example.com"] });
});

test("the record of sent mails is a topic of its own", () => {
  assert.deepEqual(refusedVariables({ KAFKA_SENT_TOPIC: "alerts" }), ["KAFKA_SENT_TOPIC"]);
  assert.deepEqual(refusedVariables({ KAFKA_SENT_TOPIC: "s", KAFKA_STATUS_TOPIC: "s" }), ["KAFKA_SENT_TOPIC"]);
});

test("the database of recipients is a secret, also in parts", () => {
  const url = "postgres://alerts:p%40ssword1@db.example.com/alerts";
  const config = accepted({ RECIPIENTS_DATABASE_URL: url });
  assert.equal(config.routes.database?.url, url);
  assert.ok(!JSON.stringify(config.settings).includes("ssword1"));
  const clean = withoutSecrets(config.secrets);
  assert.ok(!clean(`connect ${url}, password p@ssword1`).includes("ssword1"));
  for (const wrong of ["mysql://db/alerts", "db.example.com", "postgres://"]) {
    const errors = refused({ RECIPIENTS_DATABASE_URL: wrong });
    assert.deepEqual(
      errors.map((error) => error.variable),
      ["RECIPIENTS_DATABASE_URL"],
    );
    assert.ok(!formatConfigErrors(errors).includes(`"${wrong}"`));
  }
  for (const mode of ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"])
    assert.ok(accepted({ RECIPIENTS_DATABASE_URL: `${url}?sslmode=${mode}` }).routes.database);
  for (const mode of ["allow", "verify_full", ""]) {
    const [error] = refused({ RECIPIENTS_DATABASE_URL: `${url}?sslmode=${mode}` });
    assert.match(error?.problem ?? "", /^its sslmode is none of disable, /);
  }
  const socket = "postgres:///alerts?host=/var/run/postgresql&user=alerts";
  assert.equal(accepted({ RECIPIENTS_DATABASE_URL: socket }).routes.database?.url, socket);
  assert.deepEqual(refusedVariables({ RECIPIENTS_DATABASE_URL: "postgres:///alerts" }), ["RECIPIENTS_DATABASE_URL"]);
  assert.deepEqual(refusedVariables({ RECIPIENTS_QUERY: "SELECT 1" }), ["RECIPIENTS_DATABASE_URL"]);
  for (const query of ["-- who\nSELECT 1", "/* who\n */ with a AS (SELECT 1) SELECT 2", "(SELECT 1) UNION (SELECT 2)"])
    assert.equal(accepted({ RECIPIENTS_QUERY: query, RECIPIENTS_DATABASE_URL: url }).routes.database?.query, query);
  for (const query of ["-- SELECT 1", "/* SELECT */ DELETE FROM x", "SELECTED"])
    assert.deepEqual(refusedVariables({ RECIPIENTS_QUERY: query, RECIPIENTS_DATABASE_URL: url }), ["RECIPIENTS_QUERY"]);
  assert.deepEqual(refusedVariables({ RECIPIENTS_QUERY: "DROP TABLE x", RECIPIENTS_DATABASE_URL: url }), [
    "RECIPIENTS_QUERY",
  ]);
});

test("what stands in a mail's header is checked at the start", () => {
  assert.deepEqual(
    refusedVariables({
      MAIL_LIST_ID: "<alerts.example.com>",
      MAIL_UNSUBSCRIBE_URL: "https://example.com/a b",
      MAIL_ENVELOPE_FROM: "Bounces <bounces@example.com>",
    }),
    ["MAIL_ENVELOPE_FROM", "MAIL_LIST_ID", "MAIL_UNSUBSCRIBE_URL"],
  );
});

test("who listens to others and does not say who may look is warned", () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.7"]) {
    assert.match(warningsOf({ HTTP_HOST: host }).join(), /^HTTP_HOST lets other machines look/);
    assert.deepEqual(warningsOf({ HTTP_HOST: host, HTTP_ALLOWED_HOSTS: "alerts.example.com" }), []);
    assert.deepEqual(warningsOf({ HTTP_HOST: host, HTTP_WEB_CONFIG_FILE: "/etc/web.yaml" }), []);
  }
  assert.deepEqual(warningsOf({ HTTP_HOST: "::1" }), []);
});

test("names of the host are read as a list, and a port in one is an error; so is one port for two listeners", () => {
  assert.deepEqual(accepted({ HTTP_ALLOWED_HOSTS: "a.example.com, B.example.com ,," }).http.allowedHosts, [
    "a.example.com",
    "B.example.com",
  ]);
  for (const env of [{ HTTP_ALLOWED_HOSTS: "a.example.com:9464" }, { HTTP_PORT: "9465", HTTP_PROBE_PORT: "9465" }])
    assert.equal(parseConfig({ ...REQUIRED, ...env }, noFile, KNOWN).ok, false, JSON.stringify(env));
  assert.equal(accepted({ HTTP_PORT: "0", HTTP_PROBE_PORT: "0" }).http.probePort, 0);
});

test("a recipients database on another machine without TLS is warned of, as a mail server is", () => {
  const warned = (url: string) => warningsOf({ RECIPIENTS_DATABASE_URL: url }).length === 1;
  for (const url of ["postgres://a:b@db.example.com/x", "postgres://a:b@192.0.2.7/x?sslmode=disable"])
    assert.equal(warned(url), true, url);
  for (const url of [
    "postgres://a:b@db.example.com/x?sslmode=verify-full",
    "postgres://a:b@db.example.com/x?ssl=true",
    "postgres://a:b@127.0.0.1/x",
    "postgres://a:b@[::1]/x",
    "postgres:///x?host=/var/run/postgresql",
  ])
    assert.equal(warned(url), false, url);
});

test("a recipient gets at most 100 mails of one window, unless another limit is set, or none", () => {
  assert.equal(accepted({}).digest.recipientMaxMails, 100);
  assert.equal(accepted({ RECIPIENT_MAX_MAILS: "7" }).digest.recipientMaxMails, 7);
  assert.equal(accepted({ RECIPIENT_MAX_MAILS: "0" }).digest.recipientMaxMails, undefined);
});

test("REPEAT_INTERVALS is a list of durations that do not shrink, or off", () => {
  assert.deepEqual(
    accepted({ REPEAT_INTERVALS: "5m, 15m,15m,1h" }).digest.repeatIntervalsMs,
    [300_000, 900_000, 900_000, 3_600_000],
  );
  assert.deepEqual(accepted({ REPEAT_INTERVALS: "2s" }).digest.repeatIntervalsMs, [2_000]);
  for (const off of ["off", "OFF", " "])
    assert.equal(accepted({ REPEAT_INTERVALS: off }).digest.repeatIntervalsMs, undefined);
  const problem = (REPEAT_INTERVALS: string, more = {}): string => {
    const [error, ...others] = refused({ REPEAT_INTERVALS, ...more });
    assert.deepEqual([error?.variable, others], ["REPEAT_INTERVALS", []], REPEAT_INTERVALS);
    return error?.problem ?? "";
  };
  assert.match(problem("5m,1m,1h"), /^entry 2: "1m" is shorter than 5m before it$/);
  assert.match(problem("1h,60s"), /^entry 2: "60s" is shorter than 1h before it$/);
  assert.match(problem("5m,,1h"), /entry 2: it is empty/);
  assert.match(problem("5,15"), /entry 1: .*the unit is missing/);
  assert.match(problem("5m,25h"), /entry 2: .*out of bounds/);
  assert.match(problem("0s"), /out of bounds/);
  assert.match(problem("often"), /is not a duration/);
  assert.match(problem(Array.from({ length: 21 }, () => "1m").join()), /it has 21 entries/);
  assert.match(problem("5m", { CATCH_UP: "separate" }), /CATCH_UP=separate/);
});
