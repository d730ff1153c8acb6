/** Without `KAFKA_SESSION_TIMEOUT`. */
export const SESSION_TIMEOUT_MS = 15_000;

const FIXED_SETTINGS = {
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 512 * 1024,
  maxBytes: 4 * 1024 * 1024,
  allowAutoTopicCreation: false,
  // A new partition, or the leader of one that had none, is seen within this.
  metadataMaxAge: 10_000,
} as const;

/**
 * What a member of the group waits for. A shorter session shortens every wait; a longer one gives the member more time and leaves the waits alone:
 * a longer heartbeat or rebalance would only make the others of the group learn later of a change.
 */
export const consumerSettings = (sessionTimeoutMs: number) => ({
  ...FIXED_SETTINGS,
  sessionTimeout: sessionTimeoutMs,
  heartbeatInterval: Math.floor(Math.min(2_500, sessionTimeoutMs / 6)),
  rebalanceTimeout: Math.floor(Math.min(20_000, (sessionTimeoutMs * 4) / 3)),
});

/** Deadlines of the client, each below the session: a member that is alive is never taken for dead because one request hangs. */
export const clientWaits = (sessionTimeoutMs: number) => ({
  connectionTimeout: Math.floor(Math.min(5_000, sessionTimeoutMs / 3)),
  authenticationTimeout: Math.floor(Math.min(10_000, (sessionTimeoutMs * 2) / 3)),
  requestTimeout: Math.floor(Math.min(10_000, (sessionTimeoutMs * 2) / 3)),
});

/** Delays between attempts. */
export const retryWaits = (sessionTimeoutMs: number) => ({
  initialRetryTime: 300,
  maxRetryTime: Math.floor(Math.min(3_000, sessionTimeoutMs / 5)),
});

export const CONSUMER_SETTINGS = consumerSettings(SESSION_TIMEOUT_MS);
