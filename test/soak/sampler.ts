/** What the processes say of themselves all the while: one look at each of them every five seconds, one sample a minute. */

import type { Product } from "../support/product.js";

/** Of one instance and one minute. Bytes. */
export interface Sample {
  readonly instance: string;
  /** Since the first alert. */
  readonly atMs: number;
  /** Median after the full collections of this minute; absent where there was none. */
  readonly heapAfterGc?: number;
  /** The lowest of the looks of this minute. */
  readonly heapFloor: number;
  /** Median of the looks. */
  readonly rss: number;
  /** Most of the looks. */
  readonly lag: number;
  readonly buffered: number;
  /** Since the process began. */
  readonly cpuSeconds: number;
  readonly consumed: number;
  readonly mails: number;
  readonly late: number;
}

interface Look {
  readonly heap: number;
  readonly rss: number;
  readonly lag: number;
  readonly buffered: number;
  readonly cpuSeconds: number;
  readonly consumed: number;
  readonly mails: number;
  readonly late: number;
}

/** Of one instance; the looks since the last sample. */
export class Sampler {
  readonly #instance: string;
  readonly #product: Product;
  readonly #looks: Look[] = [];
  readonly #collected: number[] = [];
  #lastLine: unknown;

  constructor(instance: string, product: Product) {
    this.#instance = instance;
    this.#product = product;
  }

  /** Whether it answered. */
  async look(): Promise<boolean> {
    const page = await this.#product.metrics().catch(() => undefined);
    this.#readLines();
    if (page === undefined) return false;
    const value = (name: string, labels: Record<string, string> = {}): number => page.value(name, labels) ?? 0;
    this.#looks.push({
      heap: value("nodejs_heap_size_used_bytes"),
      rss: value("process_resident_memory_bytes"),
      lag: value("kafka_consumer_lag_records"),
      buffered: value("buffered_alerts"),
      cpuSeconds: value("process_cpu_seconds_total"),
      consumed: value("kafka_records_consumed_total"),
      mails: value("mails_total"),
      late: value("alerts_total", { outcome: "late" }),
    });
    return true;
  }

  /** Undefined when nothing answered since the last one. */
  sample(atMs: number, medianOf: (values: readonly number[]) => number): Sample | undefined {
    const looks = this.#looks.splice(0);
    const collected = this.#collected.splice(0);
    const last = looks.at(-1);
    if (last === undefined) return undefined;
    const most = (of: (look: Look) => number): number => Math.max(...looks.map(of));
    return {
      instance: this.#instance,
      atMs,
      ...(collected.length === 0 ? {} : { heapAfterGc: medianOf(collected) }),
      heapFloor: Math.min(...looks.map(({ heap }) => heap)),
      rss: medianOf(looks.map(({ rss }) => rss)),
      lag: most(({ lag }) => lag),
      buffered: most(({ buffered }) => buffered),
      cpuSeconds: last.cpuSeconds,
      consumed: last.consumed,
      mails: last.mails,
      late: last.late,
    };
  }

  #readLines(): void {
    const { logs } = this.#product;
    const seen = this.#lastLine === undefined ? -1 : logs.lastIndexOf(this.#lastLine as (typeof logs)[number]);
    for (const line of logs.slice(seen + 1)) {
      if (typeof line["heapAfterGc"] === "number") this.#collected.push(line["heapAfterGc"]);
    }
    this.#lastLine = logs.at(-1);
  }
}
