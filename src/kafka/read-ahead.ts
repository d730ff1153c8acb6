import { type FetchedPartition, nextOffset } from "./fetch-decoding.js";

/** A fetch as KafkaJS asks a broker for it. */
export interface FetchRequest {
  /** In milliseconds, for something to come. */
  readonly maxWaitTime: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

export interface FetchAnswer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly AnsweredPartition[] }[];
}
type AnsweredPartition = FetchedPartition & { readonly preferredReadReplica?: number };

interface Guess {
  /** What KafkaJS asks for next, should it take everything and pause nothing. */
  readonly request: FetchRequest;
  /** Undefined: it was not sent. */
  readonly answer: Promise<FetchAnswer> | undefined;
  /** KafkaJS has gone round once without asking this broker. */
  isPassedBy: boolean;
}

/**
 * KafkaJS asks a broker for more only when it has taken everything that it got: while records are taken the broker has nothing to do, and while the broker
 * answers nothing is taken. Here the request that KafkaJS will make next is sent as soon as an answer is there. It is used if KafkaJS then asks for exactly
 * that, and thrown away if not: what is asked for remains KafkaJS's to say. Of each broker one answer is read ahead, if the request before was guessed
 * right: where partitions pause and go on all the time, nothing would be gained.
 */
export class ReadAhead {
  readonly #mayHoldMore: () => boolean;
  /** By node. */
  readonly #guesses = new Map<string, Guess>();

  /** `mayHoldMore`: there is memory for another answer beside the one that just came. */
  constructor(mayHoldMore: () => boolean) {
    this.#mayHoldMore = mayHoldMore;
  }

  /** The answer that was asked for ahead of this request, once. */
  take(
    nodeId: string,
    request: FetchRequest,
  ): { readonly isExpected: boolean; readonly answer?: Promise<FetchAnswer> } {
    const guess = this.#guesses.get(nodeId);
    const isExpected = guess !== undefined && asksTheSame(guess.request, request);
    if (!isExpected || guess.answer === undefined) {
      this.#drop(nodeId);
      return { isExpected };
    }
    this.#guesses.delete(nodeId);
    return { isExpected, answer: guess.answer };
  }

  /** `request` was answered. `ask` sends the next one, if it is to be sent; `wasExpected`, as `take` said it. */
  answered(
    nodeId: string,
    { request, answer, wasExpected }: { request: FetchRequest; answer: FetchAnswer; wasExpected: boolean },
    ask: (request: FetchRequest) => Promise<FetchAnswer>,
  ): void {
    const next = requestAfter(request, answer);
    if (next === undefined) return;
    const ahead = wasExpected && this.#mayHoldMore() ? ask(next) : undefined;
    // Whoever takes it hears of it; nobody else needs to.
    ahead?.catch(() => undefined);
    this.#guesses.set(nodeId, { request: next, answer: ahead, isPassedBy: false });
  }

  /** KafkaJS goes round: it is about to ask this broker, or to sleep where everything is paused. */
  round(nodeId: string): void {
    const guess = this.#guesses.get(nodeId);
    if (guess === undefined) return;
    if (guess.isPassedBy) this.#drop(nodeId);
    guess.isPassedBy = true;
  }

  /** Nothing that was read ahead is of use any more. */
  forget(): void {
    for (const nodeId of [...this.#guesses.keys()]) this.#drop(nodeId);
  }

  #drop(nodeId: string): void {
    this.#guesses.get(nodeId)?.answer?.then(release, () => undefined);
    this.#guesses.delete(nodeId);
  }
}

const release = ({ responses }: FetchAnswer): void => {
  for (const { partitions } of responses) for (const { held } of partitions) held?.release();
};

/**
 * What follows once everything in `answer` is taken, without a wait at the broker. Undefined: nothing more is known to be there, or what follows is decided
 * by what becomes of the answer: a batch too large for the memory or not as it was written, another replica to read from.
 */
const requestAfter = (request: FetchRequest, { responses }: FetchAnswer): FetchRequest | undefined => {
  let gotSome = false;
  let hasMore = false;
  const topics: FetchRequest["topics"][number][] = [];
  for (const { topic, partitions } of request.topics) {
    const answered = new Map(
      responses.find(({ topicName }) => topicName === topic)?.partitions.map((one) => [one.partition, one]),
    );
    const next: (typeof partitions)[number][] = [];
    for (const asked of partitions) {
      const got = answered.get(asked.partition);
      if (got === undefined || isUncertain(got)) return undefined;
      const from = Number(asked.fetchOffset);
      const offset = nextOffset(from, got);
      gotSome ||= offset > from;
      hasMore ||= offset < Number(got.lastStableOffset);
      next.push({ ...asked, fetchOffset: String(offset) });
    }
    topics.push({ topic, partitions: next });
  }
  return gotSome && hasMore ? { ...request, maxWaitTime: 0, topics } : undefined;
};

const isUncertain = ({ large, corrupt, preferredReadReplica = -1 }: AnsweredPartition): boolean =>
  large !== undefined || corrupt !== undefined || preferredReadReplica !== -1;

const asksTheSame = (one: FetchRequest, other: FetchRequest): boolean => offsetsOf(one) === offsetsOf(other);

/** Whatever their order. */
const offsetsOf = ({ topics }: FetchRequest): string =>
  topics
    .flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => `${topic} ${partition} ${fetchOffset}`),
    )
    .sort()
    .join();
