import type { EachBatchPayload } from "kafkajs";
import type { Logger } from "../runtime/log.js";
import type { CommitAnswer, CommitRequest } from "../runtime/ports.js";
import { rootCause } from "./client.js";

type Commit = EachBatchPayload["commitOffsetsIfNecessary"];

/**
 * Commits through the function that the latest batch of this membership brought. `consumer.commitOffsets` resolves without a commit while stopping or
 * disconnected, and its hidden retry can commit a stale offset under a later generation (tulios/kafkajs#436). The batch's function reports raw errors, takes
 * the generation at the call, and works outside `eachBatch`.
 */
export class OffsetCommits {
  readonly #topic: string;
  readonly #log: Logger;
  readonly #onCoordinatorGone: () => void;
  #commit: Commit | undefined;

  constructor(deps: { topic: string; log: Logger; onCoordinatorGone: () => void }) {
    this.#topic = deps.topic;
    this.#log = deps.log;
    this.#onCoordinatorGone = deps.onCoordinatorGone;
  }

  /** A batch of this membership has come. */
  get possible(): boolean {
    return this.#commit !== undefined;
  }

  use(commit: Commit): void {
    this.#commit = commit;
  }

  /** The membership is gone. */
  forget(): void {
    this.#commit = undefined;
  }

  async commit(requests: readonly CommitRequest[]): Promise<CommitAnswer> {
    if (this.#commit === undefined) return "rejected";
    const partitions = requests.map(({ partition, offset, metadata }) => ({
      partition,
      offset: String(offset),
      metadata,
    }));
    try {
      await this.#commit({ topics: [{ topic: this.#topic, partitions }] });
      return "committed";
    } catch (error) {
      const { type, name } = rootCause(error) as { type?: string; name: string };
      // The coordinator's broker is no longer in the cluster's metadata, and KafkaJS looks for another at a join only: it would beat into the void
      // until the session has ended and someone else has the partitions.
      if (name === "KafkaJSBrokerNotFound") this.#onCoordinatorGone();
      if (type === "OFFSET_METADATA_TOO_LARGE") return "too-large";
      const rejected =
        type === "ILLEGAL_GENERATION" || type === "UNKNOWN_MEMBER_ID" || type === "REBALANCE_IN_PROGRESS";
      this.#log[rejected ? "info" : "warn"](
        { error: (error as Error).message, partitions: partitions.length },
        rejected ? "commit rejected: the group moved on" : "commit failed",
      );
      return rejected ? "rejected" : "failed";
    }
  }
}
