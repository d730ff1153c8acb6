/**
 * What `Partition` has to do, said as slowly and plainly as possible: arrays that are searched from end to end, nothing kept that can be
 * worked out, nothing ever forgotten. Written from the design, not from the code.
 */

import type { Severity } from "#src/core/alert.js";

export interface OracleOptions {
  readonly windowSizeMs: number;
  readonly graceMs: number;
  readonly maxListed: number;
  readonly catchUpAfterMs: number;
}

export interface OracleAlert {
  readonly offset: number;
  readonly eventTime: number;
  readonly deviceId: string;
  readonly severity: Severity;
  readonly type: string | undefined;
  readonly late: boolean;
}

export interface OracleWindow {
  readonly deviceId: string;
  readonly start: number;
  readonly alerts: OracleAlert[];
  state: "open" | "closed" | "mailing" | "settled";
}

export interface OracleMail {
  readonly deviceId: string;
  readonly windows: OracleWindow[];
}

export class PartitionOracle {
  readonly options: OracleOptions;
  position = 0;
  time = Number.NEGATIVE_INFINITY;
  windows: OracleWindow[] = [];
  deadLetters: { offset: number; eventTime: number; settled: boolean }[] = [];
  late = 0;

  constructor(options: OracleOptions) {
    this.options = options;
  }

  clone(): PartitionOracle {
    const copy = new PartitionOracle(this.options);
    Object.assign(copy, structuredClone({ ...this }));
    return copy;
  }

  get watermark(): number {
    return this.time - this.options.graceMs;
  }

  endOf(window: OracleWindow): number {
    return window.start + this.options.windowSizeMs;
  }

  /** Returns the mails that become due. */
  alert(alert: Omit<OracleAlert, "late">): OracleMail[] {
    const mails = this.#advance(alert.eventTime);
    this.position = alert.offset + 1;
    const { windowSizeMs } = this.options;
    const own = Math.floor(alert.eventTime / windowSizeMs) * windowSizeMs;
    const late = own + windowSizeMs <= this.watermark;
    const open = this.windows
      .filter((window) => window.deviceId === alert.deviceId && window.state === "open")
      .sort((a, b) => a.start - b.start);
    let window = late ? open[0] : open.find((candidate) => candidate.start === own);
    if (window === undefined) {
      // A late alert without an open window to join begins the one that the watermark is in.
      const start = late ? Math.floor(this.watermark / windowSizeMs) * windowSizeMs : own;
      window = { deviceId: alert.deviceId, start, alerts: [], state: "open" };
      this.windows.push(window);
    }
    if (late) this.late++;
    window.alerts.push({ ...alert, late });
    return mails;
  }

  tombstone(offset: number, eventTime: number): OracleMail[] {
    const mails = this.#advance(eventTime);
    this.position = offset + 1;
    return mails;
  }

  unreadable(offset: number, eventTime: number): OracleMail[] {
    const mails = this.#advance(eventTime);
    this.position = offset + 1;
    this.deadLetters.push({ offset, eventTime, settled: false });
    return mails;
  }

  gap(nextOffset: number): void {
    this.position = Math.max(this.position, nextOffset);
  }

  knownEnd(at: number, endOffset: number): OracleMail[] {
    return this.position < endOffset ? [] : this.#advance(at);
  }

  deadLetterWritten(offset: number): void {
    for (const letter of this.deadLetters) if (letter.offset === offset) letter.settled = true;
  }

  /** The device's mail under way is through. */
  mailSettled(deviceId: string, now: number): OracleMail[] {
    for (const window of this.mailing(deviceId)) window.state = "settled";
    const waiting = this.unsettled(deviceId).filter((window) => window.state === "closed");
    const oldest = waiting[0];
    if (oldest === undefined) return [];
    const merge = now - this.endOf(oldest) > this.options.catchUpAfterMs;
    return [this.#mail(merge ? waiting : [oldest])];
  }

  mailing(deviceId: string): OracleWindow[] {
    return this.unsettled(deviceId).filter((window) => window.state === "mailing");
  }

  /** By start. */
  unsettled(deviceId?: string): OracleWindow[] {
    return this.windows
      .filter((window) => window.state !== "settled" && (deviceId === undefined || window.deviceId === deviceId))
      .sort((a, b) => a.start - b.start);
  }

  unsettledOffsets(): number[] {
    const alerts = this.unsettled().flatMap((window) => window.alerts.map((alert) => alert.offset));
    const letters = this.deadLetters.filter((letter) => !letter.settled).map((letter) => letter.offset);
    return [...alerts, ...letters].sort((a, b) => a - b);
  }

  get frontier(): number {
    return this.unsettledOffsets()[0] ?? this.position;
  }

  /** Offsets from the frontier to the position that need nothing more, as inclusive runs. */
  settledRuns(): [number, number][] {
    const unsettled = new Set(this.unsettledOffsets());
    const settled: number[] = [];
    const { frontier, position } = this;
    for (let offset = frontier; offset < position; offset++) if (!unsettled.has(offset)) settled.push(offset);
    return runsOf(settled);
  }

  #advance(time: number): OracleMail[] {
    this.time = Math.max(this.time, time);
    const mails: OracleMail[] = [];
    for (const window of this.unsettled()) {
      if (window.state === "open" && this.endOf(window) <= this.watermark) window.state = "closed";
    }
    for (const deviceId of new Set(this.windows.map((window) => window.deviceId))) {
      const oldest = this.unsettled(deviceId)[0];
      if (oldest?.state === "closed") mails.push(this.#mail([oldest]));
    }
    return mails;
  }

  #mail(windows: OracleWindow[]): OracleMail {
    for (const window of windows) window.state = "mailing";
    return { deviceId: (windows[0] as OracleWindow).deviceId, windows };
  }
}

export const offsetsOf = (mail: OracleMail): number[] =>
  mail.windows.flatMap((window) => window.alerts.map((alert) => alert.offset)).sort((a, b) => a - b);

export const runsOf = (offsets: readonly number[]): [number, number][] => {
  const runs: [number, number][] = [];
  for (const offset of offsets) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === offset - 1) last[1] = offset;
    else runs.push([offset, offset]);
  }
  return runs;
};
