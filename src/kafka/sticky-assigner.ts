import { randomUUID } from "node:crypto";
import kafkajs, { type PartitionAssigner } from "kafkajs";
import { assignSticky, type Claim } from "../core/sticky-assignment.js";

const { AssignerProtocol } = kafkajs;

/** What a member says of itself when it joins: JSON in the user data of its metadata. */
interface UserData {
  readonly v: 1;
  readonly instance: string;
  readonly generation: number;
  readonly partitions: readonly number[];
}

/**
 * KafkaJS brings round robin only (tulios/kafkajs#922, #1771), which moves almost every partition at every join (24 partitions, 6 members: 21.5 of them); this moves the fair
 * share of who joined or left. It has no hook before a join either: `protocol` is called before every one, on all paths (`REBALANCING` misses
 * several), so `onJoining` hangs there.
 */
export class StickyAssigner {
  readonly #topic: string;
  readonly #onJoining: () => readonly number[];
  readonly #instance = randomUUID();
  #generation = 0;
  /** Members of the group, when this one was its leader at the last join. */
  #members: number | undefined;

  /** `onJoining` answers what the join claims. */
  constructor(topic: string, onJoining: () => readonly number[]) {
    this.#topic = topic;
    this.#onJoining = onJoining;
  }

  /** Whether this member led the last join and found no other. */
  get alone(): boolean {
    return this.#members === 1;
  }

  /** A member in this generation: what is held was not given to anyone else before it. */
  member(generation: number): void {
    this.#generation = Math.max(this.#generation, generation);
  }

  /** The preferred assigner and, for rolling over from versions without it, round robin. */
  readonly assigners: PartitionAssigner[] = [
    ({ cluster }) => ({
      name: "alert-digest-sticky",
      version: 1,
      protocol: ({ topics }) => {
        this.#members = undefined;
        const partitions = this.#onJoining();
        const data: UserData = {
          v: 1,
          instance: this.#instance,
          generation: this.#generation,
          partitions,
        };
        return {
          name: "alert-digest-sticky",
          metadata: AssignerProtocol.MemberMetadata.encode({
            version: 1,
            topics,
            userData: Buffer.from(JSON.stringify(data)),
          }),
        };
      },
      assign: async ({ members }) => {
        this.#members = members.length;
        const partitions = cluster.findTopicPartitionMetadata(this.#topic).map(({ partitionId }) => partitionId);
        const claims = members.map(({ memberId, memberMetadata }) => claimOf(memberId, memberMetadata));
        return [...assignSticky(partitions, claims)].map(([memberId, own]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: own.length === 0 ? {} : { [this.#topic]: own },
            userData: Buffer.alloc(0),
          }),
        }));
      },
    }),
    (config) => {
      const inner = kafkajs.PartitionAssigners.roundRobin(config);
      return {
        ...inner,
        assign: (group) => {
          this.#members = group.members.length;
          return inner.assign(group);
        },
      };
    },
  ];
}

/** A member that says nothing, or nothing that can be read, claims nothing. */
const claimOf = (memberId: string, metadata: Buffer): Claim => {
  try {
    const data = JSON.parse(String(AssignerProtocol.MemberMetadata.decode(metadata)?.userData)) as UserData;
    if (
      data.v === 1 &&
      typeof data.instance === "string" &&
      Number.isInteger(data.generation) &&
      Array.isArray(data.partitions)
    ) {
      return {
        memberId,
        instance: data.instance,
        generation: data.generation,
        partitions: data.partitions.filter(Number.isInteger),
      };
    }
  } catch {
    // Falls through: another program's user data.
  }
  return { memberId, instance: memberId, generation: -1, partitions: [] };
};
