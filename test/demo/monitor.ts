import { setTimeout as sleep } from "node:timers/promises";
import type { MetricsPage } from "../support/metrics-page.js";

export interface Readings {
  /** Undefined until first read. */
  readonly windowsOpen: number | undefined;
  readonly oldestSeconds: number | undefined;
  /** Records not committed, as Kafka has it. */
  readonly lag: number | undefined;
  /** When the lag began to be read, milliseconds since the epoch. */
  readonly readAtMs: number;
}

export interface Monitor {
  latest(): Readings;
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;

/** Reads the instances' metrics and Kafka's offsets once a second; what fails is read again. */
export function createMonitor(readMetrics: () => Promise<MetricsPage>, readLag: () => Promise<number>): Monitor {
  const stopping = new AbortController();
  let latest: Readings = { windowsOpen: undefined, oldestSeconds: undefined, lag: undefined, readAtMs: 0 };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const readAtMs = Date.now();
      const [metrics, lag] = await Promise.allSettled([readMetrics(), readLag()]);
      if (metrics.status === "fulfilled")
        latest = {
          ...latest,
          windowsOpen: metrics.value.value("windows_open"),
          oldestSeconds: largest(metrics.value, "alert_digest_kafka_consumer_lag_seconds"),
        };
      if (lag.status === "fulfilled") latest = { ...latest, lag: lag.value, readAtMs };
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = loop();
  return {
    latest: () => latest,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

const largest = ({ samples }: MetricsPage, name: string): number | undefined =>
  samples.reduce<number | undefined>(
    (most, sample) => (sample.name === name ? Math.max(most ?? 0, sample.value) : most),
    undefined,
  );
