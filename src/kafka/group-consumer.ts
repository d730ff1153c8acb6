import type { Consumer, Kafka, PartitionAssigner } from "kafkajs";
import { consumerSettings, retryWaits } from "./consumer-settings.js";
import { onOffsetOutOfRange } from "./offset-out-of-range.js";
import { tolerateUntoldStarts } from "./untold-starts.js";

/** The client of a member of the group, with what has to be mended in its cluster, which it gives only to its assigners. */
export const createGroupConsumer = (
  { kafka, groupId, topic, rack, sessionTimeoutMs }: GroupConsumerOptions,
  assigners: readonly PartitionAssigner[],
  listener: {
    /** The log has no record at the position of this partition. */
    readonly outOfRange: (partition: number) => void;
    /** Whether a client that crashed begins anew. */
    readonly mayRestart: () => boolean;
  },
): Consumer =>
  kafka.consumer({
    groupId,
    ...consumerSettings(sessionTimeoutMs),
    ...(rack !== undefined && { rackId: rack }),
    partitionAssigners: assigners.map((create) => (config) => {
      onOffsetOutOfRange(config.cluster, topic, listener.outOfRange);
      tolerateUntoldStarts(config.cluster);
      return create(config);
    }),
    // The default here overrides the client's. Asked to stop during a join, it would come back to life (#1462, #1571).
    retry: { ...retryWaits(sessionTimeoutMs), retries: 8, restartOnFailure: async () => listener.mayRestart() },
  });

export interface GroupConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  /** What the other members know it by. */
  readonly instance?: string | undefined;
  /** `KAFKA_SESSION_TIMEOUT`. */
  readonly sessionTimeoutMs: number;
  /** Brokers let a consumer read from a replica in its own rack (KIP-392). Undefined: from the leaders. */
  readonly rack?: string | undefined;
}
