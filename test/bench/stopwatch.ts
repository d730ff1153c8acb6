import type { ThroughputResult } from "./throughput.js";

/** Times the reading of `total` records: from the first one handed over to the last one taken. */
export interface Stopwatch {
  /** Before the records are looked at. */
  start(): void;
  /** After. */
  count(records: number): void;
  readonly finished: Promise<ThroughputResult>;
}

export function createStopwatch(total: number): Stopwatch {
  let startedAt: number | undefined;
  let cpuAtStart = process.cpuUsage();
  let counted = 0;
  let finish: (result: ThroughputResult) => void = () => undefined;
  const finished = new Promise<ThroughputResult>((resolve) => {
    finish = resolve;
  });
  return {
    finished,
    start() {
      if (startedAt !== undefined) return;
      startedAt = performance.now();
      cpuAtStart = process.cpuUsage();
    },
    count(records) {
      counted += records;
      if (counted < total || startedAt === undefined) return;
      const cpu = process.cpuUsage(cpuAtStart);
      finish({ seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (cpu.user + cpu.system) / 1_000_000 });
    },
  };
}
