import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../support/product.js";

export interface Readings {
  /** Undefined until first read. */
  readonly windowsOpen: number | undefined;
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

/** Reads the product's metrics and Kafka's offsets once a second; what fails is read again. */
export function createMonitor(product: Pick<Product, "metrics">, readLag: () => Promise<number>): Monitor {
  const stopping = new AbortController();
  let latest: Readings = { windowsOpen: undefined, lag: undefined, readAtMs: 0 };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const readAtMs = Date.now();
      const [metrics, lag] = await Promise.allSettled([product.metrics(), readLag()]);
      const windowsOpen = metrics.status === "fulfilled" ? metrics.value.value("windows_open") : latest.windowsOpen;
      latest = lag.status === "fulfilled" ? { windowsOpen, lag: lag.value, readAtMs } : { ...latest, windowsOpen };
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
