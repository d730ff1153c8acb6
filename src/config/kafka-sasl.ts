import { isLoopback } from "./addresses.js";
import type { EnvReader } from "./reader.js";
import { type KafkaOAuth, type KafkaSasl, SASL_MECHANISMS } from "./shape.js";
import { name, oneOf, parsed, secret, type ValueParser, wrong } from "./values.js";

export const readSasl = (reader: EnvReader, warnings: string[]): KafkaSasl | undefined => {
  const mechanism = reader.optional("KAFKA_SASL_MECHANISM", oneOf(SASL_MECHANISMS, "scram-sha-512"));
  const username = reader.optional("KAFKA_SASL_USERNAME", name(1024, "alert-digest"));
  const password = reader.secret("KAFKA_SASL_PASSWORD", secret("secret"));
  const hasMechanism = reader.text("KAFKA_SASL_MECHANISM") !== undefined;
  const hasUsername = reader.text("KAFKA_SASL_USERNAME") !== undefined;
  const hasPassword = reader.hasSecret("KAFKA_SASL_PASSWORD");
  const given = OAUTH_VARIABLES.filter((variable) => isGiven(reader, variable));
  if (mechanism === "oauthbearer") {
    for (const [has, variable] of [
      [hasUsername, "KAFKA_SASL_USERNAME"],
      [hasPassword, "KAFKA_SASL_PASSWORD"],
    ] as const)
      if (has) reader.fail(variable, "oauthbearer has no user and no password", { ...OAUTH, example: "" });
    const oauth = readOAuth(reader, warnings);
    return oauth && { mechanism, oauth };
  }
  // A mechanism that is set and wrong has its own line.
  if (given[0] !== undefined && (mechanism !== undefined || !hasMechanism))
    reader.fail(given[0], "it is for KAFKA_SASL_MECHANISM=oauthbearer only", { ...OAUTH, example: "" });
  const all = "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD together, or none of them";
  if (!hasMechanism && (hasUsername || hasPassword)) {
    reader.fail("KAFKA_SASL_MECHANISM", "it is not set, but a user or a password is", {
      expected: all,
      example: "scram-sha-512",
    });
  }
  if (hasMechanism && !hasUsername)
    reader.fail("KAFKA_SASL_USERNAME", "it is not set", { expected: all, example: "alert-digest" });
  if (hasMechanism && !hasPassword)
    reader.fail("KAFKA_SASL_PASSWORD", "it is not set", { expected: all, example: "secret" });
  return mechanism && username && password ? { mechanism, username, password } : undefined;
};

const OAUTH_VARIABLES = [
  "KAFKA_OAUTH_TOKEN_FILE",
  "KAFKA_OAUTH_TOKEN_URL",
  "KAFKA_OAUTH_CLIENT_ID",
  "KAFKA_OAUTH_CLIENT_SECRET",
  "KAFKA_OAUTH_SCOPE",
];
const OAUTH = {
  expected:
    "with KAFKA_SASL_MECHANISM=oauthbearer either KAFKA_OAUTH_TOKEN_FILE, or KAFKA_OAUTH_TOKEN_URL with KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET",
};

const isGiven = (reader: EnvReader, variable: string): boolean =>
  variable === "KAFKA_OAUTH_CLIENT_SECRET" ? reader.hasSecret(variable) : reader.text(variable) !== undefined;

const readOAuth = (reader: EnvReader, warnings: string[]): KafkaOAuth | undefined => {
  const tokenFile = reader.tokenFile("KAFKA_OAUTH_TOKEN_FILE");
  const url = reader.optional("KAFKA_OAUTH_TOKEN_URL", tokenUrl);
  const clientId = reader.optional("KAFKA_OAUTH_CLIENT_ID", name(1024, "alert-digest"));
  const clientSecret = reader.secret("KAFKA_OAUTH_CLIENT_SECRET", secret("secret"));
  const scope = reader.optional("KAFKA_OAUTH_SCOPE", name(1024, "kafka"));
  const hasFile = reader.text("KAFKA_OAUTH_TOKEN_FILE") !== undefined;
  const others = OAUTH_VARIABLES.slice(1).filter((variable) => isGiven(reader, variable));
  const file = "/run/secrets/kafka-token";
  if (hasFile) {
    const [also] = others;
    if (also !== undefined) reader.fail(also, "KAFKA_OAUTH_TOKEN_FILE is set as well", { ...OAUTH, example: "" });
    return tokenFile === undefined ? undefined : { kind: "file", path: tokenFile };
  }
  if (others.length === 0) {
    reader.fail("KAFKA_OAUTH_TOKEN_FILE", "nothing says where the token comes from", { ...OAUTH, example: file });
    return undefined;
  }
  for (const [variable, example] of [
    ["KAFKA_OAUTH_TOKEN_URL", tokenUrl.example],
    ["KAFKA_OAUTH_CLIENT_ID", "alert-digest"],
    ["KAFKA_OAUTH_CLIENT_SECRET", "secret"],
  ] as const)
    if (!others.includes(variable)) reader.fail(variable, "it is not set", { ...OAUTH, example });
  if (url?.startsWith("http:") && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, "")))
    warnings.push("KAFKA_OAUTH_TOKEN_URL is http://: the client's secret crosses the network readable");
  return url && clientId && clientSecret ? { kind: "client", url, clientId, clientSecret, scope } : undefined;
};

const tokenUrl: ValueParser<string> = {
  expected: "an https:// URL without a user and a password",
  example: "https://login.example.com/oauth2/token",
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return wrong("it is no http or https URL");
    // Not quoted: it may hold a secret.
    if (url.username !== "" || url.password !== "") return wrong("it has a user or a password in it");
    return parsed(url.href);
  },
};
