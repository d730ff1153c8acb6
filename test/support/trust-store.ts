import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

const SYSTEM = "/etc/ssl/certs/ca-certificates.crt";
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const TRUSTED = 2;
const PASSWORD = "changeit";

/** The authorities that this process and this machine trust, as PEM. */
export function trustedAuthorities(): string[] {
  const files = [process.env["NODE_EXTRA_CA_CERTS"], process.env["SSL_CERT_FILE"], SYSTEM];
  const texts = files.map((file) => (file && existsSync(file) ? readFileSync(file, "utf8") : ""));
  return [...rootCertificates, ...texts].flatMap((text) => text.match(CERTIFICATE) ?? []);
}

/** A key store in Java's own form (JKS), such as its `cacerts`: Debian makes that file where Java is installed, not where it is unpacked. */
export function javaTrustStore(pems: readonly string[]): Buffer {
  const certificates = new Map(
    pems.map((pem) => new X509Certificate(pem)).map((certificate) => [certificate.fingerprint256, certificate.raw]),
  );
  const parts = [number(0xfeedfeed), number(2), number(certificates.size)];
  for (const [fingerprint, der] of certificates) {
    const dated = Buffer.alloc(8);
    // Java looks names up in lower case, and finds no other.
    parts.push(number(TRUSTED), name(fingerprint.toLowerCase()), dated, name("X.509"), number(der.length), der);
  }
  const content = Buffer.concat(parts);
  const password = Buffer.from(PASSWORD, "utf16le").swap16();
  const digest = createHash("sha1").update(password).update("Mighty Aphrodite").update(content).digest();
  return Buffer.concat([content, digest]);
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const name = (text: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, "latin1")]);
};
