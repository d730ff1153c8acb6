import { createRequire } from "node:module";
import type { Broker, Cluster } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { EpochAnswer, EpochQuestion } from "../runtime/ports.js";
import { UnansweredEpochs } from "./unanswered-epochs.js";

/**
 * OffsetForLeaderEpoch (KIP-101, KIP-320), which KafkaJS lacks: "where does this leader epoch end in your log?". In the form of KafkaJS's own requests, so
 * that its connections, authentication and time limits serve it as well.
 *
 * Version 3, for replicas and clients alike: every broker since Kafka 2.3 knows it.
 */
export class LeaderEpochReader {
  readonly #cluster: EpochCluster;
  readonly #topic: string;
  readonly #clock: Clock;
  /** Questions that brokers have not answered yet: a silent one is asked no more. */
  readonly #pending = new Map<number, number>();
  readonly #unanswered: UnansweredEpochs;

  /** `cluster`: somebody else connects it and refreshes its metadata, again and again. */
  constructor(deps: { cluster: EpochCluster; topic: string; clock: Clock; log: Logger }) {
    this.#cluster = deps.cluster;
    this.#topic = deps.topic;
    this.#clock = deps.clock;
    this.#unanswered = new UnansweredEpochs(deps);
  }

  /** Asks each partition's leader. Who does not answer soon, or leads no more, is left out: the next question goes to whoever leads then. One that goes on so is told of. */
  async read(questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]> {
    const leaders = new Map(
      this.#cluster.findTopicPartitionMetadata(this.#topic).map(({ partitionId, leader }) => [partitionId, leader]),
    );
    const byLeader = new Map<number, EpochQuestion[]>();
    for (const question of questions) {
      const leader = leaders.get(question.partition) ?? NO_LEADER;
      if (leader !== NO_LEADER) byLeader.set(leader, [...(byLeader.get(leader) ?? []), question]);
    }
    return (await Promise.all([...byLeader].map(([leader, asked]) => this.#askInTime(leader, asked)))).flat();
  }

  async #askInTime(leader: number, questions: readonly EpochQuestion[]): Promise<readonly EpochAnswer[]> {
    const { answers, reasons, failure } = await this.#answersInTime(leader, questions);
    for (const { partition } of questions) {
      if (answers.some((one) => one.partition === partition)) this.#unanswered.answered(partition);
      else this.#unanswered.unanswered(partition, leader, reasons?.get(partition) ?? failure ?? NO_ANSWER);
    }
    return answers;
  }

  async #answersInTime(leader: number, questions: readonly EpochQuestion[]): Promise<Answers> {
    const pending = this.#pending.get(leader) ?? 0;
    if (pending >= PENDING_MAX) return { answers: [] };
    this.#pending.set(leader, pending + 1);
    let cancel: () => void = () => undefined;
    const tooLate = new Promise<Answers>((resolve) => {
      cancel = this.#clock.after(ANSWER_WITHIN_MS, () => resolve({ answers: [] }));
    });
    const answer = this.#ask(leader, questions)
      .catch((error: Error): Answers => ({ answers: [], failure: error.message }))
      .finally(() => this.#pending.set(leader, (this.#pending.get(leader) ?? 1) - 1));
    return await Promise.race([answer, tooLate]).finally(cancel);
  }

  /**
   * First with the epoch that the leader should have at least, which it compares with its own (fencing): an old leader that does not know yet that it is
   * none must not say that all is well. One that is further is asked again, without.
   */
  async #ask(leader: number, questions: readonly EpochQuestion[]): Promise<Answers> {
    const broker = (await this.#cluster.findBroker({ nodeId: String(leader) })) as BrokerWithConnections;
    if ((broker.versions?.[API_KEY]?.maxVersion ?? 0) < API_VERSION)
      return { answers: questions.map(({ partition, epoch }) => ({ kind: "unsupported", partition, epoch })) };
    const first = await this.#send(broker, questions, ({ atLeast }) => atLeast);
    const further = questions.filter(({ partition }) => first.get(partition)?.errorCode === FENCED_LEADER_EPOCH);
    const second = further.length === 0 ? new Map() : await this.#send(broker, further, () => NOT_COMPARED);
    const reasons = new Map<number, string>();
    const answers = questions.flatMap(({ partition, epoch, atLeast }): EpochAnswer[] => {
      const again = second.get(partition);
      const answer = again ?? first.get(partition);
      if (answer?.errorCode === UNKNOWN_LEADER_EPOCH) return [{ kind: "behind", partition, epoch }];
      if (answer?.errorCode !== 0) {
        if (answer !== undefined) reasons.set(partition, wordsOf(answer.errorCode));
        return [];
      }
      if (answer.leaderEpoch < 0 || answer.endOffset < 0) return [{ kind: "behind", partition, epoch }];
      return [
        {
          kind: "end",
          partition,
          epoch,
          end: { epoch: answer.leaderEpoch, endOffset: answer.endOffset },
          sameLeader: again === undefined && atLeast === epoch,
        },
      ];
    });
    return { answers, reasons };
  }

  async #send(
    { connectionPool }: BrokerWithConnections,
    questions: readonly EpochQuestion[],
    compared: (question: EpochQuestion) => number,
  ): Promise<ReadonlyMap<number, PartitionAnswer>> {
    const partitions = questions.map((question) => ({ ...question, currentEpoch: compared(question) }));
    return await connectionPool.send(offsetForLeaderEpoch(this.#topic, partitions));
  }
}

interface Answers {
  readonly answers: readonly EpochAnswer[];
  /** Of partitions without an answer, what the broker said. */
  readonly reasons?: ReadonlyMap<number, string>;
  /** Why there is none at all, where that is known. */
  readonly failure?: string;
}

const wordsOf = (errorCode: number): string => {
  const require = createRequire(import.meta.url);
  const { createErrorFromCode } = require("kafkajs/src/protocol/error.js") as {
    createErrorFromCode: (code: number) => Error & { type?: string };
  };
  const { type = `error ${errorCode}`, message } = createErrorFromCode(errorCode);
  return `${type}: ${message}`;
};

type EpochCluster = Pick<Cluster, "findTopicPartitionMetadata" | "findBroker">;

/** What KafkaJS's own requests of a broker go through. */
type BrokerWithConnections = Broker & {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: { send<Response>(request: ProtocolRequest<Response>): Promise<Response> };
};

interface ProtocolRequest<Response> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<Encoder>;
  };
  readonly response: {
    readonly decode: (data: Buffer) => Promise<Response>;
    readonly parse: (data: Response) => Promise<Response>;
  };
}

interface Encoder {
  writeInt32(value: number): Encoder;
  writeString(value: string): Encoder;
  writeArray(values: readonly Encoder[]): Encoder;
}

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

interface PartitionAnswer {
  readonly errorCode: number;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/**
 * Request: replica_id => INT32, [topic => STRING, [partition => INT32, current_leader_epoch => INT32, leader_epoch => INT32]].
 * Response: throttle_time_ms => INT32, [topic => STRING, [error_code => INT16, partition => INT32, leader_epoch => INT32, end_offset => INT64]].
 */
const offsetForLeaderEpoch = (
  topic: string,
  partitions: readonly { partition: number; currentEpoch: number; epoch: number }[],
): ProtocolRequest<ReadonlyMap<number, PartitionAnswer>> => {
  const require = createRequire(import.meta.url);
  const EncoderClass = require("kafkajs/src/protocol/encoder.js") as new () => Encoder;
  const DecoderClass = require("kafkajs/src/protocol/decoder.js") as new (data: Buffer) => Decoder;
  return {
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: "OffsetForLeaderEpoch",
      encode: async () =>
        new EncoderClass()
          .writeInt32(A_CLIENT)
          .writeArray([
            new EncoderClass()
              .writeString(topic)
              .writeArray(
                partitions.map(({ partition, currentEpoch, epoch }) =>
                  new EncoderClass().writeInt32(partition).writeInt32(currentEpoch).writeInt32(epoch),
                ),
              ),
          ]),
    },
    response: {
      decode: async (data) => {
        const decoder = new DecoderClass(data);
        decoder.readInt32();
        const topics = decoder.readArray((each) => {
          each.readString();
          return each.readArray(
            (one): PartitionAnswer => ({
              errorCode: one.readInt16(),
              partition: one.readInt32(),
              leaderEpoch: one.readInt32(),
              endOffset: Number(one.readInt64().toString()),
            }),
          );
        });
        return new Map(topics.flat().map((answer) => [answer.partition, answer]));
      },
      parse: async (data) => data,
    },
  };
};

const API_KEY = 23;
const API_VERSION = 3;
/** replica_id of everybody who is no broker. */
const A_CLIENT = -1;
const NOT_COMPARED = -1;
const NO_LEADER = -1;
const ANSWER_WITHIN_MS = 1_000;
const NO_ANSWER = `no answer within ${ANSWER_WITHIN_MS / 1_000} s`;
const PENDING_MAX = 3;
const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;
