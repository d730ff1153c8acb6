import type { EventTime } from "./time.js";

/** When a device that goes on telling nothing new is mailed of again: after each of the intervals, and after the last one again and again. */
export class RepeatSchedule {
  readonly #intervalsMs: readonly number[];
  readonly #maxDevices: number;
  /** In the order in which they were mailed of. */
  readonly #devices = new Map<string, { readonly step: number; readonly dueAt: number }>();

  /** `intervalsMs`: none shorter than the one before. */
  constructor(intervalsMs: readonly number[], maxDevices = DEVICES_MAX) {
    this.#intervalsMs = intervalsMs;
    this.#maxDevices = maxDevices;
  }

  /** By event time. −Infinity: at once, as nobody was told of it, or that is forgotten. */
  dueAt(deviceId: string): number {
    return this.#devices.get(deviceId)?.dueAt ?? Number.NEGATIVE_INFINITY;
  }

  forget(deviceId: string): void {
    this.#devices.delete(deviceId);
  }

  /** A mail of it leaves, with all up to `at`. One with news begins anew; one before its time counts for nothing. */
  mailed(deviceId: string, at: EventTime, hasNews: boolean): void {
    const before = this.#devices.get(deviceId);
    const last = this.#intervalsMs.length - 1;
    const step = hasNews || before === undefined ? 0 : Math.min(before.step + (at < before.dueAt ? 0 : 1), last);
    this.#devices.delete(deviceId);
    this.#devices.set(deviceId, { step, dueAt: at + (this.#intervalsMs[step] as number) });
    if (this.#devices.size <= this.#maxDevices) return;
    const [oldest] = this.#devices.keys();
    this.#devices.delete(oldest as string);
  }
}

/** Of a partition: 2 MB. A device that is forgotten is mailed of once too often. */
const DEVICES_MAX = 10_000;
