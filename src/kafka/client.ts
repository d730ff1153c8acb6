import type { Kafka, KafkaConfig, LogEntry, SASLOptions } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import { askBrokersInTurn } from "./asked-brokers.js";
import { clientWaits, retryWaits, SESSION_TIMEOUT_MS } from "./consumer-settings.js";
import { decodeFetchesByNumbers } from "./fetch-decoding.js";
import { fetchedMemory } from "./fetched-memory.js";
import { framedSockets } from "./framed-socket.js";
import { kafkajs } from "./kafkajs.js";
import { tolerateLeaderlessPartitions } from "./leaderless-partitions.js";
import { createOAuthLogin, REAUTHENTICATE_BEFORE_MS, spaceOutLogins } from "./oauth-login.js";
import { type ClientCredentials, clientTokens, fileTokens } from "./oauth-tokens.js";
import { endPausedFetches } from "./paused-fetch.js";
import { keepReasonsOfRefusedTopics } from "./topic-creation.js";

export interface KafkaConnection {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** `KAFKA_SESSION_TIMEOUT`; undefined: the usual one. Every wait of the client follows it. */
  readonly sessionTimeoutMs?: number;
  /** `BATCH_MAX_BYTES`; undefined: as it was set last, or the usual one. It holds for the whole process. */
  readonly batchMaxBytes?: number;
  /** PEM texts; undefined: no TLS. */
  readonly ssl:
    | { readonly ca: string | undefined; readonly cert: string | undefined; readonly key: string | undefined }
    | undefined;
  readonly sasl:
    | {
        readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
        readonly username: string;
        readonly password: string;
      }
    | {
        readonly mechanism: "oauthbearer";
        readonly oauth:
          | { readonly kind: "file"; readonly path: string }
          | ({ readonly kind: "client" } & ClientCredentials);
      }
    | undefined;
}

/**
 * A KafkaJS client. One for the consumer and another for everything else: users of one client share an offset map. `retries`: few where
 * somebody waits for the answer.
 */
export const createKafka = (connection: KafkaConnection, log: Logger, { retries = 8 } = {}): Kafka => {
  if (connection.batchMaxBytes !== undefined) fetchedMemory.maxBytes = connection.batchMaxBytes;
  decodeFetchesByNumbers();
  askBrokersInTurn();
  tolerateLeaderlessPartitions();
  endPausedFetches();
  keepReasonsOfRefusedTopics();
  spaceOutLogins();
  const { ssl, sasl, sessionTimeoutMs = SESSION_TIMEOUT_MS } = connection;
  const config: KafkaConfig = {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    ...clientWaits(sessionTimeoutMs),
    retry: { ...retryWaits(sessionTimeoutMs), retries },
    logCreator: () => (entry) => toLog(log, entry),
    ...(ssl === undefined
      ? {}
      : {
          ssl: {
            ...(ssl.ca && { ca: [ssl.ca] }),
            ...(ssl.cert && { cert: ssl.cert }),
            ...(ssl.key && { key: ssl.key }),
          },
        }),
    ...(sasl !== undefined && { sasl: saslOptions(sasl, log) }),
    reauthenticationThreshold: REAUTHENTICATE_BEFORE_MS,
    socketFactory: framedSockets(),
  };
  return new kafkajs.Kafka(config);
};

const saslOptions = (sasl: NonNullable<KafkaConnection["sasl"]>, log: Logger): SASLOptions => {
  if (sasl.mechanism !== "oauthbearer") {
    const { username, password } = sasl;
    return { mechanism: sasl.mechanism as "plain", username, password };
  }
  const { oauth } = sasl;
  const tokens = oauth.kind === "file" ? fileTokens(oauth.path, Date.now) : clientTokens(oauth, Date.now);
  const authenticationProvider = createOAuthLogin(tokens, { log, now: Date.now });
  // KafkaJS's types have a provider only for mechanisms that it does not know itself; it takes one for any.
  return { mechanism: "oauthbearer", authenticationProvider } as unknown as SASLOptions;
};

/** KafkaJS logs routine as error and info; what matters reaches us as events and exceptions, and is logged where it is understood. */
const toLog = (log: Logger, { namespace, label, log: entry }: LogEntry): void => {
  const { timestamp: _, message, logger: __, stack: ___, ...fields } = entry;
  if (label === "ERROR" || label === "WARN") log.debug({ kafkajs: namespace, ...plain(fields) }, String(message));
};

const plain = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );

/** What an error of KafkaJS means to whoever runs this, in one sentence with what to do. */
export const explain = (
  error: unknown,
  connection: Pick<KafkaConnection, "brokers" | "sessionTimeoutMs">,
  names: { topic: string; group: string },
): string => {
  if (!(error as Error).name.startsWith("KafkaJS")) return (error as Error).message;
  const cause = rootCause(error);
  const type = (cause as { type?: string }).type ?? "";
  switch (type) {
    case "TOPIC_AUTHORIZATION_FAILED":
      return `no right to read or describe topic ${names.topic}: grant READ and DESCRIBE on it (${cause.message})`;
    case "GROUP_AUTHORIZATION_FAILED":
      return `no right to use consumer group ${names.group}: grant READ on it (${cause.message})`;
    case "CLUSTER_AUTHORIZATION_FAILED":
      return `no right on the cluster: ${cause.message}`;
    case "INCONSISTENT_GROUP_PROTOCOL":
      return `consumer group ${names.group} has members of another program: stop them or give them another group, or choose another KAFKA_GROUP_ID (${cause.message})`;
    case "INVALID_SESSION_TIMEOUT": {
      const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = connection;
      return (
        `the broker takes no session of ${sessionTimeoutMs / 1000} s for consumer group ${names.group}: set KAFKA_SESSION_TIMEOUT to a value between the ` +
        `broker's group.min.session.timeout.ms and group.max.session.timeout.ms, or widen those (${cause.message})`
      );
    }
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return `topic ${names.topic} does not exist: create it, or correct KAFKA_ALERTS_TOPIC`;
    case "LEADER_NOT_AVAILABLE":
    case "NOT_LEADER_FOR_PARTITION":
    case "REPLICA_NOT_AVAILABLE":
      return `a partition of topic ${names.topic} has no leader just now: look at the brokers, or try again in some seconds (${cause.message})`;
  }
  if (cause.name === "KafkaJSSASLAuthenticationError") {
    return `the broker refused the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (${cause.message})`;
  }
  if (/KafkaJS(Connection|RequestTimeout|BrokerNotFound|NoBrokerAvailable|NumberOfRetriesExceeded)/.test(cause.name)) {
    return `no broker of ${connection.brokers.join(",")} can be used: check KAFKA_BROKERS, the network, and whether KAFKA_SSL and KAFKA_SASL_* fit that listener (${cause.message})`;
  }
  return cause.message;
};

export const rootCause = (error: unknown): Error => {
  let current = error as Error & { cause?: unknown };
  for (let depth = 0; depth < 10 && current.cause instanceof Error; depth++) current = current.cause as typeof current;
  return current;
};
