import { changeOfClass } from "./changed-library.js";

interface TopicPartitions {
  readonly topic: string;
  readonly partitions?: readonly number[];
}
/** KafkaJS's account of a membership. */
interface ConsumerGroup {
  /** How long a fetch may wait, in milliseconds: at the broker, or asleep where every partition is paused. */
  maxWaitTime: number;
  readonly subscriptionState: { active(): readonly { readonly partitions: readonly number[] }[] };
  fetch(nodeId: string): Promise<readonly unknown[]>;
  resume(partitions: readonly TopicPartitions[]): void;
}

/**
 * A fetch of KafkaJS sleeps for its whole wait while every partition is paused, and no resume wakes it. All are paused whenever a member has joined and reads what
 * is committed, and whenever the buffer is full: so each start, each rebalance and each end of a pause took up to half a second longer than it needs. Here that
 * fetch asks for nothing and comes back at once, and waits for a resume or the same time, whichever is first. Changes the loaded library, once.
 */
export const endPausedFetches = changeOfClass<ConsumerGroup>("consumer/consumerGroup.js", (prototype) => {
  const { fetch, resume } = prototype;
  prototype.fetch = async function (this: ConsumerGroup, nodeId) {
    if (this.subscriptionState.active().some(({ partitions }) => partitions.length > 0))
      return fetch.call(this, nodeId);
    const pause = Pause.of(this);
    const over = pause.wait();
    try {
      // Of a partition that is resumed meanwhile it may bring batches.
      const batches = await pause.briefly(() => fetch.call(this, nodeId));
      if (batches.length === 0) await over.ended;
      return batches;
    } finally {
      over.cancel();
    }
  };
  prototype.resume = function (this: ConsumerGroup, partitions) {
    resume.call(this, partitions);
    Pause.of(this).end();
  };
});

/** Of one membership, whose fetches from several brokers may wait at once. */
class Pause {
  static readonly #all = new WeakMap<ConsumerGroup, Pause>();
  readonly #group: ConsumerGroup;
  readonly #waitMs: number;
  readonly #waiting = new Set<() => void>();
  #brief = 0;

  static of(group: ConsumerGroup): Pause {
    const pause = Pause.#all.get(group) ?? new Pause(group);
    Pause.#all.set(group, pause);
    return pause;
  }

  private constructor(group: ConsumerGroup) {
    this.#group = group;
    this.#waitMs = group.maxWaitTime;
  }

  wait(): { readonly ended: Promise<void>; cancel(): void } {
    let cancel = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      cancel = () => {
        clearTimeout(timer);
        this.#waiting.delete(cancel);
        resolve();
      };
      const timer = setTimeout(cancel, this.#waitMs);
      this.#waiting.add(cancel);
    });
    return { ended, cancel };
  }

  /** Runs `fetch` with no wait of its own. */
  async briefly<T>(fetch: () => Promise<T>): Promise<T> {
    this.#brief++;
    this.#group.maxWaitTime = 0;
    try {
      return await fetch();
    } finally {
      if (--this.#brief === 0) this.#group.maxWaitTime = this.#waitMs;
    }
  }

  end(): void {
    for (const resume of [...this.#waiting]) resume();
  }
}
