import { randomUUID } from "node:crypto";
import type { Assigner, Cluster, GroupMember, PartitionAssigner } from "kafkajs";
import { assignBySubscription } from "../core/sticky-assignment.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import { kafkajs } from "./kafkajs.js";
import { type Subscriber, subscribedPartitions } from "./subscribed-topics.js";

const { AssignerProtocol } = kafkajs;

/** What a member says of itself when it joins: JSON in the user data of its metadata. */
interface UserData {
  readonly v: 1;
  readonly instance: string;
  readonly generation: number;
  readonly partitions: readonly number[];
  /** How many partitions its topic has; older versions do not say. */
  readonly partitionCount?: number;
}

/**
 * The metadata says version 1 and has the layout of version 0: nothing about owned partitions follows the user data. That is what protects the group.
 * A broker since Kafka 4.0 turns a group of this protocol into one of the new one (`group.protocol=consumer`) when a member of that kind comes, and from then on
 * shares out the partitions by itself, to any program that knows the group's name. To do so it has to read the metadata of everybody who is there. These it cannot
 * read, so it refuses the newcomer ("malformed") and the group stays as it is. With version 0 it would convert the group.
 */
export const METADATA_VERSION = 1;

/**
 * KafkaJS brings round robin only (tulios/kafkajs#922, #1771), which moves almost every partition at every join (24 partitions, 6 members: 21.5 of them); this moves the fair
 * share of who joined or left. It has no hook before a join either: `protocol` is called before every one, on all paths (`REBALANCING` misses
 * several), so `onJoining` hangs there.
 */
export class StickyAssigner {
  readonly #topic: string;
  readonly #onJoining: () => readonly number[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onCluster: ((cluster: Cluster) => void) | undefined;
  readonly #instance: string;
  #generation = 0;
  #userData: Buffer = Buffer.alloc(0);
  /** Members of the group that read the same topic, when this one was its leader at the last join. */
  #members: number | undefined;

  /** `onJoining` answers what the join claims. */
  constructor(
    topic: string,
    onJoining: () => readonly number[],
    deps: {
      readonly clock: Clock;
      readonly log: Logger;
      /** Default: one that nobody else has. */
      readonly instance?: string | undefined;
      /** Hears of the consumer's own view of the cluster, before anything is asked through it. */
      readonly onCluster?: (cluster: Cluster) => void;
    },
  ) {
    this.#topic = topic;
    this.#onJoining = onJoining;
    this.#instance = deps.instance ?? randomUUID();
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onCluster = deps.onCluster;
  }

  /** Whether this member led the last join and found no other that reads its topic. */
  get alone(): boolean {
    return this.#members === 1;
  }

  /** A member in this generation: what is held was not given to anyone else before it. */
  member(generation: number): void {
    this.#generation = Math.max(this.#generation, generation);
  }

  /**
   * The preferred assigner, and for rolling over from versions without it one under the name of KafkaJS's round robin. Both share out in the same way:
   * only the leader decides, and nobody looks how it came to its decision.
   */
  readonly assigners: PartitionAssigner[] = [
    ({ cluster }) => {
      this.#onCluster?.(cluster);
      return this.#assigner("alert-digest-sticky", cluster, () => {
        this.#members = undefined;
        this.#userData = this.#say(cluster, this.#onJoining());
      });
    },
    (config) => this.#assigner(kafkajs.PartitionAssigners.roundRobin(config).name, config.cluster, () => undefined),
  ];

  #assigner(name: string, cluster: Cluster, onProtocol: () => void): Assigner {
    return {
      name,
      version: METADATA_VERSION,
      protocol: ({ topics }) => {
        onProtocol();
        const metadata = { version: METADATA_VERSION, topics, userData: this.#userData };
        return { name, metadata: AssignerProtocol.MemberMetadata.encode(metadata) };
      },
      assign: ({ members }) => this.#assign(cluster, members),
    };
  }

  #say(cluster: Cluster, partitions: readonly number[]): Buffer {
    const partitionCount = partitionCountOf(cluster, this.#topic);
    const data: UserData = {
      v: 1,
      instance: this.#instance,
      generation: this.#generation,
      partitions,
      ...(partitionCount > 0 ? { partitionCount } : {}),
    };
    return Buffer.from(JSON.stringify(data));
  }

  async #assign(
    cluster: Cluster,
    members: readonly GroupMember[],
  ): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const subscribers = members.map(({ memberId, memberMetadata }) => subscriberOf(memberId, memberMetadata));
    this.#members = subscribers.filter(({ topics }) => topics.includes(this.#topic)).length;
    const deps = { clock: this.#clock, log: this.#log };
    const partitionsOf = await subscribedPartitions(cluster, this.#topic, subscribers, deps);
    return [...assignBySubscription(partitionsOf, subscribers)].map(([memberId, own]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment: Object.fromEntries([...own].map(([topic, partitions]) => [topic, [...partitions]])),
        userData: Buffer.alloc(0),
      }),
    }));
  }
}

/** 0: not known yet. */
const partitionCountOf = (cluster: Cluster, topic: string): number => {
  try {
    return cluster.findTopicPartitionMetadata(topic).length;
  } catch {
    return 0;
  }
};

/** What a member of the group calls itself; undefined: nothing that can be read. */
export const instanceIn = (memberMetadata: Buffer): string | undefined => {
  const { instance, memberId } = subscriberOf("", memberMetadata);
  return instance === memberId ? undefined : instance;
};

/** A member that says nothing, or nothing that can be read, claims nothing; one whose topics cannot be read gets nothing either. */
const subscriberOf = (memberId: string, memberMetadata: Buffer): Subscriber => {
  const unknown = {
    memberId,
    instance: memberId,
    generation: -1,
    partitions: [],
    topics: [],
    partitionCount: undefined,
  };
  let topics: readonly string[] = [];
  try {
    const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata);
    topics = metadata?.topics ?? [];
    const data = JSON.parse(String(metadata?.userData)) as UserData;
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
        topics,
        partitionCount: isCount(data.partitionCount) ? data.partitionCount : undefined,
      };
    }
  } catch {
    // Falls through: another program's user data.
  }
  return { ...unknown, topics };
};

/** It comes from outside, and is how long a list will be. */
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= PARTITIONS_MAX;

const PARTITIONS_MAX = 100_000;
