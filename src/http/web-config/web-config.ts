/** What `HTTP_WEB_CONFIG_FILE` says. */

export const CLIENT_AUTH_TYPES = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

export interface TlsSettings {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Of the authorities that clients' certificates come from; undefined: those that Node trusts. */
  readonly clientCa: string | undefined;
  readonly clientAuth: ClientAuthType;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
}

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** User → bcrypt hash. Empty: nobody is asked who he is. */
  readonly users: ReadonlyMap<string, string>;
  /** Other files that were read for it. */
  readonly files: readonly string[];
}
