/** Every variable, once: for the help text and for pointing out names that are not known. */

export interface Variable {
  readonly name: string;
  /** As `--help` shows it; "required" and "" (nothing unless given) are said instead of a value. */
  readonly fallback: string;
  readonly meaning: string;
  /** `NAME_FILE` is read as well. */
  readonly file?: true;
}

export const VARIABLES: readonly Variable[] = [
  { name: "KAFKA_BROKERS", fallback: "required", meaning: "host:port,host:port" },
  { name: "KAFKA_CLIENT_ID", fallback: "alert-digest", meaning: "name in the broker's logs" },
  { name: "KAFKA_GROUP_ID", fallback: "alert-digest", meaning: "consumer group" },
  { name: "KAFKA_ALERTS_TOPIC", fallback: "alerts", meaning: "topic to read" },
  {
    name: "KAFKA_DEAD_LETTER_TOPIC",
    fallback: "alerts.dead-letters",
    meaning: "topic for what cannot be read or delivered",
  },
  { name: "KAFKA_STATUS_TOPIC", fallback: "", meaning: "topic in which instances tell each other how they are" },
  { name: "KAFKA_SSL", fallback: "off", meaning: "true: TLS to the brokers" },
  { name: "KAFKA_SSL_CA_FILE", fallback: "", meaning: "PEM file with the CAs to trust" },
  { name: "KAFKA_SSL_CERT_FILE", fallback: "", meaning: "PEM file with the client certificate" },
  { name: "KAFKA_SSL_KEY_FILE", fallback: "", meaning: "PEM file with its key" },
  { name: "KAFKA_SASL_MECHANISM", fallback: "off", meaning: "plain, scram-sha-256, scram-sha-512" },
  { name: "KAFKA_SASL_USERNAME", fallback: "", meaning: "user for SASL" },
  { name: "KAFKA_SASL_PASSWORD", fallback: "", meaning: "password for SASL", file: true },
  { name: "WINDOW_SIZE", fallback: "30s", meaning: "length of a device's window" },
  { name: "WINDOW_GRACE", fallback: "2s", meaning: "how long after its end a window takes alerts" },
  { name: "CATCH_UP", fallback: "merge", meaning: "merge or separate: mails of windows that waited" },
  { name: "CATCH_UP_AFTER", fallback: "5m", meaning: "how long windows wait before they are merged" },
  { name: "SMTP_URL", fallback: "required", meaning: "smtp://user:pass@host:587 or smtps://…", file: true },
  { name: "SMTP_TLS", fallback: "require", meaning: "require, opportunistic, off (opportunistic for a loopback host)" },
  { name: "SMTP_CONNECTIONS", fallback: "8", meaning: "most connections, so most mails in flight" },
  { name: "SMTP_TIMEOUT", fallback: "60s", meaning: "deadline of one attempt" },
  { name: "SMTP_RETRY_INITIAL", fallback: "1s", meaning: "first delay between attempts" },
  { name: "SMTP_RETRY_MAX", fallback: "60s", meaning: "longest delay between attempts" },
  { name: "SMTP_RETRY_BUDGET", fallback: "15m", meaning: "how long a mail may be refused temporarily" },
  { name: "MAIL_FROM", fallback: "required", meaning: "sender: Name <address> or address" },
  { name: "MAIL_TO", fallback: "", meaning: "recipients, comma separated" },
  { name: "MAIL_LOCALE", fallback: "ko", meaning: "ko or en" },
  { name: "MAIL_TIMEZONE", fallback: "Asia/Seoul", meaning: "time zone of the times in a mail" },
  { name: "MAIL_MAX_ALERTS", fallback: "200", meaning: "alerts listed one by one; the rest is counted" },
  { name: "BUFFER_MAX_ALERTS", fallback: "500000", meaning: "above it reading pauses" },
  { name: "BUFFER_MAX_BYTES", fallback: "256MB", meaning: "above it reading pauses (1 KB = 1024 bytes)" },
  { name: "HTTP_HOST", fallback: "127.0.0.1", meaning: "where metrics, health and status are served" },
  { name: "HTTP_PORT", fallback: "9464", meaning: "0: any free port" },
  { name: "LOG_LEVEL", fallback: "info", meaning: "trace, debug, info, warn, error, fatal, silent" },
  { name: "LOG_FORMAT", fallback: "json", meaning: "json, or pretty: for people, one line each" },
  {
    name: "LOG_RECIPIENTS",
    fallback: "masked",
    meaning: "full, masked (k***@example.com), none: addresses in the log",
  },
  { name: "SHUTDOWN_TIMEOUT", fallback: "25s", meaning: "deadline of a clean stop" },
  { name: "WATCHDOG_TIMEOUT", fallback: "120s", meaning: "how long the Kafka client may hang before a restart" },
];
