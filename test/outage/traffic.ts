/** An hour of alerts: written as fast as the broker takes them, with the timestamps they would have had; or as time goes by. */

import { setTimeout as sleep } from "node:timers/promises";
import { type ProducedRecord, startProducer } from "#tools/simulator/producer.js";
import type { Random } from "#tools/simulator/random.js";

/** `A00000017#` in an alert's message: its serial number. */
export const SERIAL = /\bA(\d{8})#/g;
/** About what a device's alert takes. */
export const ALERT_BYTES = 260;

const PER_REQUEST = 5_000;
const REAL_TIME_STEP_MS = 200;

export const deviceId = (device: number): string => `device-${String(device).padStart(5, "0")}`;
export const deviceNumber = (id: string): number => Number(/^device-(\d+)$/.exec(id)?.[1]);

/** Which device sends each alert. */
export function chooseDevices(alerts: number, devices: number, random: Random): Uint16Array {
  const deviceOf = new Uint16Array(alerts);
  for (let serial = 0; serial < alerts; serial++) deviceOf[serial] = random.whole(0, devices - 1);
  return deviceOf;
}

export interface TrafficOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly deviceOf: Uint16Array;
  /** Alerts per second. */
  readonly rate: number;
  /** Timestamp of the first one; in real time: when it is written. */
  readonly startMs: number;
  /** No alert is written before its time, and its timestamp says when it is written. */
  readonly realTime: boolean;
  readonly signal: AbortSignal;
  onProgress(written: number): void;
}

/** Resolves when the last alert is written. Retries write nothing twice. */
export async function writeAlerts(options: TrafficOptions): Promise<void> {
  const { deviceOf, rate, startMs, signal } = options;
  const producer = await startProducer(options.brokers, { idempotent: true });
  try {
    for (let serial = 0; serial < deviceOf.length; ) {
      signal.throwIfAborted();
      const due = options.realTime ? Math.floor(((Date.now() - startMs) * rate) / 1_000) : deviceOf.length;
      const until = Math.min(deviceOf.length, due, serial + PER_REQUEST);
      const records: ProducedRecord[] = [];
      for (; serial < until; serial++) {
        const at = options.realTime ? Date.now() : startMs + Math.floor((serial * 1_000) / rate);
        records.push(recordOf(serial, deviceOf[serial] as number, at));
      }
      if (records.length > 0) await producer.send(options.topic, records);
      options.onProgress(serial);
      if (options.realTime) await sleep(REAL_TIME_STEP_MS, undefined, { signal });
    }
  } finally {
    await producer.close();
  }
}

const SEVERITIES = ["info", "warning", "critical"] as const;

function recordOf(serial: number, device: number, at: number): ProducedRecord {
  const id = deviceId(device);
  const alert = {
    deviceId: id,
    deviceName: `Busan line ${device}`,
    severity: SEVERITIES[serial % 3],
    type: "TEMPERATURE_HIGH",
    message: `A${String(serial).padStart(8, "0")}# coolant is too hot `,
    value: 80 + (serial % 50) / 10,
    threshold: 80,
    unit: "C",
    occurredAt: new Date(at).toISOString(),
  };
  alert.message = alert.message.padEnd(alert.message.length + ALERT_BYTES - JSON.stringify(alert).length, ".");
  return { key: id, value: JSON.stringify(alert), timestamp: at };
}
