/** Certificates in PEM. */

import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?(?:-----END CERTIFICATE-----|$)/gs;

/** Why a PEM text is no list of certificates to trust; undefined when it is one. OpenSSL ignores what it cannot read, and the first handshake would blame the server. */
export const authoritiesProblem = (pem: string): string | undefined => {
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) return "it holds no certificate";
  const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (broken < 0) return undefined;
  return certificates.length === 1
    ? "its certificate cannot be read"
    : `certificate ${broken + 1} of its ${certificates.length} cannot be read`;
};

const isCertificate = (pem: string): boolean => {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
};
