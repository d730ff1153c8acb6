/** `KAFKA_SSL*`. */

import { createSecureContext } from "node:tls";
import { authoritiesProblem } from "./pem.js";
import type { EnvReader } from "./reader.js";
import type { KafkaSsl } from "./shape.js";
import { flag } from "./values.js";
import { pemFile, variables, withDefault } from "./variable.js";

export const SSL = variables({
  KAFKA_SSL: withDefault(flag, { says: "TLS to the brokers", default: "false", example: "true" }),
  KAFKA_SSL_CA_FILE: pemFile("CA certificates in PEM", {
    says: "PEM file with the authorities to trust",
    unset: "those that Node trusts",
    example: "/run/secrets/kafka-ca.pem",
  }),
  KAFKA_SSL_CERT_FILE: pemFile("the client certificate in PEM", {
    says: "PEM file with the certificate of this client",
    more: "For brokers that ask their clients for one. It comes together with `KAFKA_SSL_KEY_FILE`.",
    unset: "off",
    example: "/run/secrets/kafka-client.pem",
  }),
  KAFKA_SSL_KEY_FILE: pemFile("the client key in PEM", {
    says: "PEM file with the key of that certificate, without a passphrase",
    unset: "off",
    example: "/run/secrets/kafka-client-key.pem",
  }),
});

/** `KAFKA_SSL` and its files, read and tried: what is wrong with them shows now and not at the first connection. */
export const readSsl = (reader: EnvReader, warnings: string[]): KafkaSsl | undefined => {
  const { KAFKA_SSL, KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE } = SSL;
  const on = reader.given(KAFKA_SSL);
  const given = [KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE].filter((file) => reader.isSet(file));
  if (on !== true) {
    const names = given.map(({ name }) => name).join(", ");
    // Unset and switched off are different mistakes: the first would send everything readable without anyone having said so.
    if (given.length > 0 && !reader.isSet(KAFKA_SSL)) reader.fail(KAFKA_SSL, `it is not set, but ${names} is`);
    else if (given.length > 0 && on === false) warnings.push(`${names} has no effect: KAFKA_SSL is off`);
    return undefined;
  }
  const errorsBefore = reader.errors.length;
  const ca = reader.read(KAFKA_SSL_CA_FILE);
  const cert = reader.read(KAFKA_SSL_CERT_FILE);
  const key = reader.read(KAFKA_SSL_KEY_FILE);
  const pair = { expected: "KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE together" };
  const [certGiven, keyGiven] = [reader.isSet(KAFKA_SSL_CERT_FILE), reader.isSet(KAFKA_SSL_KEY_FILE)];
  if (certGiven && !keyGiven) reader.fail(KAFKA_SSL_KEY_FILE, "the certificate is given without its key", pair);
  if (keyGiven && !certGiven) reader.fail(KAFKA_SSL_CERT_FILE, "the key is given without its certificate", pair);
  if (reader.errors.length === errorsBefore) {
    if (ca !== undefined && !isUsable({ ca })) {
      const expected = "certificates in PEM that OpenSSL can read";
      reader.fail(KAFKA_SSL_CA_FILE, "its content cannot be used", { expected });
    }
    if (cert !== undefined && key !== undefined && !isUsable({ cert, key })) {
      const expected = "PEM that OpenSSL can read; a key without a passphrase that fits the certificate";
      reader.fail(KAFKA_SSL_KEY_FILE, "it cannot be used with the certificate", { expected });
    }
  }
  return { ca, cert, key };
};

/** Broken PEM, an encrypted key, a key of another certificate. */
const isUsable = (pem: { readonly ca?: string; readonly cert?: string; readonly key?: string }): boolean => {
  try {
    createSecureContext(pem);
    return pem.ca === undefined || authoritiesProblem(pem.ca) === undefined;
  } catch {
    return false;
  }
};
