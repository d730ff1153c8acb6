/** The configuration after reading: checked, in base units (milliseconds, bytes), files already read. */

import type { Hiding, Mailbox, MailLink, TemplateFile } from "../runtime/ports.js";

export const SASL_MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** `KAFKA_START`. `spanMs`: with the records of the last so many milliseconds. */
export type KafkaStart = { readonly kind: "earliest" | "latest" } | { readonly kind: "span"; readonly spanMs: number };

/** `apicurio`: its own API, version 3. */
export const SCHEMA_REGISTRY_APIS = ["confluent", "apicurio"] as const;
export type SchemaRegistryApi = (typeof SCHEMA_REGISTRY_APIS)[number];

export const CATCH_UP_MODES = ["merge", "separate"] as const;
export type CatchUpMode = (typeof CATCH_UP_MODES)[number];

export const SMTP_TLS_MODES = ["require", "opportunistic", "off"] as const;
export type SmtpTlsMode = (typeof SMTP_TLS_MODES)[number];

/** What a digest is about: a device, or everything a recipient is to be told of a window. */
export const DIGEST_BY = ["device", "recipient"] as const;
export type DigestBy = (typeof DIGEST_BY)[number];

/**
 * `counted`: as the contract has it, with the number of alerts; `constant`: without, for mail clients that thread by subject; `severity`: how bad it is, and the
 * number.
 */
export const MAIL_SUBJECTS = ["counted", "constant", "severity"] as const;
export type MailSubject = (typeof MAIL_SUBJECTS)[number];

export const MAIL_CSV_MODES = ["folded", "always", "never"] as const;
export type MailCsvMode = (typeof MAIL_CSV_MODES)[number];

export const URGENT_SEVERITIES = ["off", "info", "warning", "critical"] as const;
export type UrgentSeverity = (typeof URGENT_SEVERITIES)[number];

/** What a record's key is. `any`: nothing that matters, but for a record that does not name its device. */
export const KEY_RULES = ["device", "any"] as const;
export type KeyRule = (typeof KEY_RULES)[number];

/** How alerts are read, whatever they are wrapped in. */
export interface RecordRules {
  readonly key: KeyRule;
  /** The producers' words, trimmed, in NFC and in lower case. */
  readonly severities: ReadonlyMap<string, Exclude<UrgentSeverity, "off">>;
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** See `runtime/recipient-view.ts`. */
export const LOG_RECIPIENTS = ["full", "masked", "none"] as const;
export type LogRecipients = (typeof LOG_RECIPIENTS)[number];

export const RECORD_ENVELOPES = ["none", "connect", "debezium", "cloudevents"] as const;
export type RecordEnvelope = Exclude<(typeof RECORD_ENVELOPES)[number], "none">;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where the access token of a login comes from: a file that something else renews, or client credentials (RFC 6749 section 4.4). */
export type KafkaOAuth =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "client";
      readonly url: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string | undefined;
    };

export type KafkaSasl =
  | (Credentials & { readonly mechanism: Exclude<SaslMechanism, "oauthbearer"> })
  | { readonly mechanism: "oauthbearer"; readonly oauth: KafkaOAuth };

/** PEM texts. `cert` and `key` come together or not at all. */
export interface KafkaSsl {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Whoever can run templates tells what is wrong with them; `line` is 0 where nobody knows. */
export type CheckTemplates = (
  mail: Pick<Config["mail"], "templates" | "locale" | "timezone" | "maxBytes">,
) => readonly {
  readonly part: keyof Config["mail"]["templates"];
  readonly path: string;
  readonly line: number;
  /** One line. */
  readonly reason: string;
}[];

export interface Dkim {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

export interface RecipientsDatabase {
  /** `postgres://…`; a secret. */
  readonly url: string;
  /** Undefined: that of the table the product ships. */
  readonly query: string | undefined;
  readonly connections: number;
  /** Of one mail. */
  readonly recipientsMax: number;
  readonly cacheTtlMs: number;
  readonly cacheMax: number;
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
    /** Undefined: sent mails are not put on record. */
    readonly sentTopic: string | undefined;
    /** Where partitions without a committed offset begin. */
    readonly startAt: KafkaStart;
    /** Of the group membership. */
    readonly sessionTimeoutMs: number;
    /** Compressed batches may unpack to so much at a time. */
    readonly batchMaxBytes: number;
    /** Where this instance is: brokers let it read from a replica there. Undefined: it reads from the leaders. */
    readonly rack: string | undefined;
    readonly ssl: KafkaSsl | undefined;
    readonly sasl: KafkaSasl | undefined;
  };
  readonly formats: {
    readonly rules: RecordRules;
    /** Undefined: the value is the alert itself. */
    readonly envelope: RecordEnvelope | undefined;
    /** Path of the mapping; read at the start and again when it changes. */
    readonly mappingFile: string | undefined;
  };
  /** Undefined: no record names a schema. */
  readonly schemaRegistry:
    | {
        readonly api: SchemaRegistryApi;
        /** Without a slash at the end; all of them are the same registry. */
        readonly urls: readonly string[];
        readonly login: Credentials | undefined;
        /** PEM of the authorities to trust instead of the usual ones. */
        readonly ca: string | undefined;
        /** Full name, without a point in front; undefined: the records name their message. */
        readonly protobufMessage: string | undefined;
      }
    | undefined;
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
    /** Instead of `auth`: log in with the access token that the file holds at that time (XOAUTH2). */
    readonly oauth2: { readonly username: string; readonly tokenFile: string } | undefined;
    /** PEM of the authorities to trust instead of the usual ones. */
    readonly ca: string | undefined;
    /** What EHLO says; undefined: this host's name or address. */
    readonly helo: string | undefined;
    readonly connections: number;
    readonly mailsPerConnection: number;
    /** Of each step before the end of the message. */
    readonly timeoutMs: number;
    /** Of the reply to the end of the message. */
    readonly replyTimeoutMs: number;
    readonly retryInitialMs: number;
    readonly retryMaxMs: number;
    readonly retryBudgetMs: number;
  };
  readonly mail: {
    readonly from: Mailbox;
    /** Addresses without repeats; empty when `MAIL_TO` is not set. */
    readonly to: readonly string[];
    /** One of the languages that mails are written in. */
    readonly locale: string;
    /** An IANA name that `Intl` knows. */
    readonly timezone: string;
    readonly maxAlerts: number;
    /** A mail that would be longer says less, and says so. */
    readonly maxBytes: number;
    readonly subject: MailSubject;
    readonly csv: MailCsvMode;
    readonly replyTo: Mailbox | undefined;
    /** Where readers find the live page, with a `/` at its end; undefined: mails do not say. */
    readonly publicUrl: string | undefined;
    /** Without a route that says otherwise. */
    readonly links: readonly MailLink[];
    /** Bounces go here (RFC 5321 MAIL FROM); undefined: to the sender. */
    readonly envelopeFrom: string | undefined;
    /** Recipients do not see each other. */
    readonly hideRecipients: Hiding;
    /** In one transaction. */
    readonly maxRecipients: number;
    /** Without angle brackets (RFC 2919); undefined: made from the sender's domain. */
    readonly listId: string | undefined;
    /** RFC 2369. */
    readonly unsubscribeUrl: string | undefined;
    /** With it the identifiers of mails cannot be computed by whoever knows what they are about. */
    readonly idKey: string | undefined;
    readonly dkim: Dkim | undefined;
    readonly templates: {
      readonly subject: TemplateFile | undefined;
      readonly text: TemplateFile | undefined;
      readonly html: TemplateFile | undefined;
    };
  };
  readonly digest: {
    readonly by: DigestBy;
    /** Mails a recipient gets of one window; more are folded into one. Undefined: no limit. */
    readonly recipientMaxMails: number | undefined;
    /** Alerts at least as severe leave at once. Undefined: none does. */
    readonly urgentSeverity: Exclude<UrgentSeverity, "off"> | undefined;
    /** A fault of which nothing was heard for longer is over. */
    readonly firingForgetMs: number;
    /** When a device that tells nothing new is mailed of again; none shorter than the one before. Undefined: with each window. */
    readonly repeatIntervalsMs: readonly number[] | undefined;
  };
  readonly routes: {
    /** Path of the routes; read at the start and again when it changes. */
    readonly file: string | undefined;
    readonly database: RecipientsDatabase | undefined;
  };
  /** The daily report; undefined: none. */
  readonly report:
    | {
        /** Minutes after midnight in `mail.timezone`. */
        readonly atMinute: number;
        readonly to: readonly string[];
      }
    | undefined;
  /** Who is told of dead letters; undefined: nobody. */
  readonly letters: { readonly to: readonly string[]; readonly intervalMs: number } | undefined;
  readonly buffer: { readonly maxAlerts: number; readonly maxBytes: number };
  readonly http: {
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    /** Undefined: probes have no port of their own. */
    readonly probePort: number | undefined;
    /** Names that a request may give it, beside addresses, `localhost` and this host's name. */
    readonly allowedHosts: readonly string[];
    /** Path of what says who may look; read at the start and again when it changes. */
    readonly webConfigFile: string | undefined;
  };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat; readonly recipients: LogRecipients };
  readonly shutdownTimeoutMs: number;
  readonly watchdogTimeoutMs: number;
  /** Every text that no line of the log may contain, longest first. */
  readonly secrets: readonly string[];
  /** What applies, by variable, as the log may show it. */
  readonly settings: Readonly<Record<string, string | number>>;
}
