import type { Consumer } from "kafkajs";
import type { Logger } from "../runtime/log.js";

/** What the consumer fetches of the topic, and from where. All three calls throw while the consumer is being restarted; a join follows, and says it all again. */
export class FetchPositions {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #log: Logger;
  readonly #onPaused: () => void;

  /** `onPaused`: some more partitions are paused. */
  constructor(consumer: Consumer, { topic, log }: { topic: string; log: Logger }, onPaused: () => void) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#log = log;
    this.#onPaused = onPaused;
  }

  seek(partition: number, offset: number): void {
    this.#whileRunning(() => this.#consumer.seek({ topic: this.#topic, partition, offset: String(offset) }));
  }

  /** Exactly these are paused. */
  setPaused(wanted: ReadonlySet<number>): void {
    this.#whileRunning(() => {
      const actual = new Set(
        this.#consumer.paused().flatMap(({ topic, partitions: list }) => (topic === this.#topic ? list : [])),
      );
      const pause = [...wanted].filter((partition) => !actual.has(partition));
      const resume = [...actual].filter((partition) => !wanted.has(partition));
      // Always by partition: a topic-wide call undoes the others.
      if (pause.length > 0) {
        this.#consumer.pause([{ topic: this.#topic, partitions: pause }]);
        this.#onPaused();
      }
      if (resume.length > 0) this.#consumer.resume([{ topic: this.#topic, partitions: resume }]);
    });
  }

  #whileRunning(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, "the Kafka client is not running");
    }
  }
}
