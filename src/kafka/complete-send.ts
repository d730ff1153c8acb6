import type { ICustomPartitioner, RecordMetadata } from "kafkajs";
import { kafkajs } from "./kafkajs.js";

/**
 * Notices records that a send left out. In a send's second attempt KafkaJS asks only brokers that have not answered yet: the records of a partition whose
 * leader moved to one that has are in no log, and the send resolves as if they were (`findings/kafkajs-forgets-a-moved-partition.sh`).
 */
export class CompleteSend {
  /** Partitions that the records of the present send belong to. */
  readonly #chosen = new Set<number>();

  /** For the producer: KafkaJS's own choice, remembered. */
  readonly createPartitioner: ICustomPartitioner = () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    return (args) => {
      const partition = choose(args);
      this.#chosen.add(partition);
      return partition;
    };
  };

  /** What `send` resolves with. Rejects also where a partition that got records is missing in it. */
  async of(send: () => Promise<RecordMetadata[]>): Promise<RecordMetadata[]> {
    this.#chosen.clear();
    const written = await send();
    const missing = forgotten(this.#chosen, written);
    if (missing.length > 0) throw new Error(`KafkaJS sent nothing to partitions ${missing.join(", ")} of the topic`);
    return written;
  }
}

/** Partitions that a send says nothing of. */
export const forgotten = (
  chosen: ReadonlySet<number>,
  written: readonly Pick<RecordMetadata, "partition">[],
): readonly number[] => [...chosen].filter((partition) => !written.some((one) => one.partition === partition));
