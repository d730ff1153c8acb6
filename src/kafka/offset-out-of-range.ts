import type { Cluster } from "kafkajs";
import { changeOfClass } from "./changed-library.js";

interface ConsumerGroup {
  readonly cluster: Cluster;
  readonly preferredReadReplicasPerTopicPartition: Readonly<Record<string, Record<number, unknown> | undefined>>;
}
interface OutOfRange {
  readonly topic: string;
  readonly partition: number;
}
interface ConsumerGroupClass {
  recoverFromOffsetOutOfRange(this: ConsumerGroup, error: OutOfRange): Promise<void>;
}
type Listener = (partition: number) => void;

/**
 * Where a fetch finds nothing at its offset, KafkaJS commits −1 or −2 by itself, without metadata: the position and the checkpoint of the group are gone, and
 * everything that is left in the log is read again (or none of it, tulios/kafkajs#1119). Here the consumers of this cluster object only tell `listener`;
 * it has to pause the partition, or to seek. Changes the loaded library for the topic of those who registered, and
 * for nobody else; calling it again replaces the listener.
 *
 * A follower that lags has nothing there yet; then the leader is asked first. KafkaJS means to, and looks for a number where it has an object.
 */
export const onOffsetOutOfRange = (cluster: Cluster, topic: string, listener: Listener): void => {
  listeners.set(cluster, { topic, listener });
  askListeners();
};

const askListeners = changeOfClass<ConsumerGroupClass>("consumer/consumerGroup.js", (prototype) => {
  const original = prototype.recoverFromOffsetOutOfRange;
  prototype.recoverFromOffsetOutOfRange = async function (error) {
    const replicas = this.preferredReadReplicasPerTopicPartition[error.topic];
    if (replicas?.[error.partition] !== undefined) {
      delete replicas[error.partition];
      return;
    }
    const registered = listeners.get(this.cluster);
    if (registered === undefined || registered.topic !== error.topic) await original.call(this, error);
    else {
      registered.listener(error.partition);
      // The answer comes at once, and so would the next.
      await new Promise((resolve) => setTimeout(resolve, REFUSED_WAIT_MS));
    }
  };
});

const REFUSED_WAIT_MS = 50;
const listeners = new WeakMap<Cluster, { readonly topic: string; readonly listener: Listener }>();
