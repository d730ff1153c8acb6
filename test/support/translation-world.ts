import { PartitionTranslation } from "#src/runtime/partition-translation.js";
import type { SourceRecord, Transaction, TransactionOutcome, TransactionWriter } from "#src/runtime/ports.js";
import { quietLog, recordingMetrics } from "./quiet.js";
import { Random } from "./random.js";
import { VirtualClock } from "./virtual-clock.js";

/** What one owner's transactions may meet, as probabilities. */
export interface TranslationWeather {
  readonly openFails: number;
  /** Nothing of it is written. */
  readonly writeFails: number;
  /** All of it is written, and nobody says so. */
  readonly answerLost: number;
  /** Longest time of one transaction, in milliseconds. */
  readonly slowMs: number;
}

/** One input partition, its transaction coordinator, and those who own it or believe that they do. */
export class TranslationWorld {
  readonly clock = new VirtualClock(0);
  readonly random: Random;
  /** Offsets in the order of the committed transactions. */
  readonly written: number[] = [];
  readonly letters: number[] = [];
  readonly owners = new Set<PartitionTranslation>();
  /** Offsets whose translation no broker takes. */
  readonly tooLarge = new Set<number>();
  readonly metricCalls: string[];
  committed: number | undefined = 0;
  weather: TranslationWeather = { openFails: 0, writeFails: 0, answerLost: 0, slowMs: 5 };
  /** Records in the log: offsets 0 to below this. */
  end = 0;
  epoch = 0;
  transactions = 0;
  largest = 0;
  readonly #metrics = recordingMetrics();

  constructor(seed: number) {
    this.random = new Random(seed);
    this.metricCalls = this.#metrics.calls;
  }

  /** A process that is given the partition; it fetches whenever it takes records. */
  own(): PartitionTranslation {
    const owner: PartitionTranslation = new PartitionTranslation({
      topic: "in",
      partition: 0,
      createWriter: () => this.#writer(),
      committed: () => this.#wait(3).then(() => this.committed),
      seek: () => undefined,
      translate: ({ offset, value }) => ({
        alerts: [{ key: null, value: value as Buffer, timestampMs: 0, headers: { offset: String(offset) } }],
        letters: [],
        ignored: 0,
      }),
      letterOf: ({ offset }, detail) => ({
        ...{ kind: "record", stage: "decode", reason: "too-large", detail, topic: "in", partition: 0, offset },
        ...{ timestampMs: 0, key: null, value: Buffer.alloc(0) },
      }),
      metrics: this.#metrics.metrics as never,
      clock: this.clock,
      log: quietLog,
      random: this.random.next,
      onChanged: () => undefined,
    });
    this.owners.add(owner);
    this.#fetch(owner);
    return owner;
  }

  async lose(owner: PartitionTranslation): Promise<void> {
    this.owners.delete(owner);
    await owner.close();
  }

  #fetch(owner: PartitionTranslation): void {
    this.clock.after(this.random.between(1, 8), () => {
      if (!this.owners.has(owner)) return;
      const from = owner.position;
      if (from !== undefined && from < this.end) {
        const to = Math.min(this.end, from + this.random.between(1, 40));
        owner.take(
          Array.from({ length: to - from }, (_, at) => recordAt(from + at)),
          to,
        );
      }
      this.#fetch(owner);
    });
  }

  #writer(): TransactionWriter {
    let epoch = -1;
    return {
      open: async () => {
        await this.#wait(4);
        if (this.random.chance(this.weather.openFails)) throw new Error("no coordinator");
        epoch = ++this.epoch;
      },
      write: async (transaction) => {
        await this.#wait(this.weather.slowMs);
        if (epoch !== this.epoch) throw new Error("INVALID_PRODUCER_EPOCH");
        if (this.random.chance(this.weather.writeFails)) throw new Error("the broker went away");
        const outcome = this.#take(transaction);
        await this.#wait(2);
        if (outcome.kind === "committed" && this.random.chance(this.weather.answerLost)) throw new Error("no answer");
        return outcome;
      },
      close: () => Promise.resolve(),
    };
  }

  #take({ alerts, letters, nextOffset }: Transaction): TransactionOutcome {
    const offsets = alerts.map(({ headers }) => Number(headers["offset"]));
    if (offsets.some((offset) => this.tooLarge.has(offset))) return { kind: "refused", detail: "MESSAGE_TOO_LARGE" };
    this.written.push(...offsets);
    this.letters.push(...letters.map(({ offset }) => offset));
    this.committed = nextOffset;
    this.transactions++;
    this.largest = Math.max(this.largest, offsets.length);
    return { kind: "committed" };
  }

  #wait(maxMs: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.random.between(0, maxMs), resolve));
  }
}

const recordAt = (offset: number): SourceRecord => ({
  offset,
  timestampMs: 0,
  key: null,
  value: Buffer.alloc(1 + (offset % 97 === 0 ? 200_000 : 0)),
});
