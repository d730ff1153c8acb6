/**
 * What `Partition` has to do, said as slowly and plainly as possible: arrays that are searched from end to end, nothing kept that can be
 * worked out, nothing ever forgotten. Written from the design, not from the code.
 */

import { SEVERITIES, type Severity } from "#src/core/alert.js";

export interface OracleOptions {
  readonly windowSizeMs: number;
  readonly graceMs: number;
  readonly maxListed: number;
  /** Of the buffer, which an oracle has not. */
  readonly compactAboveBytes?: number | undefined;
  readonly catchUpAfterMs: number;
  readonly firingForgetMs: number;
  readonly repeatIntervalsMs?: readonly number[] | undefined;
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
  state: "open" | "closed" | "held" | "mailing" | "passed" | "settled";
  /** It has an alert that told something new when it was read; or may have, before a restart. */
  news: boolean;
  /** Was held, and let go then; undefined: it was not. */
  letGoAt: number | undefined;
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
  /** All alerts, in the order in which they were read. */
  heard: (Omit<OracleAlert, "late"> & { readonly muted?: boolean })[] = [];
  /** When each device is mailed of again although it tells nothing new. */
  schedule: Record<string, { step: number; dueAt: number }> = {};

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
      const fresh = { state: "open", news: false, letGoAt: undefined, delivered: [], early: false } as const;
      window = { ...fresh, deviceId: alert.deviceId, start, alerts: [], delivered: [], readFrom };
      const later = open.find((each) => each.start > start);
      this.windows.splice(later === undefined ? this.windows.length : this.windows.indexOf(later), 0, window);
    }
    if (late) this.late++;
    window.alerts.push({ ...alert, late });
    if (urgent || this.isNews(alert)) window.news = true;
    this.heard.push(alert);
    if (!urgent || this.earlyPartOf(window) !== undefined) return mails;
    window.early = true;
    window.state = "closed";
    return [...mails, ...this.#leave(window.deviceId)];
  }

  /** Its type did not fire, or not as badly; or it fired, and is over. Of what is muted nobody was told. */
  isNews({ deviceId, type, severity, resolved }: Omit<OracleAlert, "late">): boolean {
    const before = this.heard.filter((one) => one.deviceId === deviceId && one.type === type);
    const since = before.slice(before.findLastIndex((one) => one.resolved !== resolved) + 1);
    if (resolved) return since.every(({ muted }) => muted);
    return since.every((one) => one.muted || SEVERITIES.indexOf(one.severity) < SEVERITIES.indexOf(severity));
  }

  /** What a mail lists of it: the worst severities first, of a severity the last alert of each type, then the newest. */
  listed({ alerts }: OracleWindow): OracleAlert[] {
    const isLast = ({ severity, type, offset }: OracleAlert): boolean =>
      alerts.every((one) => one.severity !== severity || one.type !== type || one.offset <= offset);
    return alerts
      .toSorted(
        (a, b) =>
          SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
          Number(isLast(b)) - Number(isLast(a)) ||
          b.offset - a.offset,
      )
      .slice(0, this.options.maxListed)
      .sort((a, b) => a.offset - b.offset);
  }

  /** How many of its alerts are in memory: while it is open, those that came since it was full, until they are as many again. */
  kept({ alerts, state }: OracleWindow): number {
    const { maxListed } = this.options;
    const more = alerts.length - maxListed;
    if (more <= 0) return alerts.length;
    return state === "open" ? maxListed + (more % maxListed) : maxListed;
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
  /** `untold`: it was given up, and nobody has it. */
  mailSettled(deviceId: string, offsets: readonly number[], now: number, untold = false): OracleMail[] {
    const windows = this.withAny(offsets);
    const isPassed = windows.every(({ state }) => state === "passed");
    for (const window of windows) window.state = "settled";
    if (untold) {
      delete this.schedule[deviceId];
      this.#release(deviceId, this.watermark);
    }
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
    this.#readAgain();
    if (this.#repeats) this.#restartHeld();
    for (const deviceId of new Set(this.windows.map((window) => window.deviceId))) {
      const unsettled = this.unsettled(deviceId);
      if (unsettled.every(({ state }) => state !== "passed")) continue;
      for (const window of unsettled) if (window.state !== "open") window.state = "closed";
      const [oldest] = unsettled;
      if (oldest?.state === "closed") oldest.state = "mailing";
    }
  }

  /** In what order a device's windows leave follows from those that are open when each begins: what is settled opens none any more. */
  #readAgain(): void {
    const begun = this.unsettled().sort((a, b) => (a.alerts[0]?.offset ?? 0) - (b.alerts[0]?.offset ?? 0));
    const windows = this.windows.filter(({ state }) => state === "settled");
    for (const window of begun) {
      const [first] = window.alerts as [OracleAlert];
      const isOpen = ({ early, alerts }: OracleWindow): boolean =>
        !early || (alerts.at(-1)?.offset ?? 0) > first.offset;
      const later = windows.findIndex(
        (each) =>
          each.state !== "settled" && each.deviceId === window.deviceId && each.start > window.start && isOpen(each),
      );
      windows.splice(later < 0 ? windows.length : later, 0, window);
    }
    this.windows = windows;
  }

  /** Where windows were held, all that is closed leaves as one mail. What told something new before is not known. */
  #restartHeld(): void {
    this.schedule = {};
    const { frontier } = this;
    // The checkpoint says nothing of what was over before the frontier, and not what was muted.
    const isKnown = ({ deviceId, type }: Omit<OracleAlert, "late">): boolean => {
      const last = this.heard.findLast((one) => one.deviceId === deviceId && one.type === type);
      return last?.resolved !== true || last.offset >= frontier;
    };
    this.heard = this.heard.filter(isKnown).map((one) => ({ ...one, muted: false }));
    for (const window of this.windows) window.news = true;
    for (const deviceId of new Set(this.windows.map((window) => window.deviceId))) {
      for (const window of this.unsettled(deviceId))
        if (window.state !== "open") Object.assign(window, { state: "closed", letGoAt: undefined });
      this.#leave(deviceId, true);
    }
  }

  #next(deviceId: string, now: number): OracleMail[] {
    const oldest = this.queue(deviceId)[0];
    if (oldest === undefined) return [];
    return this.#leave(deviceId, now - this.endOf(oldest) > this.options.catchUpAfterMs);
  }

  /** What of a device waits, unless all of it is held; `all` of it, or where some tells nothing new, as one mail. */
  #leave(deviceId: string, all = false): OracleMail[] {
    const queue = this.queue(deviceId);
    const notWaiting = queue.findIndex(({ state }) => state !== "closed" && state !== "held");
    const waiting = notWaiting < 0 ? queue : queue.slice(0, notWaiting);
    const oldest = waiting[0];
    if (oldest === undefined) return [];
    const other = waiting.findIndex(({ delivered }) => delivered.join() !== oldest.delivered.join());
    const together = other < 0 ? waiting : waiting.slice(0, other);
    if (waiting.every(({ state }) => state === "held")) return [];
    const merge = all || (this.#repeats && together.some(({ news }) => !news));
    return [this.#mail(merge ? together : [oldest])];
  }

  get #repeats(): boolean {
    return this.options.repeatIntervalsMs !== undefined;
  }

  /** Held windows leave before their time. */
  letGo(): OracleMail[] {
    return [...new Set(this.windows.map(({ deviceId }) => deviceId))].flatMap((deviceId) =>
      this.#letGo(deviceId, this.watermark),
    );
  }

  #letGo(deviceId: string, at: number): OracleMail[] {
    return this.#release(deviceId, at) ? this.#leave(deviceId) : [];
  }

  /** Its held windows are held no more. Returns whether there were any. */
  #release(deviceId: string, at: number): boolean {
    const held = this.unsettled(deviceId).filter(({ state }) => state === "held");
    for (const window of held) Object.assign(window, { state: "closed", letGoAt: at });
    return held.length > 0;
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
    const mails: OracleMail[] = [];
    const over = this.unsettled().filter((window) => window.state === "open" && this.endOf(window) <= this.watermark);
    for (const window of over.sort((a, b) => a.start - b.start || a.readFrom - b.readFrom)) {
      for (const each of over) if (each.start === window.start && each.state === "open") each.state = "closed";
      if (this.#repeats && !window.news) {
        const dueAt = this.schedule[window.deviceId]?.dueAt ?? Number.NEGATIVE_INFINITY;
        if (this.endOf(window) < dueAt) window.state = "held";
        else window.letGoAt = this.endOf(window);
      }
      mails.push(...this.#leave(window.deviceId));
    }
    for (const [deviceId, { dueAt }] of Object.entries(this.schedule))
      if (dueAt <= this.watermark) mails.push(...this.#letGo(deviceId, dueAt));
    return mails;
  }

  #mail(windows: OracleWindow[]): OracleMail {
    const { deviceId } = windows[0] as OracleWindow;
    const lastEnd = Math.max(...windows.map((window) => this.endOf(window)));
    const at = Math.max(lastEnd, ...windows.map(({ letGoAt = lastEnd }) => letGoAt));
    const before = this.schedule[deviceId];
    const intervals = this.options.repeatIntervalsMs;
    if (intervals !== undefined) {
      const hasNews = windows.some(({ news }) => news);
      const next = before === undefined || hasNews ? 0 : before.step + (at < before.dueAt ? 0 : 1);
      const step = Math.min(next, intervals.length - 1);
      this.schedule[deviceId] = { step, dueAt: at + (intervals[step] as number) };
    }
    for (const window of windows) window.state = "mailing";
    // What cannot leave with them follows.
    for (const window of this.queue(deviceId)) {
      if (windows.includes(window)) continue;
      window.letGoAt = undefined;
      if (window.state === "held") window.state = "closed";
    }
    return { deviceId, windows };
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
