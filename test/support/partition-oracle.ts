/**
 * What `Partition` has to do, said as slowly and plainly as possible: arrays that are searched from end to end, nothing kept that can be
 * worked out, nothing ever forgotten. Written from the design, not from the code.
 */

import type { Severity } from "#src/core/alert.js";

export interface OracleOptions {
  readonly windowSizeMs: number;
  readonly graceMs: number;
  readonly maxListed: number;
  /** Of the buffer, which an oracle has not. */
  readonly compactAboveBytes?: number | undefined;
  readonly catchUpAfterMs: number;
}

export interface OracleAlert {
  readonly offset: number;
  readonly eventTime: number;
  readonly deviceId: string;
  readonly severity: Severity;
  readonly type: string | undefined;
  readonly resolved: boolean;
  readonly late: boolean;
}

export interface OracleWindow {
  readonly deviceId: string;
  readonly start: number;
  readonly alerts: OracleAlert[];
  state: "open" | "closed" | "mailing" | "passed" | "settled";
  /** Who has it, ascending. */
  delivered: number[];
  /** Closed by an urgent alert, its last one. */
  early: boolean;
  /** From where on a replay is to read while it is settled and early, and its window is not over. */
  readFrom: number;
}

export interface OracleMail {
  readonly deviceId: string;
  readonly windows: OracleWindow[];
}

export class PartitionOracle {
  readonly options: OracleOptions;
  position = 0;
  time = Number.NEGATIVE_INFINITY;
  /** Those of a device in the order in which they leave. */
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
  alert(alert: Omit<OracleAlert, "late">, urgent = false): OracleMail[] {
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
      const readFrom = alert.offset;
      window = { deviceId: alert.deviceId, start, alerts: [], state: "open", delivered: [], early: false, readFrom };
      const later = open.find((each) => each.start > start);
      this.windows.splice(later === undefined ? this.windows.length : this.windows.indexOf(later), 0, window);
    }
    if (late) this.late++;
    window.alerts.push({ ...alert, late });
    if (!urgent || this.earlyPartOf(window) !== undefined) return mails;
    window.early = true;
    window.state = "closed";
    return [...mails, ...this.#due()];
  }

  /** Of a window, or of what came after it. */
  earlyPartOf({ deviceId, start }: OracleWindow): OracleWindow | undefined {
    return this.windows.find((each) => each.early && each.deviceId === deviceId && each.start === start);
  }

  /** What an early mail has to be known for: its bucket may take more of its device, or has some of it unsettled. */
  get pinned(): OracleWindow[] {
    return this.windows.filter(
      (window) =>
        window.early &&
        window.state === "settled" &&
        (this.endOf(window) > this.watermark ||
          this.unsettled(window.deviceId).some(({ start }) => start === window.start)),
    );
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

  /** The mail with these alerts is through. */
  mailSettled(deviceId: string, offsets: readonly number[], now: number): OracleMail[] {
    const windows = this.withAny(offsets);
    const isPassed = windows.every(({ state }) => state === "passed");
    for (const window of windows) window.state = "settled";
    return isPassed ? [] : this.#next(deviceId, now);
  }

  /** The device's mail under way keeps nobody waiting any more but those who are to get it. */
  mailPassed(deviceId: string, now: number): OracleMail[] {
    for (const window of this.mailing(deviceId)) window.state = "passed";
    return this.#next(deviceId, now);
  }

  mailReached(offsets: readonly number[], recipient: number): void {
    for (const window of this.withAny(offsets))
      window.delivered = [...new Set([...window.delivered, recipient])].sort((a, b) => a - b);
  }

  withAny(offsets: readonly number[]): OracleWindow[] {
    return this.windows.filter(({ alerts }) => alerts.some(({ offset }) => offsets.includes(offset)));
  }

  /** A restart finds each mail that was not settled where it was, and begins with the device's first one. */
  restart(): void {
    for (const deviceId of new Set(this.windows.map((window) => window.deviceId))) {
      const unsettled = this.unsettled(deviceId);
      if (unsettled.every(({ state }) => state !== "passed")) continue;
      for (const window of unsettled) if (window.state !== "open") window.state = "closed";
      const [oldest] = unsettled;
      if (oldest?.state === "closed") oldest.state = "mailing";
    }
  }

  #next(deviceId: string, now: number): OracleMail[] {
    const queue = this.queue(deviceId);
    const notClosed = queue.findIndex((window) => window.state !== "closed");
    const closed = notClosed < 0 ? queue : queue.slice(0, notClosed);
    const oldest = closed[0];
    if (oldest === undefined) return [];
    const merge = now - this.endOf(oldest) > this.options.catchUpAfterMs;
    const other = closed.findIndex(({ delivered }) => delivered.join() !== oldest.delivered.join());
    return [this.#mail(merge ? closed.slice(0, other < 0 ? closed.length : other) : [oldest])];
  }

  /** What leaves one after the other. */
  queue(deviceId: string): OracleWindow[] {
    return this.unsettled(deviceId).filter(({ state }) => state !== "passed");
  }

  mailing(deviceId: string): OracleWindow[] {
    return this.unsettled(deviceId).filter((window) => window.state === "mailing");
  }

  unsettled(deviceId?: string): OracleWindow[] {
    return this.windows.filter(
      (window) => window.state !== "settled" && (deviceId === undefined || window.deviceId === deviceId),
    );
  }

  /** Closed, and no open one of its device is to leave before. */
  isDue(window: OracleWindow): boolean {
    if (window.state === "passed") return true;
    const before = this.queue(window.deviceId);
    return before.slice(0, before.indexOf(window) + 1).every(({ state }) => state !== "open");
  }

  unsettledOffsets(): number[] {
    const alerts = this.unsettled().flatMap((window) => window.alerts.map((alert) => alert.offset));
    const letters = this.deadLetters.filter((letter) => !letter.settled).map((letter) => letter.offset);
    return [...alerts, ...letters].sort((a, b) => a - b);
  }

  get frontier(): number {
    return Math.min(this.position, ...this.unsettledOffsets(), ...this.pinned.map(({ readFrom }) => readFrom));
  }

  /** Offsets from the frontier to the position that need nothing more, as inclusive runs. */
  settledRuns(): [number, number][] {
    const runs: [number, number][] = [];
    let from = this.frontier;
    for (const unsettled of [...this.unsettledOffsets(), this.position]) {
      if (unsettled > from) runs.push([from, unsettled - 1]);
      from = unsettled + 1;
    }
    return runs;
  }

  #advance(time: number): OracleMail[] {
    this.time = Math.max(this.time, time);
    for (const window of this.unsettled()) {
      if (window.state === "open" && this.endOf(window) <= this.watermark) window.state = "closed";
    }
    return this.#due();
  }

  #due(): OracleMail[] {
    const mails: OracleMail[] = [];
    for (const deviceId of new Set(this.windows.map((window) => window.deviceId))) {
      const oldest = this.queue(deviceId)[0];
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
