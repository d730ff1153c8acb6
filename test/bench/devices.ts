/** (i) What an alert costs with few devices and with very many: the same alerts, as many a window, however many windows there are. */

import { ALERT_BYTES } from "./alerts.js";
import { runChild } from "./child.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";

export interface DevicesJob {
  readonly devices: number;
  readonly alerts: number;
}

/** CPU time of the whole process, collections included, while alerts go from their bytes into their windows. */
export interface DevicesResult {
  readonly cpuMicros: number;
}

export const ALERTS_A_WINDOW = 5;
const FEW = 1_000;
const MANY = 100_000;
const VERY_MANY = 1_000_000;

export async function benchDevices({ options, signal, say }: BenchContext): Promise<PartReport> {
  const counts = [FEW, MANY, VERY_MANY] as const;
  const runs = new Map<number, number[]>(counts.map((devices) => [devices, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const devices of counts) {
      const windows = Math.max(devices, Math.floor(options.alerts / ALERTS_A_WINDOW));
      const job: DevicesJob = { devices, alerts: windows * ALERTS_A_WINDOW };
      const { cpuMicros } = await runChild<DevicesJob, DevicesResult>("devices-child.js", job, signal);
      runs.get(devices)?.push(cpuMicros);
      say(`i  round ${round}, ${devices} devices: ${cpuMicros.toFixed(2)} µs an alert`);
    }
  }
  const of = (devices: number): readonly number[] => runs.get(devices) ?? [];
  return {
    part: "i",
    title: `CPU an alert of ${ALERT_BYTES} bytes, ${ALERTS_A_WINDOW} a window, by devices`,
    how: "Records go from their bytes into the windows of one process without Kafka. Fewer devices have their window more often: each run takes as many alerts.",
    rows: counts.map((devices) => ({
      name: `${devices} devices`,
      figures: { "CPU µs an alert": Number(median(of(devices)).toFixed(2)) },
    })),
    ratios: [
      { name: "100,000 devices of 1,000", value: ratio(of(MANY), of(FEW)), aim: { atMost: 1.1 } },
      { name: "1,000,000 devices of 1,000", value: ratio(of(VERY_MANY), of(FEW)), aim: { atMost: 1.4 } },
    ],
    raw: Object.fromEntries(runs),
  };
}
