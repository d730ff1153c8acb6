/**
 * What is to be told of dead letters, and when: at most one mail an interval. The first letter begins an interval, at whose end a mail tells of all; one of
 * a critical alert is told of at once, where no mail left in the interval before. Pure, with bounded memory: the clock is an argument.
 */

import type { Severity } from "./alert.js";

/** One dead letter, as a mail tells of it. */
export interface LetterFacts {
  readonly kind: "record" | "window";
  readonly stage: string;
  readonly reason: string;
  /** Of a record its key; undefined: it says none. */
  readonly deviceId: string | undefined;
  /** The worst in it; undefined: nobody can read it. */
  readonly severity: Severity | undefined;
  /** In it; of a record one. */
  readonly alerts: number;
  /** What could be read of it: a message, or its first characters. */
  readonly says: string;
  /** Why, in the words of who refused it. */
  readonly detail: string;
  /** As `dead-letters show` takes it; undefined: not known. */
  readonly position: string | undefined;
  readonly atMs: number;
}

/** What a mail says. */
export interface LetterNews {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly letters: number;
  readonly alerts: number;
  /** With a critical alert. */
  readonly critical: number;
  /** Most first. */
  readonly reasons: readonly { readonly stage: string; readonly reason: string; readonly letters: number }[];
  /** The worst first, at most `DEVICES_LISTED_MAX`. */
  readonly devices: readonly DeviceLetters[];
  /** That are known: there may be more where `moreDevices` says so. */
  readonly deviceCount: number;
  readonly moreDevices: boolean;
  /** The worst first, then the newest, at most `WORST_MAX`. */
  readonly worst: readonly LetterFacts[];
}

export interface DeviceLetters {
  readonly deviceId: string;
  readonly letters: number;
  readonly critical: number;
}

export class LetterGathering {
  readonly #intervalMs: number;
  #sums = new Sums();
  /** When the last mail was given out that left. */
  #lastMs: number | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Letters that no mail tells of yet. */
  get waiting(): number {
    return this.#sums.letters;
  }

  note(letter: LetterFacts): void {
    this.#sums.add(letter);
  }

  /** When the next mail is to leave; undefined: there is nothing to tell. It may lie in the past. */
  get dueMs(): number | undefined {
    const { firstMs, isCritical } = this.#sums;
    if (firstMs === undefined) return undefined;
    const next = this.#lastMs === undefined ? firstMs : Math.max(firstMs, this.#lastMs + this.#intervalMs);
    return isCritical ? next : Math.max(next, firstMs + this.#intervalMs);
  }

  /** No mail left within the interval before. */
  isFree(nowMs: number): boolean {
    return this.#lastMs === undefined || nowMs >= this.#lastMs + this.#intervalMs;
  }

  /** All that waits; what comes from now on is another mail's. Give it to `left` or to `back`. */
  take(nowMs: number): LetterNews & { readonly taken: unknown } {
    const taken = this.#sums;
    this.#sums = new Sums();
    return { ...taken.news(nowMs), taken };
  }

  /** A mail with it left, or is given up: it needs nothing more. */
  left(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  /** Nobody has it: what came since joins it. */
  back({ taken }: { readonly taken: unknown }): void {
    const earlier = taken as Sums;
    earlier.join(this.#sums);
    this.#sums = earlier;
  }
}

class Sums {
  letters = 0;
  firstMs: number | undefined;
  #alerts = 0;
  #critical = 0;
  #moreDevices = false;
  readonly #reasons = new Map<string, { stage: string; reason: string; letters: number }>();
  readonly #devices = new Map<string, { letters: number; critical: number }>();
  #worst: LetterFacts[] = [];

  get isCritical(): boolean {
    return this.#critical > 0;
  }

  add(letter: LetterFacts): void {
    const { stage, reason, deviceId, severity, alerts, atMs } = letter;
    const critical = severity === "critical" ? 1 : 0;
    this.letters++;
    this.firstMs = Math.min(this.firstMs ?? atMs, atMs);
    this.#alerts += alerts;
    this.#critical += critical;
    this.#addReason(stage, reason, 1);
    if (deviceId !== undefined) this.#addDevice(deviceId, 1, critical);
    this.#keep([letter]);
  }

  join(later: Sums): void {
    this.letters += later.letters;
    this.firstMs = Math.min(this.firstMs ?? Number.POSITIVE_INFINITY, later.firstMs ?? Number.POSITIVE_INFINITY);
    this.#alerts += later.#alerts;
    this.#critical += later.#critical;
    this.#moreDevices ||= later.#moreDevices;
    for (const { stage, reason, letters } of later.#reasons.values()) this.#addReason(stage, reason, letters);
    for (const [deviceId, { letters, critical }] of later.#devices) this.#addDevice(deviceId, letters, critical);
    this.#keep(later.#worst);
  }

  news(nowMs: number): LetterNews {
    const devices = [...this.#devices]
      .map(([deviceId, sums]) => ({ deviceId, ...sums }))
      .sort((a, b) => b.critical - a.critical || b.letters - a.letters || (a.deviceId < b.deviceId ? -1 : 1));
    return {
      sinceMs: this.firstMs ?? nowMs,
      untilMs: nowMs,
      letters: this.letters,
      alerts: this.#alerts,
      critical: this.#critical,
      reasons: [...this.#reasons.values()].sort((a, b) => b.letters - a.letters || (a.reason < b.reason ? -1 : 1)),
      devices: devices.slice(0, DEVICES_LISTED_MAX),
      deviceCount: devices.length,
      moreDevices: this.#moreDevices,
      worst: this.#worst,
    };
  }

  /** Stages and reasons are closed sets. */
  #addReason(stage: string, reason: string, letters: number): void {
    const key = `${stage} ${reason}`;
    const sums = this.#reasons.get(key) ?? { stage, reason, letters: 0 };
    this.#reasons.set(key, sums);
    sums.letters += letters;
  }

  #addDevice(deviceId: string, letters: number, critical: number): void {
    const known = this.#devices.get(deviceId);
    if (known !== undefined) {
      known.letters += letters;
      known.critical += critical;
    } else if (this.#devices.size < DEVICES_COUNTED_MAX) this.#devices.set(deviceId, { letters, critical });
    else this.#moreDevices = true;
  }

  #keep(letters: readonly LetterFacts[]): void {
    this.#worst = [...this.#worst, ...letters]
      .sort((a, b) => weightOf(b) - weightOf(a) || b.atMs - a.atMs)
      .slice(0, WORST_MAX);
  }
}

/** Of what cannot be read, nobody knows that it was not critical. */
const weightOf = ({ severity }: LetterFacts): number =>
  severity === "critical" ? 3 : severity === undefined ? 2 : severity === "warning" ? 1 : 0;

export const WORST_MAX = 10;
export const DEVICES_LISTED_MAX = 50;
export const DEVICES_COUNTED_MAX = 1_000;
