import type { Admin } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { kafkajs } from "./kafkajs.js";
import { instanceIn } from "./sticky-assigner.js";

type Member = Awaited<ReturnType<Admin["describeGroups"]>>["groups"][number]["members"][number];

export interface GroupLookDeps {
  readonly admin: Pick<Admin, "describeGroups">;
  readonly topic: string;
  readonly groupId: string;
  /** A member of the group that was given no partitions. */
  readonly isIdle: () => boolean;
  /** Other instances tell of themselves. */
  readonly hasPeers: () => boolean;
  readonly partitionCount: () => number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Asks the group two things, with one question. Which instances are its members, while others tell of themselves. And who owns the topic's partitions,
 * while this member has none: with more members than partitions that is as it should be. It is not when nobody owns some of them: the leader of the
 * group, an older version or another program, gave this topic's partitions to nobody.
 */
export class GroupLook {
  readonly #deps: GroupLookDeps;
  /** Partitions without an owner; undefined: not known yet, or this member has some. */
  #unowned: readonly number[] | undefined;
  #instances: ReadonlySet<string> | undefined;
  /** `clock.elapsed()`. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(deps: GroupLookDeps) {
    this.#deps = deps;
  }

  /** The members, by the names that they give themselves when they join. Undefined: not known. */
  get instances(): ReadonlySet<string> | undefined {
    return this.#instances;
  }

  /** Why a member without partitions is not ready; undefined: it has some, or others own all of them. */
  get complaint(): string | undefined {
    const { isIdle, groupId, topic } = this.#deps;
    if (!isIdle()) return undefined;
    if (this.#unowned === undefined) return "it was given no partitions; asking the group who owns them";
    if (this.#unowned.length === 0) return undefined;
    return (
      `it was given no partitions, and nobody in consumer group ${groupId} owns ${this.#unowned.length} of topic ${topic}: ` +
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
    const { isIdle, hasPeers, clock } = this.#deps;
    const asks = { unowned: isIdle(), instances: hasPeers() };
    if (!asks.unowned) this.#unowned = undefined;
    if (!asks.instances) this.#instances = undefined;
    if (!asks.unowned && !asks.instances) this.#askedAt = Number.NEGATIVE_INFINITY;
    // Who is not ready wants to know soon.
    else if (asks.unowned || clock.elapsed() - this.#askedAt >= MEMBERS_EVERY_MS) await this.#ask(asks);
    if (!this.#closed) this.#cancel = clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #ask(asks: { readonly unowned: boolean; readonly instances: boolean }): Promise<void> {
    const { admin, groupId, clock, log } = this.#deps;
    this.#askedAt = clock.elapsed();
    try {
      const { groups } = await admin.describeGroups([groupId]);
      // While members join, brokers tell nothing of what they say of themselves, and nobody owns anything.
      if (groups[0]?.state !== "Stable") return;
      const { members } = groups[0];
      if (asks.instances)
        this.#instances = new Set(members.map(({ memberMetadata }) => instanceIn(memberMetadata) ?? ""));
      if (asks.unowned) this.#tellOf(this.#unownedIn(members));
    } catch (error) {
      log.debug({ error: (error as Error).message }, "not known who is in the group");
      this.#instances = undefined;
      // Whoever may not ask is as ready as without asking.
      if (asks.unowned) this.#tellOf(this.#unowned ?? []);
    }
  }

  #unownedIn(members: readonly Member[]): readonly number[] {
    const { topic, partitionCount } = this.#deps;
    const owned = new Set(members.flatMap(({ memberAssignment }) => partitionsIn(memberAssignment, topic)));
    return Array.from({ length: partitionCount() }, (_, partition) => partition).filter((one) => !owned.has(one));
  }

  #tellOf(unowned: readonly number[]): void {
    const { topic, log } = this.#deps;
    const before = this.#unowned ?? [];
    this.#unowned = unowned;
    if (unowned.length > 0 && before.length === 0)
      log.warn(
        { topic, partitions: unowned },
        "nobody in the group owns these partitions, and this member was given none",
      );
    if (unowned.length === 0 && before.length > 0) log.info({ topic }, "all partitions have an owner again");
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
const MEMBERS_EVERY_MS = 5_000;
