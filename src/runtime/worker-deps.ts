import type { Severity } from "../core/alert.js";
import type { PartitionOptions } from "../core/partition.js";
import type { Clock } from "./clock.js";
import type { CheckpointRoom } from "./commit-metadata.js";
import type { DeadLetterQueue } from "./dead-letter-queue.js";
import type { Delivery } from "./delivery.js";
import type { AlertCodec, Metrics, Muted, MutedLog, Mutes } from "./ports.js";
import type { OnUnread } from "./unread-fields.js";

/** What each partition's worker is made of. */
export interface WorkerDeps {
  readonly topic: string;
  readonly options: PartitionOptions;
  /** `URGENT_SEVERITY`; absent: no alert is urgent. */
  readonly urgentSeverity?: Severity | undefined;
  readonly codec: AlertCodec;
  /** Which alerts nobody is mailed of; absent: none. */
  readonly mutes?: Mutes | undefined;
  /** Where those are put on record; absent: nowhere. */
  readonly mutedLog?: MutedLog | undefined;
  /** Told of each of them; absent: nobody is. */
  readonly onMuted?: ((muted: Muted) => void) | undefined;
  /** Told of each alert with a field that could not be read; absent: nobody is. */
  readonly onUnread?: OnUnread | undefined;
  readonly delivery: Delivery;
  readonly deadLetters: DeadLetterQueue;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly room: CheckpointRoom;
  /** Mails in flight, and accepted but not confirmed by a commit, at most: what a crash can repeat of one partition. */
  readonly maxExposed: number;
  /** `hasLease`: the group has confirmed the membership so recently that nobody else can own the partition. */
  readonly group: { readonly hasLease: boolean };
  /** To be asked once something was settled, or half delivered, or waits for a commit. */
  readonly commits: { commitSoon(): void };
}
