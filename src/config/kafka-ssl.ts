import { createSecureContext } from "node:tls";
import { authoritiesProblem } from "./pem.js";
import type { EnvReader } from "./reader.js";
import type { KafkaSsl } from "./shape.js";
import { flag } from "./values.js";

const SSL_FILES = ["KAFKA_SSL_CA_FILE", "KAFKA_SSL_CERT_FILE", "KAFKA_SSL_KEY_FILE"] as const;

/** `KAFKA_SSL` and its files, read and tried: what is wrong with them shows now and not at the first connection. */
export const readSsl = (reader: EnvReader, warnings: string[]): KafkaSsl | undefined => {
  const on = reader.optional("KAFKA_SSL", flag);
  const given = SSL_FILES.filter((variable) => reader.text(variable) !== undefined);
  if (on !== true) {
    // Unset and switched off are different mistakes: the first would send everything readable without anyone having said so.
    if (given.length > 0 && reader.text("KAFKA_SSL") === undefined) {
      reader.fail("KAFKA_SSL", `it is not set, but ${given.join(", ")} is`, flag);
    } else if (given.length > 0 && on === false) {
      warnings.push(`${given.join(", ")} has no effect: KAFKA_SSL is off`);
    }
    return undefined;
  }
  const errorsBefore = reader.errors.length;
  const ca = reader.pemFile("KAFKA_SSL_CA_FILE", "CA certificates");
  const cert = reader.pemFile("KAFKA_SSL_CERT_FILE", "the client certificate");
  const key = reader.pemFile("KAFKA_SSL_KEY_FILE", "the client key");
  const pair = {
    expected: "KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE together",
    example: "/run/secrets/kafka-client.pem",
  };
  const [, certGiven, keyGiven] = SSL_FILES.map((variable) => reader.text(variable) !== undefined);
  if (certGiven && !keyGiven) reader.fail("KAFKA_SSL_KEY_FILE", "the certificate is given without its key", pair);
  if (keyGiven && !certGiven) reader.fail("KAFKA_SSL_CERT_FILE", "the key is given without its certificate", pair);
  if (reader.errors.length === errorsBefore) {
    if (ca !== undefined && !isUsable({ ca })) {
      const expected = "certificates in PEM that OpenSSL can read";
      reader.fail("KAFKA_SSL_CA_FILE", "its content cannot be used", {
        expected,
        example: "/run/secrets/kafka-ca.pem",
      });
    }
    if (cert !== undefined && key !== undefined && !isUsable({ cert, key })) {
      const expected = "PEM that OpenSSL can read; a key without a passphrase that fits the certificate";
      reader.fail("KAFKA_SSL_KEY_FILE", "it cannot be used with the certificate", { expected, example: pair.example });
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
