import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownNameSentences, unknownNames } from "#src/config/unknown-names.js";
import { USUAL_NAMES, usualName } from "#src/config/usual-names.js";
import { VARIABLE_NAMES } from "#src/config/variables.js";

type Env = Record<string, string>;
const sentences = (env: Env): readonly string[] => unknownNameSentences(unknownNames(env, VARIABLE_NAMES));
/** By name, what to use instead. */
const suggestions = (env: Env): Record<string, string> =>
  Object.fromEntries(unknownNames(env, VARIABLE_NAMES).map(({ variable, use }) => [variable, use.join(" ")]));
const suggested = (name: string, value = "s3cret"): string | undefined => suggestions({ [name]: value })[name];

test("names that other programs use for the same thing get ours, however far apart they are spelt", () => {
  const pairs: Env = {
    KAFKA_TOPIC: "KAFKA_ALERTS_TOPIC",
    KAFKA_TOPICS: "KAFKA_ALERTS_TOPIC",
    KAFKA_BROKER: "KAFKA_BROKERS",
    KAFKA_BOOTSTRAP_SERVERS: "KAFKA_BROKERS",
    SPRING_KAFKA_BOOTSTRAP_SERVERS: "KAFKA_BROKERS",
    BOOTSTRAP_SERVERS: "KAFKA_BROKERS",
    KAFKA_HOST: "KAFKA_BROKERS",
    KAFKA_PORT: "KAFKA_BROKERS",
    KAFKA_URL: "KAFKA_BROKERS",
    KAFKA_GROUP: "KAFKA_GROUP_ID",
    KAFKA_CONSUMER_GROUP: "KAFKA_GROUP_ID",
    KAFKA_DLQ_TOPIC: "KAFKA_DEAD_LETTER_TOPIC",
    KAFKA_SECURITY_PROTOCOL: "KAFKA_SSL KAFKA_SASL_MECHANISM",
    KAFKA_SASL_JAAS_CONFIG: "KAFKA_SASL_USERNAME KAFKA_SASL_PASSWORD",
    KAFKA_USERNAME: "KAFKA_SASL_USERNAME",
    KAFKA_PASSWORD: "KAFKA_SASL_PASSWORD",
    KAFKA_PASSWORD_FILE: "KAFKA_SASL_PASSWORD_FILE",
    KAFKA_OAUTH_TOKEN_ENDPOINT: "KAFKA_OAUTH_TOKEN_URL",
    KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: "KAFKA_OAUTH_TOKEN_URL",
    KAFKA_SASL_OAUTHBEARER_CLIENT_ID: "KAFKA_OAUTH_CLIENT_ID",
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: "KAFKA_OAUTH_CLIENT_SECRET",
    KAFKA_OAUTH_CLIENT_SECRETS_FILE: "KAFKA_OAUTH_CLIENT_SECRET_FILE",
    KAFKA_OAUTH_TOKEN: "KAFKA_OAUTH_TOKEN_FILE",
    KAFKA_SSL_TRUSTSTORE_LOCATION: "KAFKA_SSL_CA_FILE",
    SMTP_HOST: "SMTP_URL",
    SMTP_PORT: "SMTP_URL",
    SMTP_USER: "SMTP_URL",
    SMTP_USERNAME: "SMTP_URL",
    SMTP_PASS: "SMTP_URL",
    SMTP_PASSWORD: "SMTP_URL",
    SMTP_PASSWORD_FILE: "SMTP_URL_FILE",
    MAIL_HOST: "SMTP_URL",
    EMAIL_HOST_USER: "SMTP_URL",
    MAILER_DSN: "SMTP_URL",
    SMTP_SECURE: "SMTP_URL",
    SMTP_STARTTLS: "SMTP_TLS",
    SMTP_FROM: "MAIL_FROM",
    EMAIL_FROM: "MAIL_FROM",
    MAIL_FROM_ADDRESS: "MAIL_FROM",
    EMAIL_TO: "MAIL_TO",
    MAIL_RECIPIENTS: "MAIL_TO",
    MAIL_LANGUAGE: "MAIL_LOCALE",
    MAIL_TZ: "MAIL_TIMEZONE",
    METRICS_PORT: "HTTP_PORT",
    LOGGING_LEVEL: "LOG_LEVEL",
    WINDOW_SECONDS: "WINDOW_SIZE",
    kafka_bootstrap_servers: "KAFKA_BROKERS",
  };
  for (const [name, ours] of Object.entries(pairs)) assert.equal(suggested(name), ours, name);
});

test("a general word is told of only while ours is not set", () => {
  const pairs: Env = {
    FROM: "MAIL_FROM",
    TO: "MAIL_TO",
    LOG: "LOG_LEVEL",
    PORT: "HTTP_PORT",
    TOPIC: "KAFKA_ALERTS_TOPIC",
  };
  for (const [name, ours] of Object.entries(pairs)) {
    assert.equal(suggested(name), ours, name);
    assert.deepEqual(suggestions({ [name]: "x", [ours]: "x" }), {}, name);
    assert.deepEqual(suggestions({ [name.toLowerCase()]: "x" }), {}, `${name.toLowerCase()} is nobody's variable`);
    assert.equal(suggestions({ [name]: "x", [ours]: " " })[name], ours, "blank is not set");
  }
});

test("a container's clock in UTC is no wish, another zone is", () => {
  assert.equal(suggested("TZ", "Europe/Berlin"), "MAIL_TIMEZONE");
  for (const utc of ["UTC", "Etc/UTC", "GMT", "", ":/etc/localtime"])
    assert.equal(suggested("TZ", utc), undefined, utc);
  assert.deepEqual(suggestions({ TZ: "Europe/Berlin", MAIL_TIMEZONE: "Europe/Berlin" }), {});
});

test("what Kubernetes and Docker put beside a service of our name is not for us", () => {
  assert.deepEqual(
    suggestions({
      KAFKA_SERVICE_HOST: "10.0.0.7",
      KAFKA_SERVICE_PORT: "9092",
      KAFKA_SERVICE_PORT_CLIENT: "9092",
      KAFKA_PORT: "tcp://10.0.0.7:9092",
      KAFKA_PORT_9092_TCP: "tcp://10.0.0.7:9092",
      KAFKA_PORT_9092_TCP_PROTO: "tcp",
      KAFKA_PORT_9092_TCP_PORT: "9092",
      KAFKA_PORT_9092_TCP_ADDR: "10.0.0.7",
      SMTP_PORT: "tcp://10.0.0.8:587",
      SMTP_SERVICE_HOST: "10.0.0.8",
      MAIL_RELAY_SERVICE_PORT: "25",
      KAFKA_NAME: "/alert-digest/kafka",
      KAFKA_ENV_LANG: "C.UTF-8",
    }),
    {},
  );
});

test("settings of a broker in an env file that it shares with us are not for us", () => {
  assert.deepEqual(
    suggestions({
      KAFKA_ADVERTISED_LISTENERS: "PLAINTEXT://kafka:9092",
      KAFKA_LISTENERS: "PLAINTEXT://:9092",
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "PLAINTEXT:PLAINTEXT",
      KAFKA_INTER_BROKER_LISTENER_NAME: "PLAINTEXT",
      KAFKA_BROKER_ID: "1",
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@kafka:9093",
      KAFKA_ZOOKEEPER_CONNECT: "zookeeper:2181",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
      KAFKA_CFG_NODE_ID: "0",
      KAFKA_HEAP_OPTS: "-Xmx1g",
      KAFKA_OPTS: "-Dx",
      KAFKA_JMX_PORT: "9999",
      KAFKA_LOG_DIRS: "/var/lib/kafka",
      KAFKA_HOME: "/opt/kafka",
      KAFKA_VERSION: "4.3.1",
      CLUSTER_ID: "x",
      PATH: "/bin",
      MAIL: "/var/mail/root",
      LOGNAME: "root",
      HTTP_PROXY: "http://proxy:3128",
      HOSTNAME: "x",
      USER: "x",
      NODE_OPTIONS: "",
    }),
    {},
  );
});

test("names that mean the same come in one sentence, with the form of the value", () => {
  assert.deepEqual(sentences({ SMTP_HOST: "mail", SMTP_PORT: "587", KAFKA_TOPIC: "x", SMTP_PASSWORD: "s3cret" }), [
    "SMTP_HOST, SMTP_PORT and SMTP_PASSWORD are not variables of alert-digest and have no effect; " +
      "use SMTP_URL (smtp://user:password@host:587 holds host, port and login)",
    "KAFKA_TOPIC is not a variable of alert-digest and has no effect; use KAFKA_ALERTS_TOPIC",
  ]);
});

test("where nothing of ours is near, none is suggested", () => {
  assert.deepEqual(sentences({ MAIL_ARCHIVE_BUCKET_REGION: "x", WINDOW_SIZ: "30s" }), [
    "MAIL_ARCHIVE_BUCKET_REGION is not a variable of alert-digest and has no effect; --help lists all names",
    "WINDOW_SIZ is not a variable of alert-digest and has no effect; use WINDOW_SIZE",
  ]);
});

test("a name that begins as one of ours does is noticed, whichever of ours that is", () => {
  for (const name of VARIABLE_NAMES)
    assert.equal(sentences({ [`${name.slice(0, name.indexOf("_"))}_FLAVOUR_OF_THE_DAY`]: "x" }).length, 1, name);
  assert.deepEqual(sentences({ FLAVOUR: "x", FLAVOUR_OF_THE_DAY: "x" }), []);
});

test("no usual name is one of ours, and none stands for two things", () => {
  assert.deepEqual(
    USUAL_NAMES.filter((name) => VARIABLE_NAMES.includes(name)),
    [],
  );
  for (const name of USUAL_NAMES) assert.match(name, /^[A-Z][A-Z0-9_]*$/);
  assert.ok(USUAL_NAMES.length > 250);
  assert.equal(usualName("KAFKA_ALERTS_TOPIC"), undefined);
});
