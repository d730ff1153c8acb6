/** Every wait below the session timeout, so that a member that is alive is never taken for dead. */
export const CONSUMER_SETTINGS = {
  sessionTimeout: 15_000,
  heartbeatInterval: 2_500,
  rebalanceTimeout: 20_000,
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: 512 * 1024,
  maxBytes: 4 * 1024 * 1024,
  allowAutoTopicCreation: false,
  // A new partition, or the leader of one that had none, is seen within this.
  metadataMaxAge: 10_000,
} as const;
