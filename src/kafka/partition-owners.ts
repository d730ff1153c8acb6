import type { Admin } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { kafkajs } from "./kafkajs.js";

/**
 * Asks who owns the topic's partitions while this member has none. With more members than partitions that is as it should be. It is not when nobody
 * owns some of them: the leader of the group, an older version or another program, gave this topic's partitions to nobody.
 */
export class PartitionOwners {
  readonly #admin: Pick<Admin, "describeGroups">;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #isIdle: () => boolean;
  readonly #partitionCount: () => number;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Partitions without an owner; undefined: not known yet. */
  #unowned: readonly number[] | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(deps: {
    admin: Pick<Admin, "describeGroups">;
    topic: string;
    groupId: string;
    /** A member of the group that was given no partitions. */
    isIdle: () => boolean;
    partitionCount: () => number;
    clock: Clock;
    log: Logger;
  }) {
    this.#admin = deps.admin;
    this.#topic = deps.topic;
    this.#groupId = deps.groupId;
    this.#isIdle = deps.isIdle;
    this.#partitionCount = deps.partitionCount;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Why a member without partitions is not ready; undefined: it has some, or others own all of them. */
  get complaint(): string | undefined {
    if (!this.#isIdle()) return undefined;
    if (this.#unowned === undefined) return "it was given no partitions; asking the group who owns them";
    if (this.#unowned.length === 0) return undefined;
    return (
      `it was given no partitions, and nobody in consumer group ${this.#groupId} owns ${this.#unowned.length} of topic ${this.#topic}: ` +
      "another program or an older version leads the group; give it a KAFKA_GROUP_ID of its own"
    );
  }

  start(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    if (!this.#isIdle()) this.#unowned = undefined;
    else await this.#ask();
    if (!this.#closed) this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #ask(): Promise<void> {
    let unowned: readonly number[] | undefined;
    try {
      const { groups } = await this.#admin.describeGroups([this.#groupId]);
      // In between assignments nobody owns anything.
      if (groups[0]?.state !== "Stable") return;
      const owned = new Set(
        groups[0].members.flatMap(({ memberAssignment }) => partitionsIn(memberAssignment, this.#topic)),
      );
      const all = Array.from({ length: this.#partitionCount() }, (_, partition) => partition);
      unowned = all.filter((partition) => !owned.has(partition));
    } catch (error) {
      // Whoever may not ask is as ready as without asking.
      this.#log.debug({ error: (error as Error).message }, "not known who owns the partitions");
      unowned = this.#unowned ?? [];
    }
    const before = this.#unowned ?? [];
    this.#unowned = unowned;
    if (unowned.length > 0 && before.length === 0)
      this.#log.warn(
        { topic: this.#topic, partitions: unowned },
        "nobody in the group owns these partitions, and this member was given none",
      );
    if (unowned.length === 0 && before.length > 0)
      this.#log.info({ topic: this.#topic }, "all partitions have an owner again");
  }
}

const partitionsIn = (assignment: Buffer, topic: string): readonly number[] => {
  try {
    return kafkajs.AssignerProtocol.MemberAssignment.decode(assignment)?.assignment[topic] ?? [];
  } catch {
    return [];
  }
};

const LOOK_EVERY_MS = 1_000;
