/** The private key that signs mails. */

import { createPrivateKey, type KeyObject } from "node:crypto";

/** RFC 8301 section 3.2: a verifier may take no signature of a shorter key. */
export const RSA_BITS_MIN = 1_024;

/** Why a PEM text is not a key to sign mails with; undefined when it is. Never quotes it. */
export const dkimKeyProblem = (pem: string): string | undefined => {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // PKCS#8 has it in its first line, the older form in its second.
    if (/^(-----BEGIN |Proc-Type:.*)ENCRYPTED/m.test(pem)) return "its key is encrypted with a passphrase";
    if (/-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----/.test(pem) && !/PRIVATE KEY-----/.test(pem)) {
      return "it has a public key or a certificate, not the private key";
    }
    return "it has no private key that can be read";
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return undefined;
  if (type !== "rsa") return `its key is of type ${type}`;
  const bits = details?.modulusLength ?? 0;
  return bits < RSA_BITS_MIN ? `its key has ${bits} bits` : undefined;
};
