/** What the product's own gauges say all the while, and what its process takes. */

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { MetricsPage } from "../support/metrics-page.js";
import type { Product } from "../support/product.js";

export const PAUSE_REASONS = ["buffer", "checkpoint", "smtp"] as const;
type Paused = Readonly<Record<(typeof PAUSE_REASONS)[number], number>>;

/** One look. */
export interface Look {
  readonly alerts: number;
  readonly bytes: number;
  readonly rss: number;
  /** Sum over the partitions. */
  readonly committed: number;
  readonly position: number;
  readonly paused: Paused;
  readonly circuitOpen: boolean;
  readonly late: number;
  readonly deadLettered: number;
  readonly overflows: number;
}

export interface Peaks {
  alerts: number;
  bytes: number;
  rss: number;
  paused: Record<(typeof PAUSE_REASONS)[number], number>;
  /** Times that reading began again after a pause, as seen. */
  resumed: number;
}

const LOOK_EVERY_MS = 200;

export const lookAt = (page: MetricsPage): Look => {
  const value = (name: string, labels: Record<string, string> = {}): number => page.value(name, labels) ?? 0;
  const paused = (reason: string): number => value("kafka_partitions_paused", { reason });
  return {
    alerts: value("buffered_alerts"),
    bytes: value("buffered_bytes"),
    rss: value("process_resident_memory_bytes"),
    committed: value("kafka_committed_offset"),
    position: value("kafka_log_end_offset") - value("kafka_consumer_position_lag_records"),
    paused: { buffer: paused("buffer"), checkpoint: paused("checkpoint"), smtp: paused("smtp") },
    circuitOpen: value("smtp_circuit_open") === 1,
    late: value("alerts_total", { outcome: "late" }),
    deadLettered: value("mails_total", { outcome: "dead_lettered" }),
    overflows: value("checkpoint_overflows_total"),
  };
};

/** Looks until stopped; `onLook` gets each. */
export function watchGauges(product: Product, onLook: (look: Look) => void) {
  const peaks: Peaks = { alerts: 0, bytes: 0, rss: 0, paused: { buffer: 0, checkpoint: 0, smtp: 0 }, resumed: 0 };
  let stopped = false;
  let before: Look | undefined;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const page = await product.metrics().catch(() => undefined);
      if (page !== undefined) {
        const look = lookAt(page);
        peaks.alerts = Math.max(peaks.alerts, look.alerts);
        peaks.bytes = Math.max(peaks.bytes, look.bytes);
        peaks.rss = Math.max(peaks.rss, look.rss);
        for (const reason of PAUSE_REASONS) {
          peaks.paused[reason] = Math.max(peaks.paused[reason], look.paused[reason]);
        }
        if (before !== undefined && isPaused(before) && !isPaused(look)) peaks.resumed++;
        before = look;
        onLook(look);
      }
      await sleep(LOOK_EVERY_MS);
    }
  };
  const running = run();
  return {
    peaks,
    /** Adds what happened between two looks: the log's line at each full buffer, and the kernel's account of the process. */
    async stop(): Promise<Peaks> {
      stopped = true;
      await running;
      for (const line of product.logs) {
        if (typeof line["alerts"] === "number") peaks.alerts = Math.max(peaks.alerts, line["alerts"]);
        if (typeof line["bytes"] === "number") peaks.bytes = Math.max(peaks.bytes, line["bytes"]);
      }
      const status = await readFile(`/proc/${product.pid}/status`, "utf8").catch(() => "");
      peaks.rss = Math.max(peaks.rss, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024);
      return peaks;
    },
  };
}

export const isPaused = ({ paused }: Look): boolean => PAUSE_REASONS.some((reason) => paused[reason] > 0);
