import type { Admin } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { SourceListener } from "../runtime/ports.js";
import type { LogEndsAnswer, SilentPartition } from "./log-ends.js";

/** First offset the log has and the one after the last that can be read, by partition. */
export type ReadableEnds = Map<number, { readonly start: number; readonly end: number }>;

/** Up to the last stable offset: whoever reads a topic to its end would wait for records behind an open transaction. */
export const fetchReadableEnds = async (admin: Admin, topic: string): Promise<ReadableEnds> => {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]));
};

/** Every window ends at a multiple of its size. */
interface TumblingWindows {
  readonly sizeMs: number;
  readonly graceMs: number;
}

/**
 * Asks the broker where the logs end, one question at a time. The answer to a question put at T bounds everything written before T: once the
 * position has reached the high watermark, the windows up to T may close. With the broker away there is no answer, and time stands still; behind an
 * open transaction, which may be committed at any moment, it does so too. A question is put when a window becomes due, too: the mail of a quiet device need not wait
 * for the next.
 *
 * KafkaJS tells of a fetch that came back empty and of one that failed and was recovered from with the same event, and not
 * which partitions it was for; this needs neither, and it serves the lag as well.
 */
export class EndOffsets {
  readonly #read: () => Promise<LogEndsAnswer>;
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #listener: Pick<SourceListener, "endOffsets">;
  readonly #windows: TumblingWindows | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;
  #failing = false;
  /** Partitions that nobody answered for, as last logged. */
  #silent = "";

  constructor(deps: {
    read: () => Promise<LogEndsAnswer>;
    topic: string;
    clock: Clock;
    log: Logger;
    listener: Pick<SourceListener, "endOffsets">;
    /** Those that close by the answers. */
    windows?: TumblingWindows;
  }) {
    this.#read = deps.read;
    this.#topic = deps.topic;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#listener = deps.listener;
    this.#windows = deps.windows;
  }

  start(): void {
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #ask(): Promise<void> {
    const at = this.#clock.now();
    try {
      const { ends, silent } = await this.#read();
      if (this.#closed) return;
      if (this.#failing) this.#log.info({ topic: this.#topic }, "log ends are known again");
      this.#failing = false;
      this.#tellOf(silent);
      this.#listener.endOffsets(at, ends);
    } catch (error) {
      if (!this.#failing && !this.#closed) {
        this.#log.warn(
          { topic: this.#topic, error: (error as Error).message },
          "log ends unknown: quiet partitions close no windows until the broker answers",
        );
      }
      this.#failing = true;
    }
    if (!this.#closed) this.#cancel = this.#clock.after(this.#untilNext(), () => void this.#ask());
  }

  #untilNext(): number {
    if (this.#windows === undefined) return ASK_EVERY_MS;
    const { sizeMs, graceMs } = this.#windows;
    return Math.min(ASK_EVERY_MS, sizeMs - ((this.#clock.now() - graceMs) % sizeMs));
  }

  #tellOf(silent: readonly SilentPartition[]): void {
    const partitions = silent.map(({ partition }) => partition);
    // Not by their reasons, which may change with every question.
    if (partitions.join(" ") === this.#silent) return;
    this.#silent = partitions.join(" ");
    const reasons = silent.map(({ partition, reason }) => `${partition}: ${reason}`).join("; ");
    if (silent.length === 0) this.#log.info({ topic: this.#topic }, "log ends of all partitions are known again");
    else
      this.#log.warn(
        { topic: this.#topic, partitions, reasons },
        "log ends of these partitions unknown: quiet ones close no windows until their broker answers; the others go on",
      );
  }
}

const ASK_EVERY_MS = 400;
