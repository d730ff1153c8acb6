import { createPrivateKey, type KeyObject } from "node:crypto";

/** RFC 8301 section 3.2: a verifier may take no signature of a shorter key. */
const RSA_BITS_MIN = 1_024;

export const DKIM_KEY = {
  expected: `the path of a readable file with a private key in PEM, without a passphrase: RSA of at least ${RSA_BITS_MIN} bits (better 2048), or Ed25519`,
  example: "/run/secrets/dkim.pem",
};

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
