import type { Cluster } from "kafkajs";
import { changeOfClass } from "./changed-library.js";

interface Coordinator {
  readonly connectionPool: { readonly pool: readonly { isConnected(): boolean }[] };
}
/** KafkaJS's account of a membership. */
interface ConsumerGroup {
  readonly cluster: Cluster;
  readonly coordinator: Coordinator | null;
  /** Does nothing when less than `interval` ms have passed since the last one; two at once are one. Rejects with the group's answer. */
  heartbeat(options: { interval: number }): Promise<void>;
}
interface JoiningGroup extends ConsumerGroup {
  joinAndSync(): Promise<void>;
}

/**
 * KafkaJS sends heartbeats between two fetches only, although they have a connection of their own: a fetch that takes long (a slow line, a broker
 * that does not answer, batches that are slow to unpack) would end the membership. This sends one for it, as the member and generation that KafkaJS
 * has now. What the group answers other than yes is left to KafkaJS, whose next heartbeat gets the same answer and joins again.
 */
export class OwnHeartbeats {
  #cluster: Cluster | undefined;

  constructor() {
    rememberGroups();
  }

  /** The consumer's. */
  watch(cluster: Cluster): void {
    this.#cluster = cluster;
  }

  /** Unless one was acknowledged within `intervalMs`. Never rejects. */
  async beat(intervalMs: number): Promise<void> {
    const group = this.#cluster && groups.get(this.#cluster);
    // Connecting is left to KafkaJS: two that connect one connection at once get two sockets.
    if (group?.coordinator?.connectionPool.pool[HEARTBEAT_CONNECTION]?.isConnected() !== true) return;
    await group.heartbeat({ interval: intervalMs }).catch(() => undefined);
  }
}

/** KafkaJS gives its account to nobody. The loaded library is changed, once. */
const rememberGroups = changeOfClass<JoiningGroup>("consumer/consumerGroup.js", (prototype) => {
  const { joinAndSync } = prototype;
  prototype.joinAndSync = function (this: JoiningGroup) {
    groups.set(this.cluster, this);
    return joinAndSync.call(this);
  };
});

const HEARTBEAT_CONNECTION = 0;
const groups = new WeakMap<Cluster, ConsumerGroup>();
