/** `SCHEMA_REGISTRY_*`: where the schemas of Avro, Protobuf and JSON Schema come from. */

import { httpUrl, isLoopback } from "./addresses.js";
import { authoritiesProblem } from "./pem.js";
import type { EnvReader } from "./reader.js";
import { formsOf } from "./secrets.js";
import { type Config, type Credentials, SCHEMA_REGISTRY_APIS } from "./shape.js";
import { listOf, name, oneOf, parsed, secretText, type ValueParser, wrong } from "./values.js";
import { optional, pemFile, secret, variables, withDefault } from "./variable.js";

const EXPECTED_URL = "http:// or https:// URLs without a user and a password, comma separated";

const messageName: ValueParser<string> = {
  expected: "the full name of a message, such as com.example.Alert",
  parse: (text) =>
    /^\.?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text) && text.length <= 512
      ? parsed(text.replace(/^\./, ""))
      : wrong("it is no name of a message"),
};

export const SCHEMA_REGISTRY = variables({
  SCHEMA_REGISTRY_URL: optional(listOf(httpUrl, EXPECTED_URL), {
    says: "schema registry of Avro, Protobuf and JSON Schema records",
    more: "Several URLs, comma separated, are one registry: where one does not answer, the next one is asked. See [Schema registry](schema-registry.md).",
    unset: "off",
    example: "https://registry-1.example.com:8081,https://registry-2.example.com:8081",
  }),
  SCHEMA_REGISTRY_API: withDefault(oneOf(SCHEMA_REGISTRY_APIS), {
    says: "API of the registry",
    more: "`confluent` is also for Karapace, and for Apicurio under `/apis/ccompat/v7`. `apicurio` is Apicurio's own API, version 3.",
    default: "confluent",
    example: "apicurio",
  }),
  SCHEMA_REGISTRY_USERNAME: optional(name(1024), {
    says: "user at the registry",
    unset: "off",
    example: "alert-digest",
  }),
  SCHEMA_REGISTRY_PASSWORD: secret(secretText, {
    says: "password of that user",
    example: "secret",
    hides: (password, textOf) => formsOf(password, textOf("SCHEMA_REGISTRY_USERNAME")),
  }),
  SCHEMA_REGISTRY_CA_FILE: pemFile("CA certificates in PEM", {
    says: "PEM file with the authorities to trust",
    unset: "those that Node trusts",
    example: "/run/secrets/registry-ca.pem",
  }),
  SCHEMA_REGISTRY_PROTOBUF_MESSAGE: optional(messageName, {
    says: "full name of the Protobuf message that an alert is",
    more: "Needed where that message is declared within another one.",
    unset: "the one that a record names",
    example: "com.example.Alert",
  }),
});

export const readSchemaRegistry = (reader: EnvReader, warnings: string[]): Config["schemaRegistry"] => {
  const { SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_API, ...others } = SCHEMA_REGISTRY;
  const urls = reader.read(SCHEMA_REGISTRY_URL);
  const api = reader.read(SCHEMA_REGISTRY_API) ?? "confluent";
  const login = readLogin(reader);
  const ca = reader.read(SCHEMA_REGISTRY.SCHEMA_REGISTRY_CA_FILE);
  const protobufMessage = reader.read(SCHEMA_REGISTRY.SCHEMA_REGISTRY_PROTOBUF_MESSAGE);
  if (ca !== undefined && authoritiesProblem(ca) !== undefined) {
    const expected = "certificates in PEM that OpenSSL can read";
    reader.fail(SCHEMA_REGISTRY.SCHEMA_REGISTRY_CA_FILE, "its content cannot be used", { expected });
  }
  const [given] = Object.values(others).filter((variable) => reader.isSet(variable));
  if (!reader.isSet(SCHEMA_REGISTRY_URL)) {
    if (given !== undefined) reader.fail(SCHEMA_REGISTRY_URL, `it is not set, but ${given.name} is`);
    if (reader.isSet(SCHEMA_REGISTRY_API))
      warnings.push("SCHEMA_REGISTRY_API has no effect without SCHEMA_REGISTRY_URL");
    return undefined;
  }
  if (urls === undefined) return undefined;
  if (login !== undefined && urls.some((url) => url.startsWith("http:") && !isLoopback(hostOf(url))))
    warnings.push("SCHEMA_REGISTRY_URL is http://: the password crosses the network readable");
  return { api, urls: urls.map((url) => baseOf(url, api)), login, ca, protobufMessage };
};

const readLogin = (reader: EnvReader): Credentials | undefined => {
  const { SCHEMA_REGISTRY_USERNAME, SCHEMA_REGISTRY_PASSWORD } = SCHEMA_REGISTRY;
  const username = reader.read(SCHEMA_REGISTRY_USERNAME);
  const password = reader.read(SCHEMA_REGISTRY_PASSWORD);
  const both = { expected: "SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD together, or none of them" };
  const [hasUser, hasPassword] = [reader.isSet(SCHEMA_REGISTRY_USERNAME), reader.isSet(SCHEMA_REGISTRY_PASSWORD)];
  if (hasUser && !hasPassword) reader.fail(SCHEMA_REGISTRY_PASSWORD, "it is not set, but a user is", both);
  if (hasPassword && !hasUser) reader.fail(SCHEMA_REGISTRY_USERNAME, "it is not set, but a password is", both);
  return username !== undefined && password !== undefined ? { username, password } : undefined;
};

/** Without a slash at the end. Apicurio's own API lies under a path that nobody has to know. */
const baseOf = (url: string, api: "confluent" | "apicurio"): string => {
  const base = url.replace(/\/+$/, "");
  return api === "apicurio" && !base.endsWith(APICURIO_PATH) ? `${base}${APICURIO_PATH}` : base;
};

const APICURIO_PATH = "/apis/registry/v3";

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");
