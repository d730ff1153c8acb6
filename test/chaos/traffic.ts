/** Devices that never stop talking, and what of it is still in no mail. */

import { setTimeout as sleep } from "node:timers/promises";
import { BAD_RECORDS } from "#tools/simulator/bad-records.js";
import { type AlertProducer, type ProducedRecord, startProducer } from "#tools/simulator/producer.js";
import type { Random } from "#tools/simulator/random.js";

/** As it stands in a record, a mail and a dead letter. */
export const ALERT_ID = /\bA\d{8}\b/g;
/** Header of records that cannot be read. */
export const BAD_HEADER = "chaos-bad";

export interface Traffic {
  readonly acknowledged: readonly string[];
  /** Of the oldest alert that is neither in a mail nor refused for good; 0 when there is none. Its age counts from its making, written or not. */
  oldestPendingMs(): number;
  readonly pending: number;
  settled(alertId: string): void;
  /** These are in no log any more: nobody waits for them. */
  forget(alertIds: readonly string[]): void;
  readonly devices: readonly string[];
  /** Alerts per second. */
  readonly rate: number;
  /** Resolves when the last record was acknowledged; nothing more is written until `resume`. */
  pause(): Promise<void>;
  /** Goes on, to another cluster when one is named. */
  resume(brokers?: string): Promise<void>;
  /** Resolves when the last record was acknowledged. */
  stop(): Promise<void>;
}

export interface MadeAlert {
  readonly alertId: string;
  readonly deviceId: string;
  /** Its timestamp. */
  readonly madeMs: number;
}

const SEND_EVERY_MS = 50;
const BAD_SHARE = 0.03;

export async function startTraffic(options: {
  readonly brokers: string;
  readonly topic: string;
  readonly devices: number;
  /** Alerts per second, over all devices. */
  readonly rate: number;
  readonly badRecords: boolean;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told of each alert before it is written. */
  readonly onMade?: (alert: MadeAlert) => void;
}): Promise<Traffic> {
  const { topic, random, signal } = options;
  const pending = new Map<string, number>();
  const acknowledged: string[] = [];
  let serial = 0;
  let stopping = false;
  let { brokers } = options;
  let producer: AlertProducer | undefined = await startProducer(brokers);
  const devices = Array.from({ length: options.devices }, (_, at) => `device-${String(at + 1).padStart(2, "0")}`);

  const make = (): ProducedRecord => {
    const now = Date.now();
    if (options.badRecords && random.next() < BAD_SHARE) {
      const bad = random.pick(BAD_RECORDS);
      if (bad.kind === "tombstone") return { key: bad.key, value: null, timestamp: now };
      return { key: bad.key, value: bad.value, timestamp: now, headers: { [BAD_HEADER]: bad.what } };
    }
    const deviceId = random.pick(devices);
    const alertId = `A${String(++serial).padStart(8, "0")}`;
    pending.set(alertId, now);
    options.onMade?.({ alertId, deviceId, madeMs: now });
    const severity = random.next() < 0.05 ? "critical" : random.next() < 0.5 ? "warning" : "info";
    const value = { deviceId, alertId, message: `Pressure out of range, ${alertId}`, severity, type: "PRESSURE" };
    return { key: deviceId, value, timestamp: now };
  };

  /** Until it is written: the books are read from the log, so a retry may write it twice. */
  const send = async (records: readonly ProducedRecord[]): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      try {
        producer ??= await startProducer(brokers);
        await producer.send(topic, records);
        return;
      } catch {
        await producer?.close().catch(() => {});
        producer = undefined;
        await sleep(200, undefined, { signal });
      }
    }
  };

  const run = async (): Promise<void> => {
    let due = Date.now();
    let owed = 0;
    while (!stopping) {
      const now = Date.now();
      owed += ((now - due) * options.rate) / 1_000;
      due = now;
      const records = Array.from({ length: Math.min(2_000, Math.floor(owed)) }, make);
      owed -= records.length;
      if (records.length > 0) {
        await send(records);
        for (const { value } of records) {
          const id = (value as { alertId?: string } | null)?.alertId;
          if (id !== undefined) acknowledged.push(id);
        }
      }
      await sleep(SEND_EVERY_MS, undefined, { signal });
    }
  };
  const start = (): Promise<void> => {
    const begun = run();
    begun.catch(() => {});
    return begun;
  };
  let running = start();
  const pause = async (): Promise<void> => {
    stopping = true;
    await running;
  };

  return {
    acknowledged,
    oldestPendingMs() {
      for (const madeAt of pending.values()) return Date.now() - madeAt;
      return 0;
    },
    get pending() {
      return pending.size;
    },
    settled: (alertId) => void pending.delete(alertId),
    forget: (alertIds) => alertIds.forEach((alertId) => void pending.delete(alertId)),
    devices,
    rate: options.rate,
    pause,
    async resume(elsewhere = brokers) {
      if (elsewhere !== brokers) {
        await producer?.close();
        producer = undefined;
        brokers = elsewhere;
      }
      stopping = false;
      running = start();
    },
    async stop() {
      await pause();
      await producer?.close();
    },
  };
}
