import type { EachBatchPayload } from "kafkajs";
import { takeInSlices } from "#src/kafka/sliced-intake.js";
import { Random } from "#test/support/random.js";
import type { LogRecord } from "./broker.js";
import type { ProcessClock } from "./process-clock.js";

/** Every third fetch brings alerts of nearly a megabyte: each of them is work of so long, in which the process does nothing else. */
const SLOW_SHARE = 0.35;
const BUSY_MS = { least: 50, most: 450 };
/** As large as a slice. */
const VALUE = { length: 1024 * 1024 };

/** What of a fetch is taken at once: records from one offset up to another. */
export type TakeSome = (from: number, to: number) => void;

/** Fetches that take longer than the session, taken as the product takes them: in slices, with a turn of the event loop between. */
export class SlowBatches {
  readonly #clock: ProcessClock;
  /** Keeps the process busy. */
  readonly #busyFor: (ms: number) => void;
  readonly #random: Random;
  /** A defect, see `Sabotage`. */
  readonly #whole: boolean;

  constructor(deps: { clock: ProcessClock; busyFor: (ms: number) => void; seed: number; whole: boolean }) {
    this.#clock = deps.clock;
    this.#busyFor = deps.busyFor;
    this.#random = new Random(deps.seed);
    this.#whole = deps.whole;
  }

  get isNext(): boolean {
    return this.#random.chance(SLOW_SHARE);
  }

  /** Resolves once nothing more of it is taken. */
  async take(
    { partition, at, records }: { partition: number; at: number; records: readonly LogRecord[] },
    listener: { position(partition: number): number | undefined },
    { isStale, isPaused, take }: { isStale: () => boolean; isPaused: () => boolean; take: TakeSome },
  ): Promise<void> {
    const busyMs = this.#random.between(BUSY_MS.least, BUSY_MS.most);
    if (this.#whole) {
      take(at, at + records.length);
      this.#busyFor(busyMs * records.length);
      await this.#turn();
      return;
    }
    const payload = {
      batch: {
        topic: "alerts",
        partition,
        fetchedOffset: String(at),
        messages: records.map((_, index) => ({ offset: String(at + index), value: VALUE })),
        lastOffset: () => String(at + records.length - 1),
      },
      heartbeat: () => this.#turn(),
      isStale,
      isRunning: () => this.#clock.alive,
    };
    await takeInSlices(payload as unknown as EachBatchPayload, listener as Parameters<typeof takeInSlices>[1], {
      intake: {
        take: ({ batch }) => {
          take(
            Number((batch as typeof batch & { fetchedOffset: string }).fetchedOffset),
            Number(batch.lastOffset()) + 1,
          );
          this.#busyFor(busyMs);
        },
      },
      isPaused,
      turns: { next: () => this.#turn() },
    });
  }

  /** What waited while the process was busy comes first. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(1, resolve));
  }
}
