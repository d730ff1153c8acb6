/** The configuration after reading: checked, in base units (milliseconds, bytes), files already read. */

export const SASL_MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

export const CATCH_UP_MODES = ["merge", "separate"] as const;
export type CatchUpMode = (typeof CATCH_UP_MODES)[number];

export const SMTP_TLS_MODES = ["require", "opportunistic", "off"] as const;
export type SmtpTlsMode = (typeof SMTP_TLS_MODES)[number];

export const MAIL_LOCALES = ["ko", "en"] as const;
export type MailLocale = (typeof MAIL_LOCALES)[number];

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** See `runtime/recipient-view.ts`. */
export const LOG_RECIPIENTS = ["full", "masked", "none"] as const;
export type LogRecipients = (typeof LOG_RECIPIENTS)[number];

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** PEM texts. `cert` and `key` come together or not at all. */
export interface KafkaSsl {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface Mailbox {
  /** The display name, unquoted and not yet encoded for a header. */
  readonly name: string | undefined;
  /** ASCII `local@domain`: an international domain is in its A-label form (RFC 5890). */
  readonly address: string;
}

export interface Config {
  readonly kafka: {
    /** `host:port`, an IPv6 host in brackets. */
    readonly brokers: readonly string[];
    readonly clientId: string;
    readonly groupId: string;
    readonly alertsTopic: string;
    readonly deadLetterTopic: string;
    /** Undefined: instances do not tell each other of themselves. */
    readonly statusTopic: string | undefined;
    readonly ssl: KafkaSsl | undefined;
    readonly sasl: (Credentials & { readonly mechanism: SaslMechanism }) | undefined;
  };
  readonly window: { readonly sizeMs: number; readonly graceMs: number };
  readonly catchUp: { readonly mode: CatchUpMode; readonly afterMs: number };
  readonly smtp: {
    /** A host name or an address, without brackets. */
    readonly host: string;
    readonly port: number;
    /** TLS from the first byte (`smtps://`); otherwise `tls` says what is asked of STARTTLS. */
    readonly implicitTls: boolean;
    readonly tls: SmtpTlsMode;
    readonly auth: Credentials | undefined;
    readonly connections: number;
    readonly timeoutMs: number;
    readonly retryInitialMs: number;
    readonly retryMaxMs: number;
    readonly retryBudgetMs: number;
  };
  readonly mail: {
    readonly from: Mailbox;
    /** Addresses without repeats; empty when `MAIL_TO` is not set. */
    readonly to: readonly string[];
    readonly locale: MailLocale;
    /** An IANA name that `Intl` knows. */
    readonly timezone: string;
    readonly maxAlerts: number;
  };
  readonly buffer: { readonly maxAlerts: number; readonly maxBytes: number };
  readonly http: { readonly host: string /** 0: any free port. */; readonly port: number };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat; readonly recipients: LogRecipients };
  readonly shutdownTimeoutMs: number;
  readonly watchdogTimeoutMs: number;
}
