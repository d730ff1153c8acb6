import type { CommitFrontier, HoldId } from "./commit-frontier.js";
import { isSame } from "./delivered.js";
import type { FullWindows } from "./full-windows.js";
import type { PartitionOptions, PendingMail } from "./partition-types.js";
import { RepeatSchedule } from "./repeat-schedule.js";
import type { EventTime } from "./time.js";
import { HAS_NEWS, IS_REPEAT, WAS_COUNTED, type Window, type WindowId } from "./window.js";
import type { Buckets, DeviceWindows } from "./window-orders.js";
import type { WindowTally } from "./window-tally.js";
import type { Windows } from "./windows.js";

/** A device with held windows. */
interface HeldDevice {
  readonly dueAt: number;
  /** Has what is kept of the alerts of all, once they are more than a mail lists. */
  readonly first: WindowId;
  /** How many of their alerts are in memory. */
  listed: number;
}

/**
 * Windows that tell nothing new are held, so that a device that goes on firing is mailed of after each of `REPEAT_INTERVALS`: closed → held, then let go
 * when their time has come, or with the first window of their device that has news.
 *
 * Held is not lost, and not settled: the frontier stands at the oldest held alert. But nobody waits for it, so it counts in no age: `CommitFrontier.pass`
 * and `Bucket.repeating` leave it out, and `oldestWaiting` says since when those wait that were let go.
 */
export class HeldWindows {
  readonly #parts: HeldParts;
  readonly #maxListed: number;
  readonly #schedule: RepeatSchedule;
  /** In the order in which the first window of each was held. */
  readonly #devices = new Map<string, HeldDevice>();
  #nextDue = Number.POSITIVE_INFINITY;
  /** Devices with some that were let go behind a mail under way: when the first was, and the last. */
  readonly #waiting = new Map<string, { readonly first: number; readonly last: number }>();
  /** Mails with such windows: since when they wait. */
  readonly #leaving = new Map<HoldId, number>();

  /** Undefined without `REPEAT_INTERVALS`. */
  static of(options: HeldOptions, parts: HeldParts): HeldWindows | undefined {
    const { repeatIntervalsMs: intervals, maxListed } = options;
    return intervals === undefined ? undefined : new HeldWindows(intervals, maxListed, parts);
  }

  private constructor(intervalsMs: readonly number[], maxListed: number, parts: HeldParts) {
    this.#parts = parts;
    this.#maxListed = maxListed;
    this.#schedule = new RepeatSchedule(intervalsMs);
  }

  /** A window closes; returns whether it is no part of the service level (`Window.isUntimed`). */
  closing(id: WindowId): boolean {
    const { windows, frontier } = this.#parts;
    if (windows.has(id, HAS_NEWS)) return false;
    // It may have been news before a restart: it is not held.
    if (windows.has(id, WAS_COUNTED)) return true;
    windows.mark(id, IS_REPEAT);
    windows.bucketOf(id).repeating++;
    frontier.pass(windows.holdOf(id));
    return true;
  }

  /** Keeps a window back that has just closed; returns whether it does. */
  keeps(id: WindowId): boolean {
    const { windows, tally } = this.#parts;
    if (!windows.has(id, IS_REPEAT)) return false;
    const deviceId = windows.devices.idOf(windows.deviceOf(id));
    const end = this.#endOf(id);
    const dueAt = this.#schedule.dueAt(deviceId);
    if (end >= dueAt) {
      this.#wait(deviceId, end);
      return false;
    }
    windows.setState(id, "held");
    const listed = windows.listedIn(id);
    tally.held(listed);
    const device = this.#devices.get(deviceId) ?? { dueAt, first: id, listed: 0 };
    device.listed += listed;
    this.#devices.set(deviceId, device);
    this.#nextDue = Math.min(this.#nextDue, dueAt);
    if (device.listed > this.#maxListed) this.#fold(device);
    return true;
  }

  /** Whether the time of some has come, or a restart would have to read too much again because of them. */
  isDueBy(time: number): boolean {
    return time >= this.#nextDue || this.#spansTooMuch;
  }

  /** Lets those go whose time has come; where a restart would have to read too much again, all. Returns their devices. */
  letDueGo(time: number): readonly string[] {
    if (this.#spansTooMuch) return this.letOldestGo(Number.POSITIVE_INFINITY, time);
    const due = [...this.#devices].filter(([, { dueAt }]) => dueAt <= time);
    for (const [deviceId, { dueAt }] of due) this.#letGo(deviceId, dueAt);
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#devices.values()) this.#nextDue = Math.min(this.#nextDue, dueAt);
    return due.map(([deviceId]) => deviceId);
  }

  /** Lets go at `time`, before theirs, those that have been held for longest, with at least so many alerts in memory. Returns their devices. */
  letOldestGo(alerts: number, time: number): readonly string[] {
    const gone: string[] = [];
    let listed = 0;
    for (const [deviceId, device] of this.#devices) {
      if (listed >= alerts) break;
      listed += device.listed;
      gone.push(deviceId);
    }
    for (const deviceId of gone) this.#letGo(deviceId, time);
    return gone;
  }

  /** These leave as one mail, the first ones of their device. */
  leave(mail: Pick<PendingMail, "id" | "deviceId" | "windows">): void {
    const { deviceId } = mail;
    // Those behind one that others have, which cannot leave with them, follow.
    if (this.#devices.delete(deviceId)) this.#letRingGo(deviceId);
    const lastEnd = Math.max(...mail.windows.map(({ id }) => this.#endOf(id)));
    const { first, last } = this.#waiting.get(deviceId) ?? { first: lastEnd, last: lastEnd };
    this.#waiting.delete(deviceId);
    if (mail.windows.some(isRepeat)) this.#leaving.set(mail.id, first);
    this.#schedule.mailed(deviceId, Math.max(last, lastEnd) as EventTime, !mail.windows.every(isRepeat));
  }

  /** Somebody has a mail of it, as far as is known: what tells nothing new is known already. */
  isTold(deviceId: string): boolean {
    return this.#schedule.dueAt(deviceId) > Number.NEGATIVE_INFINITY;
  }

  /** Nobody was told: what is held leaves at `time`, and its next window is mailed of, whatever it tells. */
  forget(deviceId: string, time: number): void {
    this.#schedule.forget(deviceId);
    if (this.#devices.has(deviceId)) this.#letGo(deviceId, time);
  }

  /** The mail is through, or keeps nobody waiting any more but recipients that are behind. */
  left(id: HoldId): void {
    this.#leaving.delete(id);
  }

  /** Since when those wait that were let go the longest ago; undefined: none do. */
  get oldestWaiting(): EventTime | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const since of this.#leaving.values()) oldest = Math.min(oldest, since);
    // The mail that they are behind may be an early one, whose window is not over.
    for (const { first } of this.#waiting.values()) oldest = Math.min(oldest, first);
    return oldest === Number.POSITIVE_INFINITY ? undefined : (oldest as EventTime);
  }

  /** Where something else keeps the frontier back, letting them go would not move it. */
  get #spansTooMuch(): boolean {
    const { windows, frontier } = this.#parts;
    const { position } = frontier;
    if (position - frontier.frontier <= SPAN_MAX) return false;
    const [oldest] = this.#devices.values();
    return oldest !== undefined && position - frontier.firstOffset(windows.holdOf(oldest.first)) > SPAN_MAX;
  }

  #letGo(deviceId: string, at: number): void {
    this.#devices.delete(deviceId);
    this.#wait(deviceId, at);
    this.#letRingGo(deviceId);
  }

  #wait(deviceId: string, at: number): void {
    // One that closes after its time may be told of before those whose time had come.
    const { first, last } = this.#waiting.get(deviceId) ?? { first: at, last: at };
    this.#waiting.set(deviceId, { first: Math.min(first, at), last: Math.max(last, at) });
  }

  #letRingGo(deviceId: string): void {
    const { windows, tally } = this.#parts;
    for (const id of this.#heldOf(deviceId)) {
      tally.letGo(windows.listedIn(id));
      windows.setState(id, "closed");
    }
  }

  /** What a device's held windows have in memory is at most what one mail lists, and as many again. */
  #fold(device: HeldDevice): void {
    const { windows, full, tally } = this.#parts;
    const { first } = device;
    const deviceId = windows.devices.idOf(windows.deviceOf(first));
    for (const id of this.#heldOf(deviceId)) {
      // Those from here on leave as another mail: they keep what they have.
      if (!isSame(windows.deliveredTo(id), windows.deliveredTo(first))) break;
      if (id === first || windows.listedIn(id) === 0) continue;
      tally.heldDropped(full.join(first, id));
    }
    device.listed = this.#heldOf(deviceId).reduce((sum, id) => sum + windows.listedIn(id), 0);
  }

  #heldOf(deviceId: string): WindowId[] {
    const { windows, byDevice } = this.#parts;
    const oldest = byDevice.oldest(windows.devices.findText(deviceId));
    const held: WindowId[] = [];
    let id = oldest;
    do {
      if (windows.stateOf(id) === "held") held.push(id);
      id = windows.nextOf(id);
    } while (id !== oldest);
    return held;
  }

  #endOf(id: WindowId): EventTime {
    return this.#parts.buckets.endOf(this.#parts.windows.bucketOf(id));
  }
}

/** Offsets from the oldest held alert to the position: read again in seconds. */
const SPAN_MAX = 500_000;

type HeldOptions = Pick<PartitionOptions, "repeatIntervalsMs" | "maxListed">;

export interface HeldParts {
  readonly windows: Windows;
  readonly byDevice: DeviceWindows;
  readonly buckets: Buckets;
  readonly frontier: CommitFrontier;
  readonly tally: WindowTally;
  readonly full: FullWindows;
}

const isRepeat = ({ repeats }: Window): boolean => repeats;
