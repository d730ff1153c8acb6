/**
 * What is fetched and not taken yet: the answers of all brokers, and what their compressed batches became. What nobody says of that it is of no use any more
 * counts until it is collected: so long it takes the memory, too.
 */
export class FetchedMemory {
  /** `BATCH_MAX_BYTES`: so much may be unpacked at any time. What is beyond is unpacked piece by piece. */
  maxBytes: number;
  #bytes = 0;
  #unpacking: Promise<unknown> = Promise.resolve();
  readonly #collected = new FinalizationRegistry<Account>((account) => this.#settle(account));

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How much more may be unpacked. */
  get room(): number {
    return Math.max(0, this.maxBytes - this.#bytes);
  }

  /** One after the other: what one of them finds as room, another has not begun to fill. */
  inTurn<T>(unpack: () => Promise<T>): Promise<T> {
    const result = this.#unpacking.then(unpack);
    this.#unpacking = result.catch(() => undefined);
    return result;
  }

  /** Counts for as long as it is held. */
  hold(bytes: number): HeldMemory {
    const account: Account = { bytes };
    this.#bytes += bytes;
    const held = new HeldMemory(
      account,
      (more) => {
        account.bytes += more;
        this.#bytes += more;
      },
      () => {
        this.#collected.unregister(account);
        this.#settle(account);
      },
    );
    this.#collected.register(held, account, account);
    return held;
  }

  #settle(account: Account): void {
    this.#bytes -= account.bytes;
    account.bytes = 0;
  }
}

interface Account {
  bytes: number;
}

export class HeldMemory {
  readonly #account: { readonly bytes: number };
  /** So much more is held. */
  readonly add: (bytes: number) => void;
  /** Nothing of it is used any more. Calling it again does nothing. */
  readonly release: () => void;

  constructor(account: { readonly bytes: number }, add: (bytes: number) => void, release: () => void) {
    this.#account = account;
    this.add = add;
    this.release = release;
  }

  get bytes(): number {
    return this.#account.bytes;
  }
}

/**
 * What the last answer of each broker takes, for what of it nobody comes to take: KafkaJS drops partitions that were paused or sought meanwhile. One that
 * leads none of ours any more is never asked again: what it gave counts until it is collected.
 */
export class LastAnswers {
  readonly #held = new Map<string, readonly WeakRef<HeldMemory>[]>();

  came(nodeId: string, answer: unknown): void {
    const { responses = [] } = answer as { responses?: readonly AnsweredTopic[] };
    const held = responses.flatMap(({ partitions }) => partitions.flatMap((partition) => partition.held ?? []));
    if (held.length > 0)
      this.#held.set(
        nodeId,
        held.map((one) => new WeakRef(one)),
      );
  }

  /** The next one of that broker is to come: whoever wanted something of the last one has it. */
  done(nodeId: string): void {
    for (const held of this.#held.get(nodeId) ?? []) held.deref()?.release();
    this.#held.delete(nodeId);
  }

  forget(): void {
    for (const nodeId of [...this.#held.keys()]) this.done(nodeId);
  }
}

interface AnsweredTopic {
  readonly partitions: readonly { readonly held?: HeldMemory | undefined }[];
}

/** As `BATCH_MAX_BYTES` has it where nothing is said. */
export const BATCH_MAX_BYTES = 64 * 1024 * 1024;

/** Of the whole process, as the loaded library is, whose answers are decoded without a word of whose they are. */
export const fetchedMemory = new FetchedMemory(BATCH_MAX_BYTES);
