/** `KAFKA_SASL_*` and `KAFKA_OAUTH_*`: the login at the brokers. */

import { httpUrl, isLoopback } from "./addresses.js";
import type { EnvReader } from "./reader.js";
import { formsOf } from "./secrets.js";
import { type KafkaOAuth, type KafkaSasl, SASL_MECHANISMS } from "./shape.js";
import { accessToken, name, oneOf, secretText, type ValueParser } from "./values.js";
import { file, optional, secret, variables } from "./variable.js";

const tokenUrl: ValueParser<string> = { ...httpUrl, expected: "an https:// URL without a user and a password" };

const OAUTH_ONLY = "Only for `oauthbearer`.";

export const SASL = variables({
  KAFKA_SASL_MECHANISM: optional(oneOf(SASL_MECHANISMS), {
    says: "login at the brokers",
    more: "All but `oauthbearer` need a user and a password.",
    unset: "off",
    example: "scram-sha-512",
  }),
  KAFKA_SASL_USERNAME: optional(name(1024), { says: "user of that login", example: "alert-digest" }),
  KAFKA_SASL_PASSWORD: secret(secretText, {
    says: "password of that login",
    example: "secret",
    hides: (password, textOf) => formsOf(password, textOf("KAFKA_SASL_USERNAME")),
  }),
});

/** Either the file, or the others. */
export const OAUTH = variables({
  KAFKA_OAUTH_TOKEN_FILE: file(
    { ...accessToken, parse: (text) => accessToken.parse(text.trim()) },
    {
      says: "file with an access token, read again at each login",
      more: `${OAUTH_ONLY} Something else renews the file. See [OAuth](kafka-access.md#logging-in-with-oauth).`,
      example: "/run/secrets/kafka-token",
      value: (path) => path,
    },
  ),
  KAFKA_OAUTH_TOKEN_URL: optional(tokenUrl, {
    says: "or the endpoint that gives a token for client credentials (RFC 6749 4.4)",
    more: OAUTH_ONLY,
    example: "https://login.example.com/oauth2/token",
  }),
  KAFKA_OAUTH_CLIENT_ID: optional(name(1024), {
    says: "client that asks there for a token",
    more: OAUTH_ONLY,
    example: "alert-digest",
  }),
  KAFKA_OAUTH_CLIENT_SECRET: secret(secretText, {
    says: "secret of that client",
    more: OAUTH_ONLY,
    example: "secret",
    hides: (password, textOf) => formsOf(password, textOf("KAFKA_OAUTH_CLIENT_ID")),
  }),
  KAFKA_OAUTH_SCOPE: optional(name(1024), {
    says: "scope of the token",
    more: OAUTH_ONLY,
    example: "kafka",
  }),
});

export const readSasl = (reader: EnvReader, warnings: string[]): KafkaSasl | undefined => {
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = SASL;
  const mechanism = reader.read(KAFKA_SASL_MECHANISM);
  const username = reader.read(KAFKA_SASL_USERNAME);
  const password = reader.read(KAFKA_SASL_PASSWORD);
  const hasMechanism = reader.isSet(KAFKA_SASL_MECHANISM);
  const hasUsername = reader.isSet(KAFKA_SASL_USERNAME);
  const hasPassword = reader.isSet(KAFKA_SASL_PASSWORD);
  const [given] = Object.values(OAUTH).filter((variable) => reader.isSet(variable));
  if (mechanism === "oauthbearer") {
    for (const variable of [KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD])
      if (reader.isSet(variable)) reader.fail(variable, "oauthbearer has no user and no password", LEAVE_OUT);
    const oauth = readOAuth(reader, warnings);
    return oauth && { mechanism, oauth };
  }
  // A mechanism that is set and wrong has its own line.
  if (given !== undefined && (mechanism !== undefined || !hasMechanism))
    reader.fail(given, "it is for KAFKA_SASL_MECHANISM=oauthbearer only", LEAVE_OUT);
  const all = {
    expected: "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD together, or none of them",
  };
  if (!hasMechanism && (hasUsername || hasPassword))
    reader.fail(KAFKA_SASL_MECHANISM, "it is not set, but a user or a password is", all);
  if (hasMechanism && !hasUsername) reader.fail(KAFKA_SASL_USERNAME, "it is not set", all);
  if (hasMechanism && !hasPassword) reader.fail(KAFKA_SASL_PASSWORD, "it is not set", all);
  return mechanism && username && password ? { mechanism, username, password } : undefined;
};

const COMPLETE = {
  expected:
    "with KAFKA_SASL_MECHANISM=oauthbearer either KAFKA_OAUTH_TOKEN_FILE, or KAFKA_OAUTH_TOKEN_URL with KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET",
};
const LEAVE_OUT = { ...COMPLETE, example: "" };

const readOAuth = (reader: EnvReader, warnings: string[]): KafkaOAuth | undefined => {
  const { KAFKA_OAUTH_TOKEN_FILE, ...ofClient } = OAUTH;
  const { KAFKA_OAUTH_TOKEN_URL, KAFKA_OAUTH_CLIENT_ID, KAFKA_OAUTH_CLIENT_SECRET, KAFKA_OAUTH_SCOPE } = ofClient;
  const tokenFile = reader.read(KAFKA_OAUTH_TOKEN_FILE);
  const url = reader.read(KAFKA_OAUTH_TOKEN_URL);
  const clientId = reader.read(KAFKA_OAUTH_CLIENT_ID);
  const clientSecret = reader.read(KAFKA_OAUTH_CLIENT_SECRET);
  const scope = reader.read(KAFKA_OAUTH_SCOPE);
  const [other] = Object.values(ofClient).filter((variable) => reader.isSet(variable));
  if (reader.isSet(KAFKA_OAUTH_TOKEN_FILE)) {
    if (other !== undefined) reader.fail(other, "KAFKA_OAUTH_TOKEN_FILE is set as well", LEAVE_OUT);
    return tokenFile === undefined ? undefined : { kind: "file", path: tokenFile };
  }
  if (other === undefined) {
    reader.fail(KAFKA_OAUTH_TOKEN_FILE, "nothing says where the token comes from", COMPLETE);
    return undefined;
  }
  for (const variable of [KAFKA_OAUTH_TOKEN_URL, KAFKA_OAUTH_CLIENT_ID, KAFKA_OAUTH_CLIENT_SECRET])
    if (!reader.isSet(variable)) reader.fail(variable, "it is not set", COMPLETE);
  if (url?.startsWith("http:") && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, "")))
    warnings.push("KAFKA_OAUTH_TOKEN_URL is http://: the client's secret crosses the network readable");
  return url && clientId && clientSecret ? { kind: "client", url, clientId, clientSecret, scope } : undefined;
};
